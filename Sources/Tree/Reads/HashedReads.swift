// The first passes over a turn's requests: hash every path and ask for its memory before any is answered. Separate
// because it only reads bytes and changes nothing but the processor's caches.

/// A turn's read requests, decoded and hashed, in order. Fixed memory; requests beyond it are hashed when they are
/// answered.
@safe
package struct HashedReads: ~Copyable {
    private static let capacity = 4096
    private let requests: UnsafeMutablePointer<ReadRequest>
    package private(set) var count = 0

    package init() { unsafe requests = .allocate(capacity: Self.capacity) }

    // Requests are trivial.
    deinit { unsafe requests.deallocate() }

    package mutating func reset() { count = 0 }

    /// Notes every read with a path in `bytes` and prefetches its slot. `maximum` is the longest frame allowed.
    package mutating func collect(_ bytes: UnsafeRawBufferPointer, maximum: Int, _ view: ReadView) {
        var offset = 0
        while count < Self.capacity {
            if let request = unsafe ReadRequest(in: bytes, at: offset, maximum: maximum, view) {
                view.prefetchSlot(request.hash)
                unsafe (requests + count).initialize(to: request)
                count += 1
                offset = request.end
            } else {
                guard
                    case .whole(let payload) = unsafe Frame.next(in: bytes, from: offset, minimum: 8, maximum: maximum)
                else { return }
                offset = payload.upperBound
            }
        }
    }

    /// Asks for the blocks of everything noted.
    package func prefetchNodes(_ view: ReadView) {
        for index in 0..<count { view.prefetchNode(unsafe requests[index].hash) }
    }

    /// What was noted of the frame that begins at `start`, from `index` on, which then moves behind it.
    @inline(__always)
    func find(at start: Int, from index: inout Int) -> ReadRequest? {
        guard index < count, unsafe requests[index].start == start else { return nil }
        defer { index += 1 }
        return unsafe requests[index]
    }

    /// The hash noted of that frame, likewise.
    package func hash(ofFrameAt start: Int, from index: inout Int) -> PathHash? {
        find(at: start, from: &index)?.hash
    }
}
