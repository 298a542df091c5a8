// The first passes over a batch of requests: hash every path and ask for its memory before any is answered. Separate
// because it only reads bytes and changes nothing but the processor's caches.

/// A batch's read requests, decoded and hashed, in order. Fixed memory; requests beyond it are hashed when they are
/// answered.
@safe
public struct HashedReads: ~Copyable {
    private static let capacity = 4096
    /// One more than may be noted: for a request that is answered without a note.
    private let requests: UnsafeMutablePointer<ReadRequest>
    public private(set) var count = 0

    public init() { unsafe requests = .allocate(capacity: Self.capacity + 1) }

    // Requests are trivial.
    deinit { unsafe requests.deallocate() }

    public mutating func reset() { count = 0 }

    /// Notes every read with a path in `bytes` and prefetches its slot. `maximum` is the longest frame allowed.
    /// - Returns: which of the notes are of these bytes.
    public mutating func collect(_ bytes: UnsafeRawBufferPointer, maximum: Int, _ view: ReadView) -> Range<Int> {
        let first = count
        var last = first
        guard let input = bytes.baseAddress else { return first..<last }
        let finder = view.finder
        let requests = unsafe requests
        var offset = 0
        while last < Self.capacity {
            if let request = unsafe ReadRequest(in: bytes, at: offset, maximum: maximum) {
                // First, so that registers are free for hashing.
                unsafe (requests + last).initialize(to: request)
                let hash = unsafe finder.hash(of: request.path(in: input + offset))
                unsafe requests[last].hash = hash
                finder.prefetchSlot(hash)
                last += 1
                offset &+= request.bytes
            } else {
                guard
                    case .whole(let payload) = unsafe Frame.next(in: bytes, from: offset, minimum: 8, maximum: maximum)
                else { break }
                offset = payload.upperBound
            }
        }
        count = last
        return first..<last
    }

    /// Finds and asks for the blocks of everything noted. Nothing is looked at that has not come closer by now.
    public func prefetchNodes(_ view: ReadView) {
        let finder = view.finder
        for index in 0..<count { unsafe requests[index].block = finder.prefetchNode(requests[index].hash) }
    }

    // MARK: Answering

    @inline(__always)
    subscript(index: Int) -> ReadRequest { unsafe requests[index] }

    /// Which note is of the frame that begins at `start`, if it is the first of `notes`, which then begin behind it.
    /// The notes must be those of the same bytes: a frame of another connection may begin at the same place.
    @inline(__always)
    func index(ofFrameAt start: Int, in notes: inout Range<Int>) -> Int? {
        let index = notes.lowerBound
        guard index < notes.upperBound, unsafe requests[index].start == start else { return nil }
        notes = index + 1..<notes.upperBound
        return index
    }

    /// The hash noted of that frame, likewise.
    public func hash(ofFrameAt start: Int, in notes: inout Range<Int>) -> PathHash? {
        index(ofFrameAt: start, in: &notes).map { self[$0].hash }
    }

    /// Takes down a single request that has not been noted, until the next such. Out of the way: nearly all have.
    @inline(never)
    func index(
        ofLoneFrameAt start: Int, in input: UnsafeRawBufferPointer, maximum: Int, _ view: ReadView
    ) -> Int? {
        guard var request = unsafe ReadRequest(in: input, at: start, maximum: maximum),
            let frame = unsafe input.baseAddress?.advanced(by: start)
        else { return nil }
        request.hash = unsafe view.hash(of: request.path(in: frame))
        unsafe (requests + Self.capacity).initialize(to: request)
        return Self.capacity
    }
}
