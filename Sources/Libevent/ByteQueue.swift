// Bytes waiting: the unsent end of an output, the unparsed end of an input. Separate because ownership of raw storage
// is settled here and nowhere else.
import Glibc

/// A growable first-in first-out run of bytes, always contiguous for the reader.
///
/// Owns no storage while empty unless asked to, so an idle connection costs nothing. Appending is amortised constant per
/// byte: consumed room at the front is reused when at least half of the storage is free, else the storage doubles. The
/// bound is the caller's business.
@safe public struct ByteQueue: ~Copyable {
    /// Stands before the bytes, so that an empty queue is one pointer.
    private struct Header {
        var capacity: Int
        var head = 0
        var tail = 0
    }

    private static let headerSize = MemoryLayout<Header>.size
    private static let leastCapacity = 512 - headerSize

    /// Nil only while empty.
    private var storage: UnsafeMutablePointer<Header>?

    public init() { unsafe storage = nil }

    deinit { unsafe free(storage) }

    /// Bytes waiting.
    public var count: Int {
        guard let storage = unsafe storage else { return 0 }
        return unsafe storage.pointee.tail - storage.pointee.head
    }

    public var isEmpty: Bool { count == 0 }

    /// Bytes of storage held; 0 while empty, but for what `consume` was told to keep.
    public var storageSize: Int {
        guard let storage = unsafe storage else { return 0 }
        return unsafe Self.headerSize + storage.pointee.capacity
    }

    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0, let source = bytes.baseAddress else { return }
        let room = unsafe makeRoom(bytes.count)
        unsafe memcpy(Self.bytes(of: room) + room.pointee.tail, source, bytes.count)
        unsafe room.pointee.tail += bytes.count
    }

    public mutating func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe append($0) }
    }

    public mutating func append(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe append($0) }
    }

    /// Drops the first `count` bytes. When none are left the storage goes, unless it has at most `keeping` bytes.
    public mutating func consume(_ count: Int, keeping: Int = 0) {
        precondition(count >= 0 && count <= self.count, "consuming \(count) of \(self.count) bytes")
        guard let storage = unsafe storage else { return }
        unsafe storage.pointee.head += count
        guard unsafe storage.pointee.head == storage.pointee.tail else { return }
        if unsafe storage.pointee.capacity > keeping { return removeAll() }
        unsafe storage.pointee.head = 0
        unsafe storage.pointee.tail = 0
    }

    public mutating func removeAll() {
        unsafe free(storage)
        unsafe storage = nil
    }

    /// Moves everything out, leaving this queue empty.
    public mutating func take() -> ByteQueue {
        var taken = ByteQueue()
        swap(&self, &taken)
        return taken
    }

    /// Every waiting byte, in order. The pointer ends with `body`.
    public borrowing func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let start = unsafe storage.map { unsafe UnsafeRawPointer(Self.bytes(of: $0) + $0.pointee.head) }
        return unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }

    private static func bytes(of storage: UnsafeMutablePointer<Header>) -> UnsafeMutableRawPointer {
        unsafe UnsafeMutableRawPointer(storage) + headerSize
    }

    /// The storage, with room for `count` more bytes behind the last.
    private mutating func makeRoom(_ count: Int) -> UnsafeMutablePointer<Header> {
        guard let present = unsafe storage else {
            let fresh = unsafe Self.allocate(max(count, Self.leastCapacity))
            unsafe storage = fresh
            return unsafe fresh
        }
        let header = unsafe present.pointee
        if header.capacity - header.tail >= count { return unsafe present }
        let used = header.tail - header.head
        if used + count <= header.capacity / 2 {
            unsafe memmove(Self.bytes(of: present), Self.bytes(of: present) + header.head, used)
            unsafe present.pointee.head = 0
            unsafe present.pointee.tail = used
            return unsafe present
        }
        let fresh = unsafe Self.allocate(max(used + count, header.capacity * 2))
        unsafe memcpy(Self.bytes(of: fresh), Self.bytes(of: present) + header.head, used)
        unsafe fresh.pointee.tail = used
        unsafe free(present)
        unsafe storage = fresh
        return unsafe fresh
    }

    private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Header> {
        guard let memory = unsafe malloc(headerSize + capacity) else {
            preconditionFailure("no memory for \(capacity) bytes")
        }
        let storage = unsafe memory.bindMemory(to: Header.self, capacity: 1)
        unsafe storage.initialize(to: Header(capacity: capacity))
        return unsafe storage
    }
}
