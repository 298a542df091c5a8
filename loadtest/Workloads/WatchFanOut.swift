// One writer, many watchers: how long until everyone knows.
import Jute
import Synchronization

/// All sessions but the first of the first loop hold one watch on each of the first `watched` znodes; that one changes
/// these in turn. The next change waits until the last was told to every watcher and all watches are in place again, so
/// each notification has one cause, from which it is timed. Each is compared with that cause, too.
struct WatchFanOut: Workload {
    struct Plan: Sendable {
        var kind: WatchKind
        var watched: Int
        /// Changes after which to end; nil for no limit.
        var changes: Int?
        /// Changes per second; nil for as fast as deliveries allow.
        var perSecond: Double?
        /// Times the reads behind the notifications instead of these; `kind` is `.data`.
        var isStorm: Bool
    }

    private let keys: Keyspace
    private let board: FanOutBoard
    private let plan: Plan
    private var writer: ChangeWriter?
    private var watchers: [Watcher]
    private var measuredFromNs = Int64.max
    private var notifications: DeliveryTimings
    private var rereads: DeliveryTimings

    /// One session's watches on its present connection.
    private struct Watcher {
        var asked = 0
        var inPlace = 0
        /// The znode whose watch has fired and must be set again.
        var fired: Int?
        /// The number of the change told last.
        var told = 0
        /// When that change began, until it was read.
        var causeNs: Int64?
        /// The mzxid read last, per znode. Only for a storm.
        var seen: [Int64]
    }

    init(keys: Keyspace, board: FanOutBoard, share: LoopShare, plan: Plan) {
        self.keys = keys
        self.board = board
        self.plan = plan
        writer = share.loop == 0 ? ChangeWriter(plan, board) : nil
        let watcher = Watcher(seen: plan.isStorm ? Array(repeating: 0, count: plan.watched) : [])
        watchers = Array(repeating: watcher, count: share.sessions)
        notifications = DeliveryTimings("notification", watchers: board.watchers)
        rereads = DeliveryTimings("reread", watchers: board.watchers)
    }

    var subject: LatencySubject { plan.isStorm ? .rereads : .notifications }
    var restless: Range<Int> { writer == nil ? 0..<0 : 0..<1 }
    var timings: [Timing] { notifications.all + (plan.isStorm ? rereads.all : []) }
    var isFinished: Bool {
        guard let changes = plan.changes else { return false }
        return board.changes.load(ordering: .relaxed) >= changes
    }

    // MARK: Asking

    mutating func ask(session: Int, xid: Int32, nowNs: Int64, into output: inout RequestWriter) -> Asked? {
        if session == 0, writer != nil { return writer?.ask(xid: xid, nowNs: nowNs, into: &output, keys) }
        if let znode = watchers[session].fired {
            watchers[session].fired = nil
            return plan.kind.register(znode, xid: xid, into: &output, keys)
        }
        guard watchers[session].asked < plan.watched else { return nil }
        watchers[session].asked += 1
        return plan.kind.register(watchers[session].asked - 1, xid: xid, into: &output, keys)
    }

    func tolerates(error: Int32, for request: PendingRequest) -> Bool {
        ChangeWriter.tolerates(error: error, for: request) || (request.kind == .existsChild && error == -101)
    }

    // MARK: Learning

    mutating func answered(
        session: Int, _ request: PendingRequest, _ reply: Reply, nowNs: Int64
    ) throws(SessionFault) -> Int64? {
        switch request.kind {
        case .setData, .createChild, .deleteChild: writer?.answered(request, error: reply.error)
        case .getData, .existsChild, .listChild, .addWatch:
            watchers[session].inPlace += 1
            board.watchesInPlace.add(1, ordering: .releasing)
            if plan.isStorm { return try reread(session: session, request, reply, nowNs: nowNs) }
        case .exists, .create, .createBatch, .getChildren, .createParent, .setChild, .getChild, .sync, .setWatches,
            .closeSession:
            break
        }
        return nil
    }

    /// The value behind a notification is here, and must be newer than the one read before.
    private mutating func reread(
        session: Int, _ request: PendingRequest, _ reply: Reply, nowNs: Int64
    ) throws(SessionFault) -> Int64? {
        let mzxid = reply.mzxid ?? 0
        let before = watchers[session].seen[Int(request.key)]
        watchers[session].seen[Int(request.key)] = mzxid
        guard let causeNs = watchers[session].causeNs else { return nil }
        guard mzxid > before else { throw .staleRead(request) }
        watchers[session].causeNs = nil
        let position = FanOutBoard.count(board.reread)
        guard causeNs >= measuredFromNs else { return nil }
        rereads.record(position: position, fromNs: causeNs, toNs: nowNs)
        return causeNs
    }

    mutating func notified(session: Int, _ event: WatchEvent, nowNs: Int64) throws(SessionFault) -> Int64? {
        let number = board.number.load(ordering: .acquiring)
        guard let place = event.place(in: keys), place.znode < plan.watched else { throw .unexpectedEvent(event) }
        if plan.kind.isOneShot {
            watchers[session].fired = place.znode
            watchers[session].inPlace -= 1
            board.watchesInPlace.subtract(1, ordering: .relaxed)
        }
        guard let cause = RequestKind(rawValue: board.cause.load(ordering: .relaxed)),
            event.change == plan.kind.notice(of: cause).change, place.isChild == plan.kind.notice(of: cause).isChild,
            place.znode == board.znode.load(ordering: .relaxed), watchers[session].told != number
        else {
            // Once the writer has given up waiting, what comes late can no longer be told from what is wrong.
            if board.missed.load(ordering: .relaxed) > 0 { return nil }
            throw .unexpectedEvent(event)
        }
        watchers[session].told = number
        let causeNs = Int64(board.beganNs.load(ordering: .relaxed))
        watchers[session].causeNs = causeNs
        let position = FanOutBoard.count(board.notified)
        guard causeNs >= measuredFromNs else { return nil }
        notifications.record(position: position, fromNs: causeNs, toNs: nowNs)
        return plan.isStorm ? nil : causeNs
    }

    // MARK: Phases

    mutating func disconnected(session: Int, nowNs: Int64) {
        if session == 0, writer != nil {
            writer?.disconnected()
        } else {
            board.watchesInPlace.subtract(watchers[session].inPlace, ordering: .relaxed)
            watchers[session].inPlace = 0
            watchers[session].asked = 0
            watchers[session].fired = nil
            watchers[session].causeNs = nil
        }
    }

    mutating func measuringBegan(nowNs: Int64) {
        measuredFromNs = nowNs
        notifications.reset()
        rereads.reset()
        if writer != nil { board.isMeasuring.store(true, ordering: .relaxed) }
    }

    mutating func measuringEnded(nowNs: Int64) {
        measuredFromNs = .max
        board.isMeasuring.store(false, ordering: .relaxed)
    }
}
