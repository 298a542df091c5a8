// The first passes over a turn's requests: hash every path and ask for its memory before any is answered. Separate
// because it only reads bytes and changes nothing but the processor's caches.
import Jute
import Tree

/// Hashes of a turn's read requests, in order. Fixed memory; requests beyond it are hashed when they are answered.
@safe struct HashedReads: ~Copyable {
    struct Entry {
        /// Where the frame's payload stands in its piece: tells whether the entry belongs to it.
        let payload: Int
        let hash: PathHash
    }

    private static let capacity = 4096
    private let entries: UnsafeMutablePointer<Entry>
    private(set) var count = 0

    init() { unsafe entries = .allocate(capacity: Self.capacity) }

    // Entries are trivial.
    deinit { unsafe entries.deallocate() }

    mutating func reset() { count = 0 }

    /// Notes every read with a path in `bytes` and prefetches its slot.
    mutating func collect(_ bytes: UnsafeRawBufferPointer, maximum: Int, _ view: ReadView) {
        var offset = 0
        while count < Self.capacity {
            guard case .whole(let payload) = unsafe Frame.next(in: bytes, from: offset, minimum: 8, maximum: maximum)
            else { return }
            offset = payload.upperBound
            let frame = unsafe UnsafeRawBufferPointer(rebasing: bytes[payload])
            guard let path = unsafe ReadRequest.path(in: frame) else { continue }
            let hash = unsafe view.hash(of: path)
            view.prefetchSlot(hash)
            unsafe (entries + count).initialize(to: Entry(payload: payload.lowerBound, hash: hash))
            count += 1
        }
    }

    func prefetchNodes(_ view: ReadView) {
        for index in 0..<count { view.prefetchNode(unsafe entries[index].hash) }
    }

    /// The hash noted for the frame at `payload`, and the index to go on from; nil if there is none.
    @inline(__always)
    func find(payload: Int, from index: inout Int) -> PathHash? {
        guard index < count else { return nil }
        let entry = unsafe entries[index]
        guard entry.payload == payload else { return nil }
        index += 1
        return entry.hash
    }
}

/// The requests that are answered straight from a znode's block.
enum ReadRequest: Int32 {
    case exists = 3
    case getData = 4
    case getChildren = 8
    case getChildren2 = 12

    /// The path bytes of such a request's payload; nil for another request, a null path or a body too short.
    @inline(__always)
    static func path(in payload: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard payload.count >= 13 else { return nil }
        let type = Int32(bigEndian: unsafe payload.loadUnaligned(fromByteOffset: 4, as: Int32.self))
        guard ReadRequest(rawValue: type) != nil else { return nil }
        let length = Int(Int32(bigEndian: unsafe payload.loadUnaligned(fromByteOffset: 8, as: Int32.self)))
        // The watch flag follows.
        guard length >= 0, payload.count - 13 >= length else { return nil }
        return unsafe UnsafeRawBufferPointer(rebasing: payload[12..<12 + length])
    }
}
