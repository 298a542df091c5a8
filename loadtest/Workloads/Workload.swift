// What a workload is to the swarm. Each workload stands in a file of its own beside this one.

/// What `Workload.ask` has written.
struct Asked {
    var kind: RequestKind
    /// Number of the znode or group.
    var key: Int

    init(_ kind: RequestKind, _ key: Int) {
        self.kind = kind
        self.key = key
    }
}

/// Decides what the sessions of one loop ask. A plain value that the loop drives: it does no I/O. Sessions are numbered
/// from 0 within their loop.
protocol Workload: SendableMetatype {
    /// What the run's latency figures time.
    var subject: LatencySubject { get }
    /// Sessions that are offered room at every tick (1 ms) although no reply came.
    var restless: Range<Int> { get }
    /// The run may end early.
    var isFinished: Bool { get }

    /// Appends one request with this xid to `writer`; nil, and nothing appended, when the session has nothing to ask.
    mutating func ask(session: Int, xid: Int32, nowNs: Int64, into writer: inout RequestWriter) -> Asked?
    /// A reply has passed every check, or its error was tolerated. Returns when the cause of what it completes was
    /// sent, if that is what the run times (`LatencySubject.rereads`, `.returns`).
    mutating func answered(
        session: Int, _ request: PendingRequest, _ reply: Reply, nowNs: Int64
    ) throws(SessionFault) -> Int64?
    /// Whether a reply with an error code is as good as a success here.
    func tolerates(error: Int32, for request: PendingRequest) -> Bool
    /// A watch event came. Returns when its cause was sent, if known, for timing.
    mutating func notified(session: Int, _ event: WatchEvent, nowNs: Int64) throws(SessionFault) -> Int64?
    /// The session is live on a new connection, which has no watches yet. Returns as `answered` does.
    mutating func connected(session: Int, _ arrival: Arrival, nowNs: Int64) -> Int64?
    /// The session's connection is gone; what it has asked will not be answered.
    mutating func disconnected(session: Int, nowNs: Int64)
    /// Durations count from here, and up to here.
    mutating func measuringBegan(nowNs: Int64)
    mutating func measuringEnded(nowNs: Int64)
    /// Whether all connections of the loop are to be broken now. Asked at every tick of a load with `restless` sessions.
    mutating func breaksConnections(nowNs: Int64) -> Bool
    /// Durations beside the subject of the run.
    var timings: [Timing] { get }
    /// Sessions closed by `ask` come back as new ones.
    var reopensClosedSessions: Bool { get }
}

extension Workload {
    var subject: LatencySubject { .requests }
    var restless: Range<Int> { 0..<0 }
    var isFinished: Bool { false }
    var reopensClosedSessions: Bool { false }
    var timings: [Timing] { [] }
    @inline(__always) mutating func answered(
        session: Int, _ request: PendingRequest, _ reply: Reply, nowNs: Int64
    ) throws(SessionFault) -> Int64? { nil }
    func tolerates(error: Int32, for request: PendingRequest) -> Bool { false }
    mutating func notified(session: Int, _ event: WatchEvent, nowNs: Int64) throws(SessionFault) -> Int64? { nil }
    mutating func connected(session: Int, _ arrival: Arrival, nowNs: Int64) -> Int64? { nil }
    mutating func disconnected(session: Int, nowNs: Int64) {}
    mutating func measuringBegan(nowNs: Int64) {}
    mutating func measuringEnded(nowNs: Int64) {}
    mutating func breaksConnections(nowNs: Int64) -> Bool { false }
}

/// How a session has come to a new connection.
struct Arrival {
    /// The session is the one from before, not a new one.
    var isResumed: Bool
    /// The last zxid the session has seen.
    var lastZxid: Int64
}

/// The part of a swarm that one loop carries.
struct LoopShare: Sendable {
    /// Of this loop, from 0.
    var loop: Int
    var loops: Int
    /// Sessions on this loop.
    var sessions: Int
    /// Sessions on all loops.
    var totalSessions: Int
    var shape: KeyspaceShape
}
