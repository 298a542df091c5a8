// The first passes over a batch of requests: hash every path and ask for its memory before any is answered. Separate
// because it only reads bytes and changes nothing but the processor's caches.

/// A batch's read requests, decoded and hashed, in order. Fixed memory; requests beyond it are hashed when they are
/// answered.
@safe
public struct HashedReads: ~Copyable {
    private static let capacity = 4096
    private let requests: UnsafeMutablePointer<ReadRequest>
    public private(set) var count = 0

    public init() { unsafe requests = .allocate(capacity: Self.capacity) }

    // Requests are trivial.
    deinit { unsafe requests.deallocate() }

    public mutating func reset() { count = 0 }

    /// Notes every read with a path in `bytes` and prefetches its slot. `maximum` is the longest frame allowed.
    /// - Returns: which of the notes are of these bytes.
    public mutating func collect(_ bytes: UnsafeRawBufferPointer, maximum: Int, _ view: ReadView) -> Range<Int> {
        let first = count
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
                else { break }
                offset = payload.upperBound
            }
        }
        return first..<count
    }

    /// Finds and asks for the blocks of everything noted. Nothing is looked at that has not come closer by now.
    public func prefetchNodes(_ view: ReadView) {
        for index in 0..<count { unsafe requests[index].block = view.prefetchNode(requests[index].hash) }
    }

    /// What was noted of the frame that begins at `start`, if it is the first of `notes`, which then begin behind it.
    /// The notes must be those of the same bytes: a frame of another connection may begin at the same place.
    @inline(__always)
    func find(at start: Int, in notes: inout Range<Int>) -> ReadRequest? {
        guard notes.lowerBound < notes.upperBound, unsafe requests[notes.lowerBound].start == start else { return nil }
        let found = unsafe requests[notes.lowerBound]
        notes = notes.lowerBound + 1..<notes.upperBound
        return found
    }

    /// The hash noted of that frame, likewise.
    public func hash(ofFrameAt start: Int, in notes: inout Range<Int>) -> PathHash? {
        find(at: start, in: &notes)?.hash
    }
}
