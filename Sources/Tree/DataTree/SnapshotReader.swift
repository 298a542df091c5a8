// Checked reads at offsets of a snapshot's bytes. Unlike JuteDecoder it tells "not yet" from "never": more bytes may
// follow.

import Jute

/// Bytes of a snapshot stream from the start of an entry on.
@safe
struct SnapshotReader {
    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

    var count: Int { unsafe bytes.count }

    func int32(_ offset: Int) -> Int32? {
        if count - offset < 4 { return nil }
        return Int32(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
    }

    func int64(_ offset: Int) -> Int64? {
        if count - offset < 8 { return nil }
        return Int64(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self))
    }

    /// The bytes behind a length, null being empty; nil if they are not all there.
    func bytes(_ offset: Int, _ maximum: Int) throws(SnapshotError) -> UnsafeRawBufferPointer? {
        guard let length = int32(offset) else { return nil }
        if length < -1 || Int(length) > maximum { throw .lengthOutOfBounds(length) }
        let size = max(0, Int(length))
        if count - offset - 4 < size { return nil }
        return unsafe slice(offset + 4, size)
    }

    /// After `bytes` found too few: how many there must be for it to get further.
    func needed(_ offset: Int) -> Int {
        guard let length = int32(offset) else { return offset + 4 }
        return offset + 4 + max(0, Int(length))
    }

    func string(_ offset: Int, _ maximum: Int) throws(SnapshotError) -> UString? {
        guard let bytes = try unsafe bytes(offset, maximum) else { return nil }
        return int32(offset) == -1 ? .null : UString(bytes: unsafe [UInt8](bytes))
    }

    /// Bytes known to be there.
    func slice(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    /// The stored numbers at `offset`, known to be there.
    func stat(_ offset: Int) -> StatPersisted {
        let numbers = unsafe slice(offset, StatPersisted.encodedSize)
        func long(_ at: Int) -> Int64 {
            Int64(bigEndian: unsafe numbers.loadUnaligned(fromByteOffset: at, as: Int64.self))
        }
        func int(_ at: Int) -> Int32 {
            Int32(bigEndian: unsafe numbers.loadUnaligned(fromByteOffset: at, as: Int32.self))
        }
        return StatPersisted(
            czxid: Zxid(long(0)), mzxid: Zxid(long(8)), ctime: long(16), mtime: long(24), version: int(32),
            cversion: int(36), aversion: int(40), ephemeralOwner: long(44), pzxid: Zxid(long(52)))
    }
}
