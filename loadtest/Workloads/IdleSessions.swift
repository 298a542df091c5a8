// Sessions that only exist: what a server pays in memory, and in pings, for being connected to.

/// Asks nothing; the swarm's pings keep the sessions alive and are what is timed.
struct IdleSessions: Workload {
    var subject: LatencySubject { .pings }

    mutating func ask(session: Int, xid: Int32, nowNs: Int64, into writer: inout RequestWriter) -> Asked? { nil }
}
