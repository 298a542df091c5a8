// All connections break at once, and every session comes back: how fast a server takes a crowd.
import Jute
import Synchronization

/// What the loops of a herd share.
final class HerdBoard: Sendable {
    let sessions: Int
    /// Sessions whose watches have been set, so that the break may come.
    let ready = Atomic<Int>(0)
    let isMeasuring = Atomic<Bool>(false)
    /// When the first connection broke; 0 before.
    let brokenNs = Atomic<Int>(0)
    /// Sessions that lost their connection, each counted once.
    let gone = Atomic<Int>(0)
    /// Of these, back with their watches.
    let back = Atomic<Int>(0)
    let firstBackNs = Atomic<Int>(0)
    let lastBackNs = Atomic<Int>(0)
    /// Came back as new sessions, since theirs had expired.
    let renewed = Atomic<Int>(0)

    init(sessions: Int) { self.sessions = sessions }

    var isOver: Bool { back.load(ordering: .acquiring) >= sessions }
}

/// Sessions that do nothing until their connections break, and then count how long each takes to be back: greeted as
/// the session it was, and with its watches set again where it has some.
struct ReconnectHerd: Workload {
    struct Plan: Sendable {
        /// The generator closes all connections when measuring begins; otherwise it waits for the server to do so.
        var breaksByItself: Bool
        /// Data watches of each session, set again by setWatches2.
        var watchesPerSession: Int
    }

    private enum State { case new, ready, gone, back }

    private let keys: Keyspace
    private let board: HerdBoard
    private let plan: Plan
    private let share: LoopShare
    private var states: [State]
    /// Per session, watches still to ask for.
    private var unset: [Int]
    /// Per session, watches still to set again, and the last zxid that it saw before.
    private var unrestored: [(count: Int, since: Int64)]
    /// Clients send as many frames as keep each below 128 KiB.
    private static let watchesPerFrame = 2000
    private var hasBroken = false

    init(keys: Keyspace, board: HerdBoard, share: LoopShare, plan: Plan) {
        self.keys = keys
        self.board = board
        self.plan = plan
        self.share = share
        states = Array(repeating: .new, count: share.sessions)
        unset = Array(repeating: plan.watchesPerSession, count: share.sessions)
        unrestored = Array(repeating: (0, 0), count: share.sessions)
    }

    var subject: LatencySubject { .returns }
    /// For the ticks.
    var restless: Range<Int> { 0..<1 }
    var isFinished: Bool { board.isOver }

    // MARK: Watches

    /// Sessions share znodes when there are fewer of these than watches.
    private func watch(_ number: Int, of session: Int) -> Int {
        let first = (share.loop + session * share.loops) * plan.watchesPerSession
        return (first + number) % share.shape.znodes
    }

    mutating func ask(session: Int, xid: Int32, nowNs: Int64, into writer: inout RequestWriter) -> Asked? {
        if unrestored[session].count > 0 {
            let end = unrestored[session].count
            let rest = max(0, end - Self.watchesPerFrame)
            unrestored[session].count = rest
            let znodes = (rest..<end).map { watch($0, of: session) }
            writer.setWatches(znodes, since: unrestored[session].since, xid: xid, keys)
            return Asked(.setWatches, rest)
        }
        guard unset[session] > 0 else { return nil }
        unset[session] -= 1
        let znode = watch(unset[session], of: session)
        writer.read(.getData, znode, watch: true, xid: xid, keys)
        return Asked(.getData, znode)
    }

    mutating func answered(
        session: Int, _ request: PendingRequest, _ reply: Reply, nowNs: Int64
    ) throws(SessionFault) -> Int64? {
        if request.kind == .setWatches { return request.key == 0 ? isBack(session, nowNs: nowNs) : nil }
        // Replies come in order, and watch 0 is the last to be asked for.
        let isLast = unset[session] == 0 && Int(request.key) == watch(0, of: session)
        if request.kind == .getData, isLast, states[session] == .new { isReady(session) }
        return nil
    }

    private mutating func isReady(_ session: Int) {
        states[session] = .ready
        board.ready.add(1, ordering: .relaxed)
    }

    // MARK: Coming and going

    mutating func breaksConnections(nowNs: Int64) -> Bool {
        guard plan.breaksByItself, !hasBroken, board.isMeasuring.load(ordering: .relaxed),
            board.ready.load(ordering: .relaxed) == board.sessions
        else { return false }
        hasBroken = true
        return true
    }

    mutating func disconnected(session: Int, nowNs: Int64) {
        switch states[session] {
        case .new: unset[session] = plan.watchesPerSession
        case .ready:
            guard board.isMeasuring.load(ordering: .relaxed) else { return }
            _ = board.brokenNs.compareExchange(expected: 0, desired: Int(nowNs), ordering: .acquiringAndReleasing)
            states[session] = .gone
            board.gone.add(1, ordering: .relaxed)
        case .gone, .back: break
        }
    }

    mutating func connected(session: Int, _ arrival: Arrival, nowNs: Int64) -> Int64? {
        if states[session] == .new {
            if plan.watchesPerSession == 0 { isReady(session) }
            return nil
        }
        if !arrival.isResumed, states[session] == .gone { board.renewed.add(1, ordering: .relaxed) }
        guard plan.watchesPerSession > 0 else { return isBack(session, nowNs: nowNs) }
        unrestored[session] = (plan.watchesPerSession, arrival.lastZxid)
        return nil
    }

    private mutating func isBack(_ session: Int, nowNs: Int64) -> Int64? {
        guard states[session] == .gone else { return nil }
        states[session] = .back
        _ = board.firstBackNs.compareExchange(expected: 0, desired: Int(nowNs), ordering: .relaxed)
        board.lastBackNs.max(Int(nowNs), ordering: .relaxed)
        board.back.add(1, ordering: .acquiringAndReleasing)
        return Int64(board.brokenNs.load(ordering: .acquiring))
    }

    mutating func measuringBegan(nowNs: Int64) { board.isMeasuring.store(true, ordering: .relaxed) }
    mutating func measuringEnded(nowNs: Int64) { board.isMeasuring.store(false, ordering: .relaxed) }
}
