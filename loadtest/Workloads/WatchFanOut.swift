// One writer, many watchers: how long until everyone knows.
import Jute
import Synchronization

/// What writer and watchers on different loops share. Times are written by the writer's loop and read by all.
final class FanOutBoard: Sendable {
    /// Watches that must be in place before the first write.
    let expectedWatches: Int
    let watchesInPlace = Atomic<Int>(0)
    /// When the newest write was sent.
    let writtenNs = Atomic<Int>(0)
    /// Notifications since the newest write was sent.
    let delivered = Atomic<Int>(0)
    let writes = Atomic<Int>(0)
    /// Notifications that had not come when the writer gave up waiting for them.
    let missed = Atomic<Int>(0)

    init(expectedWatches: Int) { self.expectedWatches = expectedWatches }
}

/// All sessions but the first of the first loop hold a persistent watch on each of the first `watched` znodes; that one
/// writes them in turn. The next write waits until the last has reached every watcher, so each notification has one
/// cause, from whose sending it is timed.
struct WatchFanOut: Workload {
    private let keys: Keyspace
    private let board: FanOutBoard
    private let watched: Int
    private let watchers: Int
    private let hasWriter: Bool
    private let sessions: Int
    private let intervalNs: Int64
    /// Per session of the loop, watches asked for on this connection.
    private var asked: [Int]
    private var nextWriteNs: Int64 = 0
    private var isWriting = false
    private var turn = 0

    /// - Parameter perSecond: writes per second at most; nil for as fast as deliveries allow.
    init(keys: Keyspace, board: FanOutBoard, share: LoopShare, watched: Int, perSecond: Double?) {
        self.keys = keys
        self.board = board
        self.watched = watched
        watchers = share.totalSessions - 1
        hasWriter = share.loop == 0
        sessions = share.sessions
        intervalNs = perSecond.map { Int64(1e9 / $0) } ?? 0
        asked = Array(repeating: 0, count: share.sessions)
    }

    var subject: LatencySubject { .notifications }
    var restless: Range<Int> { hasWriter ? 0..<1 : 0..<0 }

    mutating func connected(session: Int) { asked[session] = 0 }

    mutating func ask(session: Int, xid: Int32, nowNs: Int64, into writer: inout RequestWriter) -> Asked? {
        if hasWriter && session == 0 { return write(xid: xid, nowNs: nowNs, into: &writer) }
        guard asked[session] < watched else { return nil }
        let znode = asked[session]
        asked[session] += 1
        writer.addWatch(znode, xid: xid, keys)
        return Asked(.addWatch, znode)
    }

    private mutating func write(xid: Int32, nowNs: Int64, into writer: inout RequestWriter) -> Asked? {
        guard !isWriting, nowNs >= nextWriteNs, isDelivered(nowNs: nowNs),
            board.watchesInPlace.load(ordering: .relaxed) >= board.expectedWatches
        else { return nil }
        isWriting = true
        nextWriteNs = max(nextWriteNs + intervalNs, nowNs - intervalNs)
        board.delivered.store(0, ordering: .relaxed)
        board.writtenNs.store(Int(nowNs), ordering: .releasing)
        board.writes.add(1, ordering: .relaxed)
        let znode = turn % watched
        turn += 1
        writer.set(znode, xid: xid, keys)
        return Asked(.setData, znode)
    }

    /// Whether the last write has reached every watcher, or has had its time.
    private func isDelivered(nowNs: Int64) -> Bool {
        if board.writes.load(ordering: .relaxed) == 0 { return true }
        let delivered = board.delivered.load(ordering: .relaxed)
        if delivered >= watchers { return true }
        guard nowNs - Int64(board.writtenNs.load(ordering: .relaxed)) > Self.patienceNs else { return false }
        board.missed.add(watchers - delivered, ordering: .relaxed)
        return true
    }

    /// How long a notification may take before it counts as missed.
    private static let patienceNs: Int64 = 5_000_000_000

    mutating func answered(session: Int, _ request: PendingRequest, error: Int32, nowNs: Int64) {
        switch request.kind {
        case .addWatch: board.watchesInPlace.add(1, ordering: .relaxed)
        case .setData: isWriting = false
        case .getData, .exists, .getChildren, .create, .createParent, .closeSession: break
        }
    }

    mutating func notified(session: Int, type: Int32, path: UnsafeRawBufferPointer, nowNs: Int64) -> Int64? {
        board.delivered.add(1, ordering: .relaxed)
        return Int64(board.writtenNs.load(ordering: .acquiring))
    }
}
