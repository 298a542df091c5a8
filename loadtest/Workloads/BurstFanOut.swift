// Many changes at once, many watchers: what a server gains by telling several things in one go.
import Jute
import Synchronization

/// What writer and watchers on different loops share.
final class BurstBoard: Sendable {
    /// Watches that must be in place before the first burst.
    let expectedWatches: Int
    let watchesInPlace = Atomic<Int>(0)
    /// When the newest burst began.
    let beganNs = Atomic<Int>(0)
    /// Notifications since then.
    let delivered = Atomic<Int>(0)

    init(expectedWatches: Int) { self.expectedWatches = expectedWatches }
}

/// All sessions but the first of the first loop hold a persistent watch on each of the first `watched` znodes; that one
/// writes all of these without waiting, and again when every watcher has been told of every one. Notifications are
/// timed from the beginning of their burst.
struct BurstFanOut: Workload {
    private let keys: Keyspace
    private let board: BurstBoard
    private let watched: Int
    private let hasWriter: Bool
    /// Per session of the loop, watches asked for on this connection.
    private var asked: [Int]
    /// Znodes of the burst that are still to be written.
    private var left = 0
    private var unanswered = 0

    init(keys: Keyspace, board: BurstBoard, share: LoopShare, watched: Int) {
        self.keys = keys
        self.board = board
        self.watched = watched
        hasWriter = share.loop == 0
        asked = Array(repeating: 0, count: share.sessions)
    }

    var subject: LatencySubject { .notifications }
    var restless: Range<Int> { hasWriter ? 0..<1 : 0..<0 }

    mutating func connected(session: Int, _ arrival: Arrival, nowNs: Int64) -> Int64? {
        asked[session] = 0
        return nil
    }

    mutating func ask(session: Int, xid: Int32, nowNs: Int64, into writer: inout RequestWriter) -> Asked? {
        if hasWriter && session == 0 { return write(xid: xid, nowNs: nowNs, into: &writer) }
        guard asked[session] < watched else { return nil }
        let znode = asked[session]
        asked[session] += 1
        writer.addWatch(znode, mode: .persistent, xid: xid, keys)
        return Asked(.addWatch, znode)
    }

    private mutating func write(xid: Int32, nowNs: Int64, into writer: inout RequestWriter) -> Asked? {
        if left == 0 {
            guard unanswered == 0, isDelivered(nowNs: nowNs) else { return nil }
            left = watched
            board.delivered.store(0, ordering: .relaxed)
            board.beganNs.store(Int(nowNs), ordering: .releasing)
        }
        left -= 1
        unanswered += 1
        writer.set(left, xid: xid, keys)
        return Asked(.setData, left)
    }

    /// Whether the last burst has reached every watcher, or has had its time.
    private func isDelivered(nowNs: Int64) -> Bool {
        let began = Int64(board.beganNs.load(ordering: .relaxed))
        if began == 0 { return board.watchesInPlace.load(ordering: .relaxed) >= board.expectedWatches }
        return board.delivered.load(ordering: .relaxed) >= board.expectedWatches || nowNs - began > Self.patienceNs
    }

    /// How long the notifications of a burst may take before the next one begins without them.
    private static let patienceNs: Int64 = 5_000_000_000

    mutating func answered(
        session: Int, _ request: PendingRequest, _ reply: Reply, nowNs: Int64
    ) throws(SessionFault) -> Int64? {
        if request.kind == .addWatch { board.watchesInPlace.add(1, ordering: .relaxed) }
        if request.kind == .setData { unanswered -= 1 }
        return nil
    }

    mutating func notified(session: Int, _ event: WatchEvent, nowNs: Int64) throws(SessionFault) -> Int64? {
        board.delivered.add(1, ordering: .relaxed)
        return Int64(board.beganNs.load(ordering: .acquiring))
    }
}
