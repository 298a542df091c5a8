// The first passes over a turn's requests: hash every path and ask for its memory before any is answered. Separate
// because it only reads bytes and changes nothing but the processor's caches.

/// Hashes of a turn's read requests, in order. Fixed memory; requests beyond it are hashed when they are answered.
@safe
package struct HashedReads: ~Copyable {
    struct Entry {
        /// Where the frame's payload stands in its piece: tells whether the entry belongs to it.
        let payload: Int
        let hash: PathHash
    }

    private static let capacity = 4096
    private let entries: UnsafeMutablePointer<Entry>
    package private(set) var count = 0

    package init() { unsafe entries = .allocate(capacity: Self.capacity) }

    // Entries are trivial.
    deinit { unsafe entries.deallocate() }

    package mutating func reset() { count = 0 }

    /// Notes every read with a path in `bytes` and prefetches its slot. `maximum` is the longest frame allowed.
    package mutating func collect(_ bytes: UnsafeRawBufferPointer, maximum: Int, _ view: ReadView) {
        var offset = 0
        while count < Self.capacity {
            guard case .whole(let payload) = unsafe Frame.next(in: bytes, from: offset, minimum: 8, maximum: maximum)
            else { return }
            offset = payload.upperBound
            guard let request = unsafe ReadRequest(in: bytes, payload) else { continue }
            let hash = unsafe view.hash(of: request.path(in: bytes))
            view.prefetchSlot(hash)
            unsafe (entries + count).initialize(to: Entry(payload: payload.lowerBound, hash: hash))
            count += 1
        }
    }

    /// Asks for the blocks of everything noted.
    package func prefetchNodes(_ view: ReadView) {
        for index in 0..<count { view.prefetchNode(unsafe entries[index].hash) }
    }

    /// The hash noted for the frame at `payload`, and the index to go on from; nil if there is none.
    @inline(__always)
    package func find(payload: Int, from index: inout Int) -> PathHash? {
        guard index < count else { return nil }
        let entry = unsafe entries[index]
        guard entry.payload == payload else { return nil }
        index += 1
        return entry.hash
    }
}
