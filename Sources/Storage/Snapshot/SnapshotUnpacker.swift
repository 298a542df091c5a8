// Reads a snapshot file piece by piece and unpacks it. Bad bytes are errors, and no length found in them is trusted
// with memory.

import CSnappy
import CZlib

/// Gives the snapshot's bytes in order.
protocol SnapshotUnpacker: AnyObject {
    /// Fills `room`, which has some, from index `start` as far as it can in one go: at least one byte, or 0 at the end.
    func fill(_ room: inout [UInt8], from start: Int) throws(StorageError) -> Int
}

/// The file's own bytes.
final class PlainUnpacker<File: DiskFile>: SnapshotUnpacker {
    private let file: File
    private var offset = 0

    init(_ file: File) { self.file = file }

    func fill(_ room: inout [UInt8], from start: Int) throws(StorageError) -> Int {
        let got = try file.read(at: offset, into: &room, from: start)
        offset += got
        return got
    }
}

@safe
final class GzipUnpacker<File: DiskFile>: SnapshotUnpacker {
    private let file: File
    private let stream: UnsafeMutablePointer<z_stream>
    private var packed = [UInt8](repeating: 0, count: 256 << 10)
    private var head = 0
    private var tail = 0
    private var offset = 0
    private var ended = false

    init(_ file: File) {
        self.file = file
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let result = unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "inflateInit2 gave \(result)")
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    func fill(_ room: inout [UInt8], from start: Int) throws(StorageError) -> Int {
        while !ended {
            if head == tail {
                head = 0
                tail = try file.read(at: offset, into: &packed, from: 0)
                offset += tail
                if tail == 0 { throw .corruptSnapshot(file: file.name, reason: "the gzip stream is cut short") }
            }
            let (result, used, made) = inflateStep(&room, from: start)
            head += used
            if result == Z_STREAM_END { ended = true }
            guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else {
                throw .corruptSnapshot(file: file.name, reason: "inflate gave \(result)")
            }
            if made > 0 { return made }
        }
        return 0
    }

    private func inflateStep(_ room: inout [UInt8], from start: Int) -> (result: Int32, used: Int, made: Int) {
        let available = tail - head
        return unsafe packed.withUnsafeMutableBufferPointer { input in
            unsafe room.withUnsafeMutableBufferPointer { output in
                let limit = min(output.count - start, Int(UInt32.max))
                unsafe stream.pointee.next_in = input.baseAddress! + head
                unsafe stream.pointee.avail_in = UInt32(available)
                unsafe stream.pointee.next_out = output.baseAddress! + start
                unsafe stream.pointee.avail_out = UInt32(limit)
                let result = unsafe inflate(stream, Z_NO_FLUSH)
                return unsafe (
                    result, available - Int(stream.pointee.avail_in), limit - Int(stream.pointee.avail_out)
                )
            }
        }
    }
}

final class SnappyUnpacker<File: DiskFile>: SnapshotUnpacker {
    private let file: File
    private let size: Int
    private var offset = 0
    private var block: [UInt8] = []
    private var head = 0

    init(_ file: File) throws(StorageError) {
        self.file = file
        size = try file.size()
        let header = try file.read(at: 0, count: XerialSnappy.headerSize)
        guard header.count == XerialSnappy.headerSize, header.starts(with: XerialSnappy.magic) else {
            throw .corruptSnapshot(file: file.name, reason: "no snappy header")
        }
        offset = XerialSnappy.headerSize
    }

    func fill(_ room: inout [UInt8], from start: Int) throws(StorageError) -> Int {
        while head == block.count {
            if offset == size { return 0 }
            block = try nextBlock()
            head = 0
        }
        let count = min(room.count - start, block.count - head)
        room.replaceSubrange(start..<start + count, with: block[head..<head + count])
        head += count
        return count
    }

    private func nextBlock() throws(StorageError) -> [UInt8] {
        let prefix = try file.read(at: offset, count: 4)
        guard prefix.count == 4 else { throw damage("a block is cut short") }
        let length = Int(prefix.span.bigEndian(at: 0, as: Int32.self))
        guard length > 0, length <= size - offset - 4 else { throw damage("a block of \(length) bytes") }
        let packed = try file.read(at: offset + 4, count: length)
        guard packed.count == length else { throw damage("a block is cut short") }
        offset += 4 + length
        var unpackedLength = 0
        let known = unsafe packed.withUnsafeBytes { bytes in
            unsafe snappy_uncompressed_length(
                bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count, &unpackedLength)
        }
        guard known == SNAPPY_OK, unpackedLength <= XerialSnappy.largestBlock else {
            throw damage("a block without a length")
        }
        var result = [UInt8](repeating: 0, count: unpackedLength)
        let status = unsafe packed.withUnsafeBytes { bytes in
            unsafe result.withUnsafeMutableBytes { room in
                unsafe snappy_uncompress(
                    bytes.assumingMemoryBound(to: CChar.self).baseAddress, bytes.count,
                    room.assumingMemoryBound(to: CChar.self).baseAddress, &unpackedLength)
            }
        }
        guard status == SNAPPY_OK else { throw damage("a block does not unpack") }
        return result
    }

    private func damage(_ reason: String) -> StorageError { .corruptSnapshot(file: file.name, reason: reason) }
}
