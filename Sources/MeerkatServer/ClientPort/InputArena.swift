// Where a worker receives the bytes of all its connections within a turn. Separate because it is raw memory.

/// Fixed memory, filled connection by connection and emptied at the end of the turn. Its size bounds a turn's work.
@safe package struct InputArena: ~Copyable {
    private let base: UnsafeMutableRawPointer
    package static let capacity = 256 << 10
    /// Most bytes taken from one connection per turn.
    package static let pieceBytes = 64 << 10
    /// Less room than this waits for the next turn.
    package static let leastPieceBytes = 4 << 10
    package private(set) var count = 0

    package init() { unsafe base = .allocate(byteCount: Self.capacity, alignment: 64) }

    deinit { unsafe base.deallocate() }

    package var hasRoom: Bool { Self.capacity - count >= Self.leastPieceBytes }

    /// The room for the next connection's bytes.
    package var room: UnsafeMutableRawBufferPointer {
        let size = min(Self.pieceBytes, Self.capacity - count)
        return unsafe UnsafeMutableRawBufferPointer(start: base + count, count: size)
    }

    /// Keeps what was received into `room`.
    package mutating func keep(_ bytes: Int) -> Range<Int> {
        precondition(bytes <= Self.capacity - count, "\(bytes) bytes received into \(Self.capacity - count)")
        defer { count += bytes }
        return count..<count + bytes
    }

    package func bytes(_ piece: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(piece.upperBound <= count, "piece \(piece) of \(count) bytes")
        return unsafe UnsafeRawBufferPointer(start: base + piece.lowerBound, count: piece.count)
    }

    package mutating func reset() { count = 0 }
}
