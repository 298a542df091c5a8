// One znode's share of the tree's digest: the numbers by which servers notice that they differ.

import CZlib
import Jute

extension NodeDigest {
    /// What stands below this is kept by each server for itself and does not count.
    private static let localPrefix = Array("/zookeeper/".utf8)

    /// CRC-32 over path, data and stored numbers (ZooKeeper, `DigestCalculator`, version 2; its order of numbers is
    /// not that of snapshots).
    static func of(_ node: NodeRef) -> UInt32 {
        let path = unsafe node.path
        if path.count >= localPrefix.count, unsafe path.prefix(localPrefix.count).elementsEqual(localPrefix) {
            return 0
        }
        var crc = unsafe update(0, path)
        crc = unsafe update(crc, node.data)
        var numbers: InlineArray<60, UInt8> = .init(repeating: 0)
        var span = numbers.mutableSpan
        unsafe span.withUnsafeMutableBytes { bytes in
            let stat = unsafe node.stat
            unsafe copy(stat, StatLayout.czxid, 16, to: bytes, 0)
            unsafe copy(stat, StatLayout.pzxid, 8, to: bytes, 16)
            unsafe copy(stat, StatLayout.ctime, 16, to: bytes, 24)
            unsafe copy(stat, StatLayout.version, 4, to: bytes, 40)
            unsafe bytes.storeBytes(of: node.storedCVersion.bigEndian, toByteOffset: 44, as: Int32.self)
            unsafe copy(stat, StatLayout.aversion, 4, to: bytes, 48)
            unsafe bytes.storeBytes(of: node.storedOwner.bigEndian, toByteOffset: 52, as: Int64.self)
            crc = unsafe update(crc, UnsafeRawBufferPointer(bytes))
        }
        return UInt32(truncatingIfNeeded: crc)
    }

    /// The checksum over path and data alone, which `value(prefix:stat:)` completes.
    static func prefix(of node: NodeRef) -> UInt32 {
        UInt32(truncatingIfNeeded: unsafe update(update(0, node.path), node.data))
    }

    private static func copy(
        _ from: UnsafeRawBufferPointer, _ offset: Int, _ count: Int, to: UnsafeMutableRawBufferPointer, _ target: Int
    ) {
        unsafe UnsafeMutableRawBufferPointer(rebasing: to[target..<target + count])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: from[offset..<offset + count]))
    }

    private static func update(_ crc: UInt, _ bytes: UnsafeRawBufferPointer) -> UInt {
        guard let start = bytes.baseAddress else { return crc }
        return unsafe crc32(crc, start.assumingMemoryBound(to: UInt8.self), UInt32(bytes.count))
    }
}
