// One node's share of the tree's digest. Shared by the tree, which sums what it holds, and the preparer, which
// foretells the sum.

import CKernel
public import Jute

/// Algorithm version 2 (ZooKeeper 3.9, `DigestCalculator`): CRC-32 over path, data and the stored numbers.
/// The tree's digest is the sum over its nodes, modulo 2^64.
public enum NodeDigest {
    /// Whether the node counts: everything strictly below `/zookeeper` differs between servers and does not.
    public static func counts(_ path: UString) -> Bool { !path.bytes.starts(with: ignoredPrefix) }

    private static let ignoredPrefix = Array("/zookeeper/".utf8)

    /// The checksum over path and data. It stays as long as the data does, whatever happens to the numbers.
    public static func prefix(path: UString, data: [UInt8]?) -> UInt32 {
        let named = path == ZnodePath.root ? 0 : extend(0, path.bytes)
        return data.map { extend(named, $0) } ?? named
    }

    /// As above, for a znode of a tree.
    static func prefix(of node: NodeRef) -> UInt32 { unsafe extend(extend(0, node.path), node.data) }

    /// The digest of a node with these numbers.
    public static func value(prefix: UInt32, stat: StatPersisted) -> UInt64 {
        unsafe withUnsafeTemporaryAllocation(byteCount: numbersSize, alignment: 8) { room in
            unsafe write(stat, to: room, at: 0)
            return UInt64(unsafe extend(prefix, UnsafeRawBufferPointer(room)))
        }
    }

    /// A znode's share of its tree's digest; 0 if it does not count.
    static func of(_ node: NodeRef) -> UInt64 { unsafe of(path: node.path, data: node.data, node.persisted) }

    /// As above, for a znode that is in no tree yet. The root's path is empty.
    static func of(path: UnsafeRawBufferPointer, data: UnsafeRawBufferPointer, _ stat: StatPersisted) -> UInt64 {
        if unsafe isIgnored(path) { return 0 }
        let count = path.count + data.count
        if count > gatheredSize { return value(prefix: unsafe extend(extend(0, path), data), stat: stat) }
        // One long piece costs half as much as three short ones.
        return unsafe withUnsafeTemporaryAllocation(byteCount: gatheredSize + numbersSize, alignment: 8) { room in
            unsafe room.copyMemory(from: path)
            unsafe UnsafeMutableRawBufferPointer(rebasing: room[path.count...]).copyMemory(from: data)
            unsafe write(stat, to: room, at: count)
            return UInt64(unsafe extend(0, UnsafeRawBufferPointer(rebasing: room[..<(count + numbersSize)])))
        }
    }

    @unsafe
    private static func isIgnored(_ path: UnsafeRawBufferPointer) -> Bool {
        unsafe ignoredPrefix.withUnsafeBytes { prefix in
            if path.count < prefix.count { return false }
            return unsafe bytesEqual(UnsafeRawBufferPointer(rebasing: path[..<prefix.count]), prefix)
        }
    }

    /// Bytes of path and data up to which they are gathered in front of the numbers; the stack holds both.
    private static let gatheredSize = 960
    private static let numbersSize = 60

    /// The numbers as they are summed; the order differs from the one in snapshots.
    @unsafe
    private static func write(_ stat: StatPersisted, to room: UnsafeMutableRawBufferPointer, at offset: Int) {
        unsafe room.storeBytes(of: stat.czxid.rawValue.bigEndian, toByteOffset: offset, as: Int64.self)
        unsafe room.storeBytes(of: stat.mzxid.rawValue.bigEndian, toByteOffset: offset + 8, as: Int64.self)
        unsafe room.storeBytes(of: stat.pzxid.rawValue.bigEndian, toByteOffset: offset + 16, as: Int64.self)
        unsafe room.storeBytes(of: stat.ctime.bigEndian, toByteOffset: offset + 24, as: Int64.self)
        unsafe room.storeBytes(of: stat.mtime.bigEndian, toByteOffset: offset + 32, as: Int64.self)
        unsafe room.storeBytes(of: stat.version.bigEndian, toByteOffset: offset + 40, as: Int32.self)
        unsafe room.storeBytes(of: stat.cversion.bigEndian, toByteOffset: offset + 44, as: Int32.self)
        unsafe room.storeBytes(of: stat.aversion.bigEndian, toByteOffset: offset + 48, as: Int32.self)
        unsafe room.storeBytes(of: stat.ephemeralOwner.bigEndian, toByteOffset: offset + 52, as: Int64.self)
    }

    private static func extend(_ checksum: UInt32, _ bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe extend(checksum, $0) }
    }

    private static func extend(_ checksum: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
        guard let start = bytes.baseAddress else { return checksum }
        return unsafe ckernel_crc32(checksum, start, bytes.count)
    }
}
