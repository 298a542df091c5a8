// Where a loop receives. Separate from the loop's own buffer because an unfinished frame is put in front of what
// comes next, so that every frame can be read in one piece.

/// One growing buffer for all connections of a loop; contents last until the next receive.
@safe final class InputBuffer {
    private var storage: UnsafeMutableRawBufferPointer
    /// Least room offered to a receive.
    static let receiveBytes = 64 * 1024

    init() { unsafe storage = .allocate(byteCount: 2 * Self.receiveBytes, alignment: 64) }

    deinit { unsafe storage.deallocate() }

    /// The buffer, with room for a receive behind `held` bytes. What it contained is lost.
    func room(behind held: Int) -> UnsafeMutableRawBufferPointer {
        if unsafe storage.count - held < Self.receiveBytes {
            unsafe storage.deallocate()
            unsafe storage = .allocate(byteCount: 2 * (held + Self.receiveBytes), alignment: 64)
        }
        return unsafe storage
    }
}

@available(*, unavailable)
extension InputBuffer: Sendable {}
