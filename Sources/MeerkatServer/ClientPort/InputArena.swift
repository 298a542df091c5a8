// Where a worker receives the bytes of many connections before it serves them. Separate because it is raw memory.

/// Fixed memory, filled connection by connection and emptied when that has been served.
@safe public struct InputArena: ~Copyable {
    private let base: UnsafeMutableRawPointer
    /// With so many bytes it is full: some hundred requests, whose replies and znodes the caches hold.
    public static let batchBytes = 16 << 10
    /// Most bytes taken from one connection per turn. There is room for so many until it is full.
    public static let pieceBytes = 64 << 10
    private static let capacity = batchBytes + pieceBytes
    public private(set) var count = 0

    public init() { unsafe base = .allocate(byteCount: Self.capacity, alignment: 64) }

    deinit { unsafe base.deallocate() }

    public var isFull: Bool { count >= Self.batchBytes }

    /// The room for the next connection's bytes.
    public var room: UnsafeMutableRawBufferPointer {
        precondition(!isFull, "\(count) bytes are to be served before more are received")
        return unsafe UnsafeMutableRawBufferPointer(start: base + count, count: Self.pieceBytes)
    }

    /// Keeps what was received into `room`.
    public mutating func keep(_ bytes: Int) -> Range<Int> {
        precondition(bytes <= Self.capacity - count, "\(bytes) bytes received into \(Self.capacity - count)")
        defer { count += bytes }
        return count..<count + bytes
    }

    public func bytes(_ piece: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(piece.upperBound <= count, "piece \(piece) of \(count) bytes")
        return unsafe UnsafeRawBufferPointer(start: base + piece.lowerBound, count: piece.count)
    }

    public mutating func reset() { count = 0 }
}
