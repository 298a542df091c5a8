// Watches that only exist: what others pay for them is measured beside.
import Jute

/// Each session sets data watches on znodes of its own stretch of the keyspace and then only pings.
struct WatchHold: Workload {
    private let keys: Keyspace
    private let first: Int
    private let watchesPerSession: Int
    private let share: LoopShare
    /// Per session of the loop, watches asked for on this connection.
    private var asked: [Int]

    /// - Parameter first: number of the first znode that may be watched; behind the last one the count starts there
    ///   again.
    init(keys: Keyspace, share: LoopShare, first: Int, watchesPerSession: Int) {
        precondition(first < keys.shape.znodes, "no znode from \(first) on among \(keys.shape.znodes)")
        self.keys = keys
        self.first = first
        self.watchesPerSession = watchesPerSession
        self.share = share
        asked = Array(repeating: 0, count: share.sessions)
    }

    var subject: LatencySubject { .pings }

    mutating func connected(session: Int, _ arrival: Arrival, nowNs: Int64) -> Int64? {
        asked[session] = 0
        return nil
    }

    mutating func ask(session: Int, xid: Int32, nowNs: Int64, into writer: inout RequestWriter) -> Asked? {
        guard asked[session] < watchesPerSession else { return nil }
        let place = (share.loop + session * share.loops) * watchesPerSession + asked[session]
        let znode = first + place % (keys.shape.znodes - first)
        asked[session] += 1
        writer.read(.exists, znode, watch: true, xid: xid, keys)
        return Asked(.exists, znode)
    }
}
