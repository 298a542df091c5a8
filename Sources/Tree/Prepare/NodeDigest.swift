// One node's share of the tree's digest. Shared by the tree, which sums what it holds, and the preparer, which
// foretells the sum.

import CZlib
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
        let whole = data.map { extend(named, $0) } ?? named
        return UInt32(truncatingIfNeeded: whole)
    }

    /// The digest of a node with these numbers; the order differs from the one in snapshots.
    package static func value(prefix: UInt32, stat: StatPersisted) -> UInt64 {
        var encoder = JuteEncoder(capacity: StatPersisted.encodedSize)
        encoder.write(stat.czxid.rawValue)
        encoder.write(stat.mzxid.rawValue)
        encoder.write(stat.pzxid.rawValue)
        encoder.write(stat.ctime)
        encoder.write(stat.mtime)
        encoder.write(stat.version)
        encoder.write(stat.cversion)
        encoder.write(stat.aversion)
        encoder.write(stat.ephemeralOwner)
        return UInt64(unsafe encoder.withUnsafeBytes { unsafe extend(UInt(prefix), $0) })
    }

    private static func extend(_ checksum: UInt, _ bytes: [UInt8]) -> UInt {
        unsafe bytes.withUnsafeBytes { unsafe extend(checksum, $0) }
    }

    private static func extend(_ checksum: UInt, _ bytes: UnsafeRawBufferPointer) -> UInt {
        // A region without an address would restart the checksum.
        guard let base = bytes.baseAddress else { return checksum }
        return unsafe crc32(checksum, base.assumingMemoryBound(to: UInt8.self), UInt32(bytes.count))
    }
}
