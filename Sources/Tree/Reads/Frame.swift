// Cutting a client's bytes into frames. Separate because it is the first code that hostile bytes meet.

/// The next frame of a connection's input.
public enum Frame: Equatable, Sendable {
    /// Its payload is this range of the input.
    case whole(Range<Int>)
    /// More bytes are needed; nothing is wrong so far.
    case incomplete
    /// The length is negative, below `minimum` or above the maximum: close.
    case refused

    /// Looks at the input from `offset` on.
    /// - Parameter minimum: least payload; 8 after the handshake, a request header.
    @inline(__always)
    public static func next(
        in input: UnsafeRawBufferPointer, from offset: Int, minimum: Int, maximum: Int
    ) -> Frame {
        let available = input.count &- offset
        guard available >= 4 else { return .incomplete }
        let length = Int(Int32(bigEndian: unsafe input.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
        guard length >= minimum, length <= maximum else { return .refused }
        if available &- 4 < length { return .incomplete }
        // Within the input: neither sum can overflow.
        return unsafe .whole(Range(uncheckedBounds: (offset &+ 4, offset &+ 4 &+ length)))
    }
}
