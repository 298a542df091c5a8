// Writing a block's body and reading it back as values. Apart from NodeRef because readers on the hot path need none
// of it.

import CKernel
import Glibc
public import Jute

extension NodeRef {
    /// Writes length and data. What follows, the Stat, must be written again afterwards: it has moved.
    func write(data: UnsafeRawBufferPointer?) {
        let start = unsafe address + BlockLayout.path + pathLength
        let length = unsafe data.map { Int32($0.count) } ?? -1
        unsafe start.storeBytes(of: length.bigEndian, as: Int32.self)
        if let data = unsafe data { unsafe (start + 4).copy(data) }
    }

    /// Writes the whole Stat, for a znode without children, and what stands behind it.
    func writeStat(_ stat: StatPersisted) {
        setStat64(StatLayout.czxid, stat.czxid.rawValue)
        setStat64(StatLayout.mzxid, stat.mzxid.rawValue)
        setStat64(StatLayout.ctime, stat.ctime)
        setStat64(StatLayout.mtime, stat.mtime)
        setStat32(StatLayout.version, stat.version)
        setStat32(StatLayout.aversion, stat.aversion)
        setStat64(StatLayout.ephemeralOwner, kind == .ephemeral ? stat.ephemeralOwner : 0)
        setStat32(StatLayout.dataLength, Int32(dataLength))
        setStat32(StatLayout.numChildren, 0)
        setStat64(StatLayout.pzxid, stat.pzxid.rawValue)
        if hasFamily {
            setFamilyField(FamilyLayout.firstChild, 0)
            setFamilyField(FamilyLayout.storedCVersion, UInt32(bitPattern: stat.cversion))
            setChildNameBytes(0)
        }
        refreshCVersion()
        if kind == .ttl { setTTLOwner(stat.ephemeralOwner) }
    }

    /// The stored numbers, as snapshots and digests need them.
    public var persisted: StatPersisted {
        StatPersisted(
            czxid: czxid, mzxid: mzxid, ctime: stat64(StatLayout.ctime), mtime: mtime, version: version,
            cversion: storedCVersion, aversion: aversion, ephemeralOwner: storedOwner, pzxid: pzxid)
    }

    /// What clients see.
    public var clientStat: Stat {
        Stat(
            czxid: czxid, mzxid: mzxid, ctime: stat64(StatLayout.ctime), mtime: mtime, version: version,
            cversion: stat32(StatLayout.cversion), aversion: aversion,
            ephemeralOwner: stat64(StatLayout.ephemeralOwner), dataLength: stat32(StatLayout.dataLength),
            numChildren: stat32(StatLayout.numChildren), pzxid: pzxid)
    }

    public var dataBytes: [UInt8]? { dataIsNull ? nil : unsafe [UInt8](data) }

    public var pathString: UString { UString(bytes: unsafe [UInt8](path)) }

    /// As `pathString`, the root being "/".
    public var clientPath: UString { pathLength == 0 ? "/" : pathString }
}

extension UnsafeMutableRawPointer {
    func copy(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        unsafe copyMemory(from: start, byteCount: bytes.count)
    }
}

/// Most paths are too short to be worth a call.
@inline(__always)
func bytesEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    if a.count != b.count { return false }
    guard let left = a.baseAddress, let right = b.baseAddress else { return true }
    if a.count < 16 || a.count > 32 { return unsafe memcmp(left, right, a.count) == 0 }
    // The first and the last sixteen, which may be some of the first again.
    let last = a.count &- 16
    return unsafe sixteenEqual(left, right) && sixteenEqual(left + last, right + last)
}

@inline(__always)
private func sixteenEqual(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer) -> Bool {
    let first = unsafe a.loadUnaligned(as: UInt64.self) ^ b.loadUnaligned(as: UInt64.self)
    let second = unsafe (a + 8).loadUnaligned(as: UInt64.self) ^ (b + 8).loadUnaligned(as: UInt64.self)
    return first | second == 0
}

/// Asks for the first four cache lines of a block: all of an ordinary znode.
@inline(__always)
func prefetchBlock(_ address: UnsafeMutableRawPointer) {
    unsafe ckernel_prefetch(address)
    unsafe ckernel_prefetch(address + 64)
    unsafe ckernel_prefetch(address + 128)
    unsafe ckernel_prefetch(address + 192)
}
