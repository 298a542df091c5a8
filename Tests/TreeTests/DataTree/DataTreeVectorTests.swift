// Directories written by Apache ZooKeeper: replaying their logs must give their digests, transaction by transaction,
// and the tree that a client read back.

import Foundation
import Jute
import Testing
import Tree

@Suite struct DataTreeVectorTests {
    private static let vectors = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Vectors/storage")

    private func bytes(_ url: URL) throws -> [UInt8] { [UInt8](try Data(contentsOf: url)) }

    /// The newest file of a kind in a version-2 directory, and the zxid in its name.
    private func newest(_ kind: String, in directory: URL) throws -> (url: URL, zxid: Zxid) {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter {
            $0.hasPrefix(kind + ".")
        }
        let found = try names.map { name in (name, try #require(Int64(name.split(separator: ".")[1], radix: 16))) }
        let best = try #require(found.max { $0.1 < $1.1 })
        return (directory.appendingPathComponent(best.0), Zxid(best.1))
    }

    /// Payloads of a log up to its padding; the checksums are the storage module's business.
    private func records(_ log: [UInt8]) throws -> [TxnRecord] {
        var decoder = JuteDecoder(log.span)
        try decoder.skip(16)
        var records: [TxnRecord] = []
        while decoder.remaining >= 12 {
            _ = try decoder.readInt64()
            guard let payload = try decoder.readBuffer(), !payload.isEmpty else { break }
            try decoder.skip(1)
            records.append(try TxnRecord(decoding: payload))
        }
        return records
    }

    private func replay(_ directory: String) throws -> DataTree {
        let version2 = Self.vectors.appendingPathComponent(directory).appendingPathComponent("version-2")
        let snapshot = try newest("snapshot", in: version2)
        var loader = SnapshotLoader(seed: 99)
        _ = try loader.consume(Array(try bytes(snapshot.url).dropFirst(16)))
        let tree = try loader.finish()
        tree.resetLastProcessedZxid(snapshot.zxid)
        var compared = 0
        for record in try records(try bytes(try newest("log", in: version2).url)) where record.zxid > snapshot.zxid {
            let applied = tree.apply(record)
            if record.digest != nil { compared += 1 }
            #expect(!applied.digestMismatch, "\(directory), \(record.header)")
        }
        #expect(compared > 0)
        #expect(tree.checkInvariants().isEmpty)
        return tree
    }

    private struct Expected: Decodable {
        struct Node: Decodable {
            struct Numbers: Decodable, Equatable {
                var czxid, mzxid, pzxid, ephemeralOwner: String
                var ctime, mtime: Int64
                var version, cversion, aversion, dataLength, numChildren: Int32
            }
            struct Entry: Decodable { var perms: Int32; var scheme, id: String }
            var path: String
            var data: String?
            var stat: Numbers
            var acl: [Entry]?
        }
        var tree: [Node]
    }

    private func numbers(_ stat: Stat) -> Expected.Node.Numbers {
        func hex(_ value: Int64) -> String { "0x" + String(UInt64(bitPattern: value), radix: 16) }
        return Expected.Node.Numbers(
            czxid: hex(stat.czxid.rawValue), mzxid: hex(stat.mzxid.rawValue), pzxid: hex(stat.pzxid.rawValue),
            ephemeralOwner: hex(stat.ephemeralOwner), ctime: stat.ctime, mtime: stat.mtime, version: stat.version,
            cversion: stat.cversion, aversion: stat.aversion, dataLength: stat.dataLength, numChildren: stat.numChildren
        )
    }

    private func compare(_ tree: DataTree, _ file: String, except: Set<String> = []) throws {
        let json = try Data(contentsOf: Self.vectors.appendingPathComponent(file))
        let expected = try JSONDecoder().decode(Expected.self, from: json).tree
        for node in expected where !except.contains(node.path) {
            let found = try #require(tree.node(at: UString(node.path)), "\(node.path) is missing")
            let data = (tree.data(of: found) ?? []).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
                .joined()
            #expect(data == node.data ?? "", "\(node.path)")
            if node.path != "/zookeeper/config" { #expect(numbers(tree.stat(of: found)) == node.stat, "\(node.path)") }
            if let acl = node.acl {
                let list = acl.map { ACL(perms: $0.perms, id: Id(scheme: UString($0.scheme), id: UString($0.id))) }
                #expect(tree.acl(of: found) == list, "\(node.path)")
            }
        }
        let extra = Set(tree.sortedDump().map { $0.path.description }).subtracting(expected.map(\.path))
        #expect(extra == except.subtracting(["/"]), "\(file)")
    }

    @Test func release394() throws {
        try compare(try replay("3.9.4/log-only"), "3.9.4/expected-tree.json")
        try compare(try replay("3.9.4/snap-plain"), "3.9.4/expected-tree-snap-plain.json")
    }

    @Test func release380() throws {
        try compare(try replay("3.8.0/log-only"), "3.8.0/expected-tree.json")
        try compare(try replay("3.8.0/snap-plain"), "3.8.0/expected-tree-snap-plain.json")
    }
}
