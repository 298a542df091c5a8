// One node's share of the tree's digest. Shared by the tree, which sums what it holds, and the preparer, which
// foretells the sum.

import CKernel
package import Jute

/// Algorithm version 2 (ZooKeeper 3.9, `DigestCalculator`): CRC-32 over path, data and the stored numbers.
/// The tree's digest is the sum over its nodes, modulo 2^64.
package enum NodeDigest {
    /// Whether the node counts: everything strictly below `/zookeeper` differs between servers and does not.
    package static func counts(_ path: UString) -> Bool { !path.bytes.starts(with: ignoredPrefix) }

    private static let ignoredPrefix = Array("/zookeeper/".utf8)

    /// The checksum over path and data. It stays as long as the data does, whatever happens to the numbers.
    package static func prefix(path: UString, data: [UInt8]?) -> UInt32 {
        let named = path == ZnodePath.root ? 0 : extend(0, path.bytes)
        return data.map { extend(named, $0) } ?? named
    }

    /// As above, for a znode of a tree.
    static func prefix(of node: NodeRef) -> UInt32 { unsafe extend(extend(0, node.path), node.data) }

    /// The digest of a node with these numbers; the order differs from the one in snapshots.
    package static func value(prefix: UInt32, stat: StatPersisted) -> UInt64 {
        var numbers: InlineArray<60, UInt8> = .init(repeating: 0)
        var span = numbers.mutableSpan
        return unsafe span.withUnsafeMutableBytes { bytes in
            unsafe bytes.storeBytes(of: stat.czxid.rawValue.bigEndian, toByteOffset: 0, as: Int64.self)
            unsafe bytes.storeBytes(of: stat.mzxid.rawValue.bigEndian, toByteOffset: 8, as: Int64.self)
            unsafe bytes.storeBytes(of: stat.pzxid.rawValue.bigEndian, toByteOffset: 16, as: Int64.self)
            unsafe bytes.storeBytes(of: stat.ctime.bigEndian, toByteOffset: 24, as: Int64.self)
            unsafe bytes.storeBytes(of: stat.mtime.bigEndian, toByteOffset: 32, as: Int64.self)
            unsafe bytes.storeBytes(of: stat.version.bigEndian, toByteOffset: 40, as: Int32.self)
            unsafe bytes.storeBytes(of: stat.cversion.bigEndian, toByteOffset: 44, as: Int32.self)
            unsafe bytes.storeBytes(of: stat.aversion.bigEndian, toByteOffset: 48, as: Int32.self)
            unsafe bytes.storeBytes(of: stat.ephemeralOwner.bigEndian, toByteOffset: 52, as: Int64.self)
            return UInt64(unsafe extend(prefix, UnsafeRawBufferPointer(bytes)))
        }
    }

    /// A znode's share of its tree's digest; 0 if it does not count.
    static func of(_ node: NodeRef) -> UInt64 {
        let path = unsafe node.path
        if path.count >= ignoredPrefix.count, unsafe path.prefix(ignoredPrefix.count).elementsEqual(ignoredPrefix) {
            return 0
        }
        return value(prefix: prefix(of: node), stat: node.persisted)
    }

    private static func extend(_ checksum: UInt32, _ bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe extend(checksum, $0) }
    }

    private static func extend(_ checksum: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard let start = bytes.baseAddress else { return checksum }
        return unsafe ckernel_crc32(checksum, start, bytes.count)
    }
}
