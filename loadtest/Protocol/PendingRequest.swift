// What a session remembers of a request until its reply comes. Separate so that the ring can be a plain slab.

/// What was asked; decides how the reply is checked.
enum RequestKind: UInt8, Sendable {
    case getData, exists, setData, create, addWatch
    /// Of a group.
    case getChildren, createParent
    /// multi that creates a batch of znodes.
    case createBatch
    /// getChildren of a znode, which may have a child.
    case listChild
    /// The one child of a znode, see `RequestWriter+Child`.
    case createChild, deleteChild, setChild, getChild, existsChild
    case sync, setWatches, closeSession
}

/// One request under way: 16 bytes.
struct PendingRequest: Sendable, Equatable {
    /// Monotonic nanoseconds from which latency counts.
    var startNs: Int64
    /// Number of the znode, or of the group.
    var key: Int32
    var kind: RequestKind
}

/// A queue of requests with a fixed capacity; replies come in the order of requests, so no look-up is needed.
@safe struct PendingRing: ~Copyable {
    private let slots: UnsafeMutablePointer<PendingRequest>
    private let mask: Int
    private let limit: Int
    private var head = 0
    private(set) var count = 0

    /// - Parameter limit: how many requests may be under way, at least one.
    init(limit: Int) {
        precondition(limit > 0, "a session with room for \(limit) requests would never send")
        var capacity = 1
        while capacity < limit { capacity *= 2 }
        self.limit = limit
        mask = capacity - 1
        unsafe slots = .allocate(capacity: capacity)
    }

    deinit { unsafe slots.deallocate() }

    var room: Int { limit - count }

    @inline(__always) mutating func append(_ request: PendingRequest) {
        precondition(count <= mask, "\(count) requests under way where \(limit) are allowed")
        unsafe (slots + ((head + count) & mask)).initialize(to: request)
        count += 1
    }

    /// The oldest request; there must be one.
    @inline(__always) mutating func removeFirst() -> PendingRequest {
        precondition(count > 0, "a reply was taken for a request that was never sent")
        let request = unsafe slots[head]
        head = (head + 1) & mask
        count -= 1
        return request
    }

    mutating func removeAll() {
        head = 0
        count = 0
    }
}
