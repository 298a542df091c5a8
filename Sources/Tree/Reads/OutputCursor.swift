// Where replies are written: a caller's memory of fixed size. Apart from JuteEncoder because it never grows: the
// room is checked once for a whole reply body.

/// A position in memory that someone else owns. Integers are written big endian.
@safe
public struct OutputCursor {
    private let memory: UnsafeMutableRawBufferPointer
    /// Bytes written so far.
    public private(set) var position: Int

    /// Writes from `position` on; what is there stays as it is.
    @unsafe
    public init(_ memory: UnsafeMutableRawBufferPointer, position: Int = 0) {
        precondition(position >= 0 && position <= memory.count, "position \(position) of \(memory.count)")
        unsafe self.memory = memory
        self.position = position
    }

    public var remaining: Int { unsafe memory.count - position }

    /// Takes back what was written after `earlier`.
    public mutating func rewind(to earlier: Int) {
        precondition(earlier >= 0 && earlier <= position, "rewind from \(position) to \(earlier)")
        position = earlier
    }

    /// These return false, having written nothing, where there is no room.
    @inline(__always)
    public mutating func write(_ value: Int32) -> Bool {
        if remaining < 4 { return false }
        unsafe memory.storeBytes(of: value.bigEndian, toByteOffset: position, as: Int32.self)
        position += 4
        return true
    }

    @inline(__always)
    public mutating func write(_ value: Int64) -> Bool {
        if remaining < 8 { return false }
        unsafe memory.storeBytes(of: value.bigEndian, toByteOffset: position, as: Int64.self)
        position += 8
        return true
    }

    /// Bytes as they are.
    @inline(__always)
    public mutating func write(raw bytes: UnsafeRawBufferPointer) -> Bool {
        if remaining < bytes.count { return false }
        if let start = bytes.baseAddress, let base = unsafe memory.baseAddress {
            unsafe (base + position).copyMemory(from: start, byteCount: bytes.count)
        }
        position += bytes.count
        return true
    }

    public mutating func write(raw bytes: [UInt8]) -> Bool { unsafe bytes.withUnsafeBytes { unsafe write(raw: $0) } }
}
