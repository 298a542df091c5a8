// Where a worker writes the replies of a turn. Separate because it is raw memory: capacity is checked once per record,
// then stored without checks.
public import Jute

/// One growable region that all connections of a worker write into, each a contiguous piece. It is emptied every turn.
@safe public struct ReplyArena: ~Copyable {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    /// Bytes written so far.
    public private(set) var count = 0
    /// What it shrinks back to after a turn with giant replies.
    private static let ordinaryCapacity = 1 << 20
    /// Length, xid, zxid, error.
    public static let headerBytes = 20

    public init() {
        capacity = Self.ordinaryCapacity
        unsafe base = .allocate(byteCount: Self.ordinaryCapacity, alignment: 64)
    }

    deinit { unsafe base.deallocate() }

    @inline(__always)
    public mutating func reserve(_ extra: Int) {
        if capacity &- count < extra { grow(extra) }
    }

    @inline(never)
    private mutating func grow(_ extra: Int) {
        let needed = count + extra
        let grown = max(needed, capacity * 2)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 64)
        unsafe fresh.copyMemory(from: base, byteCount: count)
        unsafe base.deallocate()
        unsafe base = fresh
        capacity = grown
    }

    /// Begins a frame whose body of `bodyBytes` is written next.
    @inline(__always)
    public mutating func writeHeader(xid: Int32, zxid: Zxid, error: Int32, bodyBytes: Int) {
        let length = Int32(Self.headerBytes - 4 + bodyBytes)
        reserve(Self.headerBytes &+ bodyBytes)
        let frame = unsafe base + count
        unsafe frame.storeBytes(of: length.bigEndian, as: Int32.self)
        unsafe frame.storeBytes(of: xid.bigEndian, toByteOffset: 4, as: Int32.self)
        unsafe frame.storeBytes(of: zxid.rawValue.bigEndian, toByteOffset: 8, as: Int64.self)
        unsafe frame.storeBytes(of: error.bigEndian, toByteOffset: 16, as: Int32.self)
        count &+= Self.headerBytes
    }

    /// A whole reply without an error.
    @inline(__always)
    mutating func append(xid: Int32, zxid: Zxid, body: UnsafeRawBufferPointer) {
        writeHeader(xid: xid, zxid: zxid, error: 0, bodyBytes: body.count)
        guard let start = body.baseAddress else { return }
        unsafe (base + count).copyMemory(from: start, byteCount: body.count)
        // There was room for it.
        count &+= body.count
    }

    /// Lets `write` put exactly `size` bytes behind what is there.
    @inline(__always)
    public mutating func write(_ size: Int, _ write: (inout OutputCursor) -> Bool) {
        reserve(size)
        var cursor = unsafe OutputCursor(UnsafeMutableRawBufferPointer(start: base + count, count: size))
        let fitted = write(&cursor)
        precondition(fitted && cursor.position == size, "a body of \(size) bytes came to \(cursor.position)")
        count += size
    }

    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        unsafe (base + count).copyMemory(from: start, byteCount: bytes.count)
        count += bytes.count
    }

    public mutating func append(_ bytes: [UInt8]) { unsafe bytes.withUnsafeBytes { unsafe append($0) } }

    /// A piece written earlier; valid until the next write.
    public func bytes(_ piece: Range<Int>) -> UnsafeRawBufferPointer {
        precondition(piece.upperBound <= count, "piece \(piece) of \(count) bytes")
        return unsafe UnsafeRawBufferPointer(start: base + piece.lowerBound, count: piece.count)
    }

    /// Takes back what was written from `start` on.
    public mutating func truncate(to start: Int) {
        precondition(start <= count, "truncating \(count) bytes to \(start)")
        count = start
    }

    /// Forgets everything, and the memory of giant replies.
    public mutating func reset() {
        count = 0
        guard capacity > 4 * Self.ordinaryCapacity else { return }
        unsafe base.deallocate()
        capacity = Self.ordinaryCapacity
        unsafe base = .allocate(byteCount: capacity, alignment: 64)
    }
}
