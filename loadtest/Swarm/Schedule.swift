// When each request is due in an open load. Separate because it is the answer to coordinated omission, and pure.

/// A fixed rate spread evenly over the sessions of one loop: they take turns, one interval apart.
public struct Schedule: Equatable, Sendable {
    public let beganNs: Int64
    /// Nanoseconds between two requests of the loop.
    public let intervalNs: Double
    public let sessions: Int

    /// A loop looks once a millisecond for what is due. A request sent no later than this after it was due is timed from its sending,
    /// one sent later from when it was due: whatever held it back, the server must not profit.
    public static let graceNs: Int64 = 2_000_000

    public init(beganNs: Int64, perSecond: Double, sessions: Int) {
        precondition(perSecond > 0 && sessions > 0, "\(perSecond) requests per second over \(sessions) sessions")
        self.beganNs = beganNs
        self.sessions = sessions
        intervalNs = 1e9 / perSecond
    }

    /// The time from which to count the latency of the request that a session sends after `count` others; nil when it
    /// is not due yet.
    @inline(__always) public func start(session: Int, count: Int, nowNs: Int64) -> Int64? {
        let turn = Double(session + count * sessions)
        let due = beganNs + Int64(turn * intervalNs)
        if due > nowNs { return nil }
        return nowNs - due <= Self.graceNs ? nowNs : due
    }

    /// How many turns have come due.
    public func turns(nowNs: Int64) -> Int { nowNs < beganNs ? 0 : Int(Double(nowNs - beganNs) / intervalNs) + 1 }
}
