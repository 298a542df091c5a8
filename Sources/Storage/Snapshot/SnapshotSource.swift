// The bytes of one snapshot, pulled by whoever understands the tree, with the checksum running along.

import Jute

/// A buffered reader of one snapshot file. The consumer takes exactly the tree stream, then calls `finish`, which
/// verifies the seals: only then may what was read be believed.
///
/// Memory is bounded by the buffer, or twice the largest `require`, and never by a length that the file cannot back.
public struct SnapshotSource {
    private static let pieceSize = 256 << 10

    public let name: SnapshotFileName
    /// The bytes of the file, if they are not packed.
    public let unpackedSize: Int?
    private let unpacker: any SnapshotUnpacker
    private var buffer: [UInt8]
    private var head = 0
    private var tail = 0
    /// Bytes of the buffer that the sum has seen. Summing lags behind, to be done in large pieces.
    private var summed = 0
    private var sum = Adler32()
    private var atEnd = false

    public init<D: Disk>(disk: D, _ name: SnapshotFileName) throws(StorageError) {
        self.name = name
        let file = try disk.open(name.text, .read)
        switch name.compression {
        case .none: unpacker = PlainUnpacker(file)
        case .gzip: unpacker = GzipUnpacker(file)
        case .snappy: unpacker = try SnappyUnpacker(file)
        }
        let size = try file.size()
        unpackedSize = name.compression == .none ? size : nil
        // A small file needs no large buffer.
        buffer = [UInt8](repeating: 0, count: min(Self.pieceSize, max(4 << 10, size * 4)))
        try require(SnapshotFormat.headerSize)
        let magic = buffered.bigEndian(at: 0, as: Int32.self)
        let version = buffered.bigEndian(at: 4, as: Int32.self)
        guard magic == SnapshotFormat.magic else {
            throw damage("the file begins with 0x\(String(UInt32(bitPattern: magic), radix: 16))")
        }
        guard version == SnapshotFormat.version else { throw damage("version \(version)") }
        consume(SnapshotFormat.headerSize)
    }

    /// Bytes read from the file and not consumed yet. Use them in place.
    public var buffered: Span<UInt8> {
        @_lifetime(borrow self) get { buffer.span.extracting(head..<tail) }
    }

    /// Sees to it that at least `count` bytes are buffered, or fails with `corruptSnapshot` when the file ends before.
    public mutating func require(_ count: Int) throws(StorageError) {
        while tail - head < count {
            if try !refill() { throw damage("it ends \(count - (tail - head)) bytes early") }
        }
    }

    /// Adds to what is buffered; false at the end of the file.
    public mutating func refill() throws(StorageError) -> Bool {
        if atEnd { return false }
        makeRoom()
        let got = try unpacker.fill(&buffer, from: tail)
        tail += got
        atEnd = got == 0
        return got > 0
    }

    /// Passes over bytes that are buffered.
    public mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= tail - head, "\(count) bytes consumed of \(tail - head)")
        head += count
    }

    /// Gives `body` what is buffered, at least `count` bytes; `body` returns how many it used.
    public mutating func withBytes(
        atLeast count: Int, _ body: (Span<UInt8>) throws(StorageError) -> Int
    ) throws(StorageError) {
        try require(count)
        let used = try body(buffered)
        consume(used)
    }

    /// To be called with the tree stream consumed and nothing more: checks every seal up to the end of the file.
    public mutating func finish() throws(StorageError) -> SnapshotTrailer {
        var trailer = SnapshotTrailer()
        try checkSeal()
        if try isAtEnd() { return trailer }
        // Either block may be missing; which one comes is told by where the next right seal stands.
        if try sealFollows(SnapshotFormat.digestBlockSize) {
            trailer.digest = SnapshotDigest(
                zxid: Zxid(try readInteger()), version: try readInteger(), digest: try readInteger())
            try checkSeal()
            if try isAtEnd() { return trailer }
        } else if try !sealFollows(SnapshotFormat.zxidBlockSize) {
            // Digests before version 2 are text, of no use any more.
            try skipOldDigest()
            if try isAtEnd() { return trailer }
        }
        if try sealFollows(SnapshotFormat.zxidBlockSize) {
            trailer.lastProcessed = Zxid(try readInteger())
            try checkSeal()
            if try isAtEnd() { return trailer }
        }
        try skipUnknownBlocks()
        return trailer
    }

    // MARK: Seals

    private mutating func checkSeal() throws(StorageError) {
        updateSum()
        let expected = sum.fileValue
        let found: Int64 = try readInteger()
        guard found == expected else { throw damage("the checksum is \(expected), the seal says \(found)") }
        try require(SnapshotFormat.ending.count)
        for (index, byte) in SnapshotFormat.ending.enumerated() where buffered[index] != byte {
            throw damage("the seal does not end in \"/\"")
        }
        consume(SnapshotFormat.ending.count)
    }

    /// Whether a right seal stands `distance` bytes ahead.
    private mutating func sealFollows(_ distance: Int) throws(StorageError) -> Bool {
        let count = distance + SnapshotFormat.sealSize
        while tail - head < count {
            if try !refill() { return false }
        }
        updateSum()
        var ahead = sum
        ahead.update(buffered.extracting(first: distance))
        return buffered.bigEndian(at: distance, as: Int64.self) == ahead.fileValue
    }

    private mutating func skipOldDigest() throws(StorageError) {
        let _: Int64 = try readInteger()
        let version: Int32 = try readInteger()
        let length: Int32 = try readInteger()
        guard version < 2, length >= 0, length <= 64 else { throw damage("an unreadable digest block") }
        try require(Int(length))
        consume(Int(length))
        try checkSeal()
    }

    /// A later release may add more; the file must still end like a seal.
    private mutating func skipUnknownBlocks() throws(StorageError) {
        var last: [UInt8] = []
        while try !isAtEnd() {
            last.append(buffered.extracting(last: min(tail - head, SnapshotFormat.ending.count)))
            last = last.suffix(SnapshotFormat.ending.count)
            consume(tail - head)
        }
        guard last == SnapshotFormat.ending else { throw damage("it does not end in a seal") }
    }

    // MARK: Buffer

    private mutating func isAtEnd() throws(StorageError) -> Bool {
        if head < tail { return false }
        return try !refill()
    }

    private mutating func readInteger<Integer: FixedWidthInteger>() throws(StorageError) -> Integer {
        try require(MemoryLayout<Integer>.size)
        let value = buffered.bigEndian(at: 0, as: Integer.self)
        consume(MemoryLayout<Integer>.size)
        return value
    }

    private mutating func updateSum() {
        var running = sum
        running.update(buffer.span.extracting(summed..<head))
        sum = running
        summed = head
    }

    /// Drops what is consumed; doubles the buffer only when it is full of bytes the consumer still needs.
    private mutating func makeRoom() {
        updateSum()
        if head > 0 {
            let rest = tail - head
            unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe bytes.baseAddress!.copyMemory(from: bytes.baseAddress! + head, byteCount: rest)
            }
            tail -= head
            head = 0
            summed = 0
        }
        if tail == buffer.count { buffer.append(contentsOf: [UInt8](repeating: 0, count: buffer.count)) }
    }

    private func damage(_ reason: String) -> StorageError { .corruptSnapshot(file: name.text, reason: reason) }
}
