// A file seen through a buffer that moves forward, so that a log of any size is read in large pieces.

/// Bounded by `pieceSize` or one record, whichever is larger.
struct LogWindow<File: DiskFile> {
    private static var pieceSize: Int { 256 << 10 }

    let file: File
    let size: Int
    private(set) var buffer: [UInt8] = []
    private var start = 0

    init(_ file: File) throws(StorageError) {
        self.file = file
        size = try file.size()
    }

    /// Makes `count` bytes from `offset` on available and returns where they begin in `bytes`. They must lie in the
    /// file.
    mutating func load(_ offset: Int, _ count: Int) throws(StorageError) -> Int {
        precondition(offset >= 0 && offset + count <= size, "bytes \(offset)+\(count) of \(size)")
        if offset < start || offset + count > start + buffer.count {
            buffer = try file.read(at: offset, count: min(max(count, Self.pieceSize), size - offset))
            start = offset
            if buffer.count < count {
                throw .corruptLog(file: file.name, offset: offset + buffer.count, reason: "the file shrank while read")
            }
        }
        return offset - start
    }

    var bytes: Span<UInt8> {
        @_lifetime(borrow self) get { buffer.span }
    }

    /// Where the last byte that is not zero ends, or `offset` when all from there on are zero.
    mutating func endOfData(from offset: Int) throws(StorageError) -> Int {
        var position = offset
        var end = offset
        while position < size, let data = try file.nextData(from: position), data < size {
            position = data
            let count = min(Self.pieceSize, size - position)
            let base = try load(position, count)
            if let last = lastNonZero(bytes.extracting(base..<base + count)) { end = position + last + 1 }
            position += count
        }
        return end
    }
}

/// The last byte that is not zero. Padding can be large, so it is passed over in words.
private func lastNonZero(_ bytes: Span<UInt8>) -> Int? {
    let word = MemoryLayout<UInt64>.size
    var end = bytes.count
    unsafe bytes.withUnsafeBytes { raw in
        while end >= word, unsafe raw.loadUnaligned(fromByteOffset: end - word, as: UInt64.self) == 0 { end -= word }
        while end > 0, unsafe raw[end - 1] == 0 { end -= 1 }
    }
    return end == 0 ? nil : end - 1
}
