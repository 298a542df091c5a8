// Numbers for new sessions, and the bounds of their timeouts. Time comes from outside.

public import Jute

/// Issues session ids: the server's id in the top byte, below it a counter that begins with the clock
/// (ZooKeeper, `SessionTrackerImpl.initializeNextSessionId`).
public struct SessionIDGenerator: Equatable, Sendable {
    private var upcoming: Int64

    /// - Parameter now: milliseconds of a clock that was never behind this value when the server last started.
    public init(server: ServerID, now: Int64) {
        let counter = (UInt64(bitPattern: now) << 24) >> 8
        upcoming = Int64(bitPattern: counter | UInt64(bitPattern: server.rawValue) << 56)
    }

    /// The next id: never 0, which asks for a new session, and never the number that marks containers.
    public mutating func next() -> SessionID {
        while upcoming == 0 || upcoming == .min { upcoming &+= 1 }
        defer { upcoming &+= 1 }
        return SessionID(upcoming)
    }
}

/// The timeouts a server grants, in milliseconds.
public struct SessionTimeouts: Equatable, Sendable {
    public let minimum: Int32
    public let maximum: Int32

    public init(minimum: Int32, maximum: Int32) {
        precondition(minimum <= maximum, "session timeouts from \(minimum) to \(maximum)")
        self.minimum = minimum
        self.maximum = maximum
    }

    /// The bounds in force where none are configured: 2 and 20 ticks.
    public init(tickTime: Int32) {
        self.init(minimum: tickTime * 2, maximum: tickTime * 20)
    }

    public func negotiate(_ requested: Int32) -> Int32 { min(max(requested, minimum), maximum) }
}
