// Which connection is still to be sent what of the worker's notices. Apart from the connections, and dense, because a
// change tells all its watchers at once: sixteen bytes are touched for each, its connection only when that is sent to.
import DequeModule

/// For each slot one piece of the notices, and the order in which they are to be sent.
@safe public struct NoticeShares: ~Copyable {
    private struct Share {
        /// Empty when nothing waits.
        var piece: NoticeBuffer.Piece = 0..<0
        /// Notifications in it.
        var count: UInt32 = 0
        /// False for a connection that is told nothing more, and where there is none.
        var isOpen = false
        var isQueued = false
    }

    /// What became of a notification.
    public enum Outcome: Equatable, Sendable {
        case queued
        /// Something else waits that it does not continue: it must be copied behind that.
        case apart
        /// Nobody is there to be told.
        case passedOver
    }

    private var shares: UnsafeMutablePointer<Share>
    private var capacity = 64
    /// Slots told of something, longest ago first; each once.
    private var queue: Deque<UInt32> = []

    public init() {
        unsafe shares = .allocate(capacity: capacity)
        unsafe shares.initialize(repeating: Share(), count: capacity)
    }

    // Shares are trivial.
    deinit { unsafe shares.deallocate() }

    /// Whether somebody is to be sent to.
    public var isWaiting: Bool { !queue.isEmpty }

    /// Whether something waits for this connection.
    public func isWaiting(_ slot: Int) -> Bool {
        precondition(slot < capacity, "slot \(slot) never had a connection")
        return unsafe shares[slot].count > 0
    }

    /// A connection has taken the slot.
    public mutating func open(_ slot: Int) {
        if slot >= capacity { grow(toHold: slot) }
        unsafe shares[slot].isOpen = true
    }

    /// Whatever waits for the connection is dropped, and nothing more is taken.
    public mutating func close(_ slot: Int) {
        _ = take(slot)
        unsafe shares[slot].isOpen = false
    }

    private mutating func grow(toHold slot: Int) {
        let grown = max(slot + 1, capacity * 2)
        let fresh = UnsafeMutablePointer<Share>.allocate(capacity: grown)
        unsafe fresh.moveInitialize(from: shares, count: capacity)
        unsafe (fresh + capacity).initialize(repeating: Share(), count: grown - capacity)
        unsafe shares.deallocate()
        unsafe shares = fresh
        capacity = grown
    }

    /// Tells a connection of one more event, whose bytes are `piece`.
    @inline(__always)
    public mutating func tell(_ slot: UInt32, _ piece: NoticeBuffer.Piece) -> Outcome {
        precondition(slot < capacity, "slot \(slot) never had a connection")
        let share = unsafe shares + Int(slot)
        if unsafe !share.pointee.isOpen { return .passedOver }
        if unsafe share.pointee.count == 0 {
            unsafe share.pointee.piece = piece
        } else if unsafe share.pointee.piece.upperBound == piece.lowerBound {
            unsafe share.pointee.piece = share.pointee.piece.lowerBound..<piece.upperBound
        } else {
            return .apart
        }
        unsafe share.pointee.count += 1
        if unsafe !share.pointee.isQueued {
            unsafe share.pointee.isQueued = true
            queue.append(slot)
        }
        return .queued
    }

    /// What waits for a connection, which waits no longer: its bytes and the number of notifications.
    public mutating func take(_ slot: Int) -> (piece: NoticeBuffer.Piece, count: Int) {
        precondition(slot < capacity, "slot \(slot) never had a connection")
        let share = unsafe shares + slot
        defer {
            unsafe share.pointee.piece = 0..<0
            unsafe share.pointee.count = 0
        }
        return unsafe (share.pointee.piece, Int(share.pointee.count))
    }

    /// The slot for which something has waited longest.
    public mutating func next() -> Int? {
        while let slot = queue.popFirst() {
            let share = unsafe shares + Int(slot)
            unsafe share.pointee.isQueued = false
            if unsafe share.pointee.count > 0 { return Int(slot) }
        }
        return nil
    }
}
