// Reading ahead on a thread: the same pieces, the same trees and the same errors as without it.

import Jute
import MeerkatServer
import Replica
import ReplicaStore
import Simulator
import Storage
import Synchronization
import Testing
import Tree

@Suite struct ReadAheadThreadTests {
    @Test func piecesComeInOrderAndNotWithoutBound() throws {
        let made = Atomic<Int>(0)
        let next = ReadAheadThread().pieces { () throws(StorageError) -> Int? in
            let number = made.add(1, ordering: .relaxed).oldValue
            return number < 1_000 ? number : nil
        }
        var taken = 0
        while let piece = try next() {
            #expect(piece == taken)
            taken += 1
            #expect(made.load(ordering: .relaxed) <= taken + 14)
        }
        #expect(taken == 1_000)
    }

    @Test func anErrorComesBehindThePiecesBeforeIt() throws {
        var number = 0
        let next = ReadAheadThread().pieces { () throws(StorageError) -> Int? in
            number += 1
            if number == 20 { throw .undecodable("piece \(number)") }
            return number
        }
        for piece in 1..<20 { #expect(try next() == piece) }
        #expect(throws: StorageError.undecodable("piece 20")) { try next() }
    }

    @Test func theThreadEndsWhenNobodyTakes() throws {
        let ended = Ended()
        do {
            let watched = Watched(ended)
            let next = ReadAheadThread().pieces { () throws(StorageError) -> Watched? in watched }
            _ = try next()
        }
        let hasEnded = ended.value.load(ordering: .relaxed)
        #expect(hasEnded)
    }

    private final class Ended: Sendable { let value = Atomic<Bool>(false) }

    /// Says when nobody holds it any more.
    private final class Watched {
        private let ended: Ended
        init(_ ended: Ended) { self.ended = ended }
        deinit { ended.value.store(true, ordering: .relaxed) }
    }

    // MARK: Recovery

    /// What a start comes to: tree and report, or the error.
    private func outcome(_ files: [String: [UInt8]], _ readAhead: any ReadAhead) -> String {
        let drive = MemoryDrive(seed: 1)
        for (name, bytes) in files { drive.disk("version").place(name, bytes) }
        var options = RecoveryOptions()
        options.readAhead = readAhead
        let store = ReplicaStore(
            directory: DataDirectory(
                root: drive.disk("root"), snapshots: drive.disk("version"), logs: drive.disk("version")),
            making: TreeMaking(seed: 5), options: options)
        do throws(StorageError) {
            let start = try store.recover()
            let tree = start.state.tree
            return "\(tree.lastProcessedZxid) \(tree.treeDigest) \(tree.nodeCount) \(start.report)"
        } catch { return "\(error)" }
    }

    private func expectSameOutcome(_ files: [String: [UInt8]], _ comment: Comment) {
        #expect(outcome(files, ReadAheadThread()) == outcome(files, NoReadAhead()), comment)
    }

    /// A snapshot of several pieces and a log behind it.
    private func files() throws -> [String: [UInt8]] {
        let drive = MemoryDrive(seed: 1)
        let disk = drive.disk("version")
        let tree = DataTree(seed: 1)
        var log = TxnLogWriter(disk: disk)
        for number in 1...6_000 as ClosedRange<UInt32> {
            let zxid = Zxid(epoch: Epoch(1), counter: number)
            let body = CreateTxn(
                path: UString("/n\(number)"), data: [UInt8](repeating: 7, count: 60),
                acl: [ACL(perms: 31, id: Id(scheme: "world", id: "anyone"))], ephemeral: false,
                parentCVersion: Int32(number))
            let header = TxnHeader(
                clientId: SessionID(1), cxid: Xid(1), zxid: zxid, time: 1, type: OpCode.create.rawValue)
            let txn = TxnRecord(header: header, body: .create(body), digest: nil)
            _ = tree.apply(txn)
            if number > 3_000 { try log.append(zxid, txn.encoded()) }
            if number == 3_000 {
                var snapshot = try SnapshotWriter(disk: disk, zxid: zxid)
                try snapshot.write(tree.encodedSnapshot())
                _ = try snapshot.finish()
            }
        }
        try log.sync()
        var files: [String: [UInt8]] = [:]
        for name in try disk.list() { files[name] = disk.contents(name) }
        return files
    }

    @Test func recoversTheSameTree() throws {
        let files = try files()
        let found = outcome(files, ReadAheadThread())
        #expect(found.hasPrefix("\(Zxid(epoch: Epoch(1), counter: 6_000)) "))
        #expect(found == outcome(files, NoReadAhead()))
    }

    @Test func damageIsTheSameErrorWhereverItStands() throws {
        let sound = try files()
        var seed: UInt64 = 1
        for name in sound.keys.sorted() {
            let used = (try #require(sound[name]).lastIndex { $0 != 0 } ?? 0) + 1
            for _ in 0..<8 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                var files = sound
                files[name]![Int(seed >> 33) % used] ^= UInt8(truncatingIfNeeded: seed >> 25) | 1
                expectSameOutcome(files, "\(name), seed \(seed)")
            }
            for _ in 0..<2 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                var files = sound
                files[name]!.removeLast(files[name]!.count - Int(seed >> 33) % used)
                expectSameOutcome(files, "\(name) cut, seed \(seed)")
            }
        }
    }
}
