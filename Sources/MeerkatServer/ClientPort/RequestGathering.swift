// Which requests of its clients a worker lets wait so that they go to the replica loop together. Separate because it is a
// policy of its own, and pure.

/// Clients whose writes were answered together soon write again. Each time some of their requests are handed on, two
/// threads are woken, the replica loop and at a learner the leader's; where a processor has to leave its sleep for it,
/// that costs more than the request. So after many answers of one batch, what comes next waits until there are as many
/// requests, though only for a while. Where few write nothing waits.
public struct RequestGathering: Sendable {
    private let limits: Limits
    /// How many requests are waited for, and until when. Monotonic.
    private var expected = 0
    private var untilNs: Int64 = 0

    public init(limits: Limits) { self.limits = limits }

    /// Replies to so many forwarded requests have just been queued.
    public mutating func didAnswer(_ count: Int, atNs nowNs: Int64) {
        guard count >= limits.gatheredAnswers else { return }
        expected = count
        untilNs = nowNs + limits.gatherNs
    }

    /// Whether more than these requests are waited for, if it is not too late.
    public func expectsMore(than waiting: Int) -> Bool { waiting < expected }

    /// How long, nanoseconds; nothing waits at 0 or below.
    public func patienceNs(atNs nowNs: Int64) -> Int64 { untilNs - nowNs }

    /// What waited goes, and so does what comes in the next turns.
    public mutating func end() { expected = 0 }
}
