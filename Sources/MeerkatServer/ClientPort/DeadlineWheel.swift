// When connections have been silent for too long. Separate because it replaces a timer per connection.
public import Replica

/// Buckets of connections by the moment they must have been heard from. A connection that was heard from meanwhile is
/// put into a later bucket when its bucket comes due, so hearing from it costs nothing here.
public struct DeadlineWheel: Sendable {
    public let granularityMs: Int64
    private var buckets: [[ClientID]]
    /// Everything before this moment has been looked at.
    private var dueMs: Int64

    /// - Parameters:
    ///   - granularityMs: how late a deadline may be noticed.
    ///   - horizonMs: the longest deadline; a later one is looked at, and put back, at the horizon.
    public init(granularityMs: Int64, horizonMs: Int64, nowMs: Int64) {
        precondition(granularityMs > 0 && horizonMs > 0, "a wheel of \(horizonMs) ms in steps of \(granularityMs) ms")
        self.granularityMs = granularityMs
        buckets = Array(repeating: [], count: min(4096, Int(horizonMs / granularityMs) + 2))
        dueMs = nowMs / granularityMs * granularityMs
    }

    public mutating func insert(_ client: ClientID, deadlineMs: Int64) {
        let steps = max(1, (deadlineMs - dueMs + granularityMs - 1) / granularityMs)
        let bounded = min(steps, Int64(buckets.count - 1))
        buckets[Int((dueMs / granularityMs + bounded) % Int64(buckets.count))].append(client)
    }

    /// Hands out every bucket that has come due. `deadlineMs` returns the true deadline, or nil for a connection that
    /// is gone; those due are returned, the others stay in the wheel.
    public mutating func advance(toMs nowMs: Int64, deadlineMs: (ClientID) -> Int64?) -> [ClientID] {
        var due: [ClientID] = []
        while dueMs + granularityMs <= nowMs {
            dueMs += granularityMs
            let index = Int((dueMs / granularityMs) % Int64(buckets.count))
            var bucket: [ClientID] = []
            swap(&bucket, &buckets[index])
            for client in bucket {
                guard let deadline = deadlineMs(client) else { continue }
                if deadline <= nowMs { due.append(client) } else { insert(client, deadlineMs: deadline) }
            }
            if bucket.capacity <= 1024 && buckets[index].isEmpty {
                bucket.removeAll(keepingCapacity: true)
                swap(&bucket, &buckets[index])
            }
        }
        return due
    }
}
