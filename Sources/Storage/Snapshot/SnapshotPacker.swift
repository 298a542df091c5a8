// Packs a snapshot's bytes on their way to the file: not at all, as one gzip member, or as snappy blocks.

import CSnappy
import CZlib

/// Appends packed bytes to an array. `finish` must be called once, last.
protocol SnapshotPacker: AnyObject {
    func pack(_ bytes: Span<UInt8>, into output: inout [UInt8])
    func finish(into output: inout [UInt8])
}

extension SnapshotCompression {
    var packer: any SnapshotPacker {
        switch self {
        case .none: PlainPacker()
        case .gzip: GzipPacker()
        case .snappy: SnappyPacker()
        }
    }
}

private final class PlainPacker: SnapshotPacker {
    func pack(_ bytes: Span<UInt8>, into output: inout [UInt8]) { output.append(bytes) }
    func finish(into output: inout [UInt8]) {}
}

/// One gzip member around the whole file.
@safe
private final class GzipPacker: SnapshotPacker {
    private static let gzipWindow: Int32 = 15 + 16
    /// zlib keeps the stream's address, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>

    init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let result = unsafe deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, Self.gzipWindow, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        precondition(result == Z_OK, "deflateInit2 gave \(result)")
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    func pack(_ bytes: Span<UInt8>, into output: inout [UInt8]) { run(bytes, Z_NO_FLUSH, into: &output) }

    func finish(into output: inout [UInt8]) {
        let nothing: [UInt8] = []
        run(nothing.span, Z_FINISH, into: &output)
    }

    private func run(_ bytes: Span<UInt8>, _ flush: Int32, into output: inout [UInt8]) {
        precondition(bytes.count <= Int(UInt32.max), "a piece of \(bytes.count) bytes")
        var room = [UInt8](repeating: 0, count: 64 << 10)
        unsafe bytes.withUnsafeBufferPointer { input in
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            unsafe stream.pointee.avail_in = UInt32(input.count)
            while true {
                let used = unsafe room.withUnsafeMutableBufferPointer { buffer in
                    unsafe stream.pointee.next_out = buffer.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(buffer.count)
                    let result = unsafe deflate(stream, flush)
                    precondition(
                        result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR, "deflate gave \(result)")
                    return unsafe buffer.count - Int(stream.pointee.avail_out)
                }
                output.append(contentsOf: room[..<used])
                if used < room.count { return }
            }
        }
    }
}

/// The xerial stream format: a header, then blocks, each preceded by its packed length.
enum XerialSnappy {
    static let magic: [UInt8] = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]
    static let headerSize = 16
    static let blockSize = 32 << 10
    /// Other writers may choose larger blocks; beyond this it is damage.
    static let largestBlock = 1 << 27
}

private final class SnappyPacker: SnapshotPacker {
    private var block: [UInt8] = []
    private var begun = false
    private var room = [UInt8](repeating: 0, count: snappy_max_compressed_length(XerialSnappy.blockSize))

    func pack(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        begin(into: &output)
        var rest = bytes
        while !rest.isEmpty {
            let count = min(rest.count, XerialSnappy.blockSize - block.count)
            block.append(rest.extracting(first: count))
            rest = rest.extracting(count...)
            if block.count == XerialSnappy.blockSize { flush(into: &output) }
        }
    }

    func finish(into output: inout [UInt8]) {
        begin(into: &output)
        flush(into: &output)
    }

    private func begin(into output: inout [UInt8]) {
        if begun { return }
        begun = true
        output.append(contentsOf: XerialSnappy.magic)
        output.append(bigEndian: Int32(1))
        output.append(bigEndian: Int32(1))
    }

    private func flush(into output: inout [UInt8]) {
        if block.isEmpty { return }
        var length = room.count
        let status = unsafe block.withUnsafeBytes { input in
            unsafe room.withUnsafeMutableBytes { packed in
                unsafe snappy_compress(
                    input.assumingMemoryBound(to: CChar.self).baseAddress, input.count,
                    packed.assumingMemoryBound(to: CChar.self).baseAddress, &length)
            }
        }
        precondition(status == SNAPPY_OK, "snappy_compress gave \(status)")
        output.append(bigEndian: Int32(length))
        output.append(contentsOf: room[..<length])
        block.removeAll(keepingCapacity: true)
    }
}
