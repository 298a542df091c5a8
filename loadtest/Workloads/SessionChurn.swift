// Sessions that come and go: connect, read a little, close, again.
import Jute

/// Each connection opens a session, makes a few reads, closes it and starts over. Handshakes are timed.
struct SessionChurn: Workload {
    private let keys: Keyspace
    private var chooser: KeyChooser
    private let readsPerSession: Int
    /// Per session of the loop, reads still to ask before closing.
    private var left: [Int]

    init(keys: Keyspace, chooser: KeyChooser, sessions: Int, readsPerSession: Int) {
        self.keys = keys
        self.chooser = chooser
        self.readsPerSession = readsPerSession
        left = Array(repeating: readsPerSession, count: sessions)
    }

    var subject: LatencySubject { .handshakes }
    var reopensClosedSessions: Bool { true }

    mutating func connected(session: Int, _ arrival: Arrival, nowNs: Int64) -> Int64? {
        left[session] = readsPerSession
        return nil
    }

    mutating func ask(session: Int, xid: Int32, nowNs: Int64, into writer: inout RequestWriter) -> Asked? {
        guard left[session] > 0 else {
            writer.bare(.closeSession, xid: xid)
            return Asked(.closeSession, 0)
        }
        left[session] -= 1
        let znode = chooser.next()
        writer.read(.getData, znode, watch: false, xid: xid, keys)
        return Asked(.getData, znode)
    }
}
