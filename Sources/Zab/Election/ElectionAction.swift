// What an election asks of the world.

public import Jute

/// A command from `Election`, to be performed in the order given.
public enum ElectionAction: Equatable, Sendable {
    /// A newer message to the same server replaces one that was not sent yet.
    case send(Notification, to: ServerID)
    /// The election is over; `Election.state` already says what this server is now.
    case elected(Vote)
    /// A peer knows a newer committed configuration: make it the committed one (`Election.adopt`) and start again.
    /// Only while looking, and only with reconfiguration enabled.
    case adoptConfiguration([UInt8])
}

/// The times of an election, in milliseconds.
public struct ElectionTiming: Equatable, Sendable {
    /// Silence after which the vote is sent again; doubled each time up to the maximum.
    public var minimumIntervalMs: Int64 = 200
    public var maximumIntervalMs: Int64 = 60_000
    /// The same for an observer, if it is shorter.
    public static let maximumObserverIntervalMs: Int64 = 2_000
    /// How long a decided vote waits for a better one. Fixed upstream.
    public var finalizeWaitMs: Int64 = 200

    public init() {}

    func maximumIntervalMs(for role: Election.Role) -> Int64 {
        guard role == .observer else { return maximumIntervalMs }
        return max(minimumIntervalMs, min(maximumIntervalMs, Self.maximumObserverIntervalMs))
    }

    public init(minimumIntervalMs: Int64, maximumIntervalMs: Int64, finalizeWaitMs: Int64 = 200) {
        precondition(minimumIntervalMs > 0, "interval of \(minimumIntervalMs) ms")
        precondition(minimumIntervalMs <= maximumIntervalMs, "\(minimumIntervalMs) > \(maximumIntervalMs) ms")
        precondition(finalizeWaitMs >= 0, "finalize wait of \(finalizeWaitMs) ms")
        self.minimumIntervalMs = minimumIntervalMs
        self.maximumIntervalMs = maximumIntervalMs
        self.finalizeWaitMs = finalizeWaitMs
    }
}
