// Bytes waiting: the unsent end of an output, the unparsed end of an input. Separate because ownership of raw storage
// is settled here and nowhere else.
import Glibc

/// A growable first-in first-out run of bytes, always contiguous for the reader.
///
/// Owns no storage while empty, so an idle connection costs nothing. Appending is amortised constant per byte: consumed
/// room at the front is reused when at least half of the storage is free, else the storage doubles. The bound is the
/// caller's business.
@safe package struct ByteQueue: ~Copyable {
    private var storage: UnsafeMutableRawPointer?
    private var capacity = 0
    private var head = 0
    private var tail = 0

    package init() { unsafe storage = nil }

    deinit { unsafe free(storage) }

    /// Bytes waiting.
    package var count: Int { tail - head }

    package var isEmpty: Bool { head == tail }

    /// Bytes of storage held; 0 while empty.
    package var storageSize: Int { capacity }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0, let source = bytes.baseAddress else { return }
        let room = unsafe makeRoom(bytes.count)
        unsafe memcpy(room, source, bytes.count)
        tail += bytes.count
    }

    package mutating func append(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe append($0) }
    }

    package mutating func append(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe append($0) }
    }

    /// Drops the first `count` bytes; the storage goes when none are left.
    package mutating func consume(_ count: Int) {
        precondition(count >= 0 && count <= self.count, "consuming \(count) of \(self.count) bytes")
        head += count
        if head == tail { removeAll() }
    }

    package mutating func removeAll() {
        unsafe free(storage)
        unsafe storage = nil
        capacity = 0
        head = 0
        tail = 0
    }

    /// Moves everything out, leaving this queue empty.
    package mutating func take() -> ByteQueue {
        var taken = ByteQueue()
        swap(&self, &taken)
        return taken
    }

    /// Every waiting byte, in order. The pointer ends with `body`.
    package borrowing func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let start = unsafe storage.map { unsafe UnsafeRawPointer($0 + head) }
        return unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Room for `count` more bytes behind the last.
    private mutating func makeRoom(_ count: Int) -> UnsafeMutableRawPointer {
        if let storage = unsafe storage, capacity - tail >= count { return unsafe storage + tail }
        let used = self.count
        if let storage = unsafe storage, used + count <= capacity / 2 {
            unsafe memmove(storage, storage + head, used)
        } else {
            let larger = max(used + count, capacity * 2, 512)
            guard let fresh = unsafe malloc(larger) else { preconditionFailure("no memory for \(larger) bytes") }
            if let storage = unsafe storage { unsafe memcpy(fresh, storage + head, used) }
            unsafe free(storage)
            unsafe storage = fresh
            capacity = larger
        }
        head = 0
        tail = used
        guard let storage = unsafe storage else { preconditionFailure("a byte queue grew to nothing") }
        return unsafe storage + tail
    }
}
