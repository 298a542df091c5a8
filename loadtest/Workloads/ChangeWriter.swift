// The writer of a watch fan-out: when the next change may be made, and which. Separate from the watchers' part, which
// is most of the work.
import Jute
import Synchronization

/// Makes one change after the other. Lives on the first loop, as its first session.
struct ChangeWriter {
    private let plan: WatchFanOut.Plan
    private let board: FanOutBoard
    private let intervalNs: Double
    /// When change 0 of the schedule is due; set when the first could be made.
    private var scheduleNs: Int64?
    private var scheduled = 0
    private var isUnanswered = false
    private var sentNs: Int64 = 0
    private var turn = 0
    /// Per watched znode, whether its child is there. A wrong guess costs one change that nobody sees.
    private var hasChild: [Bool]
    /// The last change is over and counted, or does not belong to the measurement.
    private var isCounted = true

    /// How long a notification may take before it counts as missed.
    private static let patienceNs: Int64 = 5_000_000_000
    private static let nodeExists: Int32 = -110
    private static let noNode: Int32 = -101

    init(_ plan: WatchFanOut.Plan, _ board: FanOutBoard) {
        self.plan = plan
        self.board = board
        intervalNs = plan.perSecond.map { 1e9 / $0 } ?? 0
        hasChild = Array(repeating: false, count: plan.watched)
    }

    mutating func ask(xid: Int32, nowNs: Int64, into output: inout RequestWriter, _ keys: Keyspace) -> Asked? {
        guard !isUnanswered, isSettled(nowNs: nowNs) else { return nil }
        countSettled()
        let beganNs = scheduleNs ?? nowNs
        let dueNs = beganNs + Int64(Double(scheduled) * intervalNs)
        guard nowNs >= dueNs else { return nil }
        scheduleNs = beganNs
        scheduled += 1
        isUnanswered = true
        sentNs = nowNs
        isCounted = !board.isMeasuring.load(ordering: .relaxed)
        let znode = turn % plan.watched
        turn += 1
        let asked = change(znode)
        // As in `Schedule`: what was held back is timed from when it was due.
        let isLate = plan.perSecond != nil && nowNs - dueNs > Schedule.graceNs
        board.begin(asked, atNs: isLate ? dueNs : nowNs)
        switch asked.kind {
        case .createChild: output.createChild(znode, sequence: 0, xid: xid, keys)
        case .deleteChild: output.deleteChild(znode, xid: xid, keys)
        default: output.set(znode, xid: xid, keys)
        }
        return asked
    }

    private func change(_ znode: Int) -> Asked {
        guard plan.kind.needsChild else { return Asked(.setData, znode) }
        return Asked(hasChild[znode] ? .deleteChild : .createChild, znode)
    }

    /// Whether the last change has reached every watcher and all are ready for the next, or have had their time.
    private func isSettled(nowNs: Int64) -> Bool {
        // A notification takes its watch out of place before it counts: look at them in the other order.
        let missing = board.watchers - board.notified.load(ordering: .acquiring)
        let unread = plan.isStorm ? board.watchers - board.reread.load(ordering: .relaxed) : 0
        let areReady = board.watchesInPlace.load(ordering: .acquiring) >= board.expectedWatches
        if board.number.load(ordering: .relaxed) == 0 { return areReady }
        if areReady, missing <= 0, unread <= 0 { return true }
        guard nowNs - sentNs > Self.patienceNs else { return false }
        board.missed.add(max(1, max(missing, unread)), ordering: .relaxed)
        return true
    }

    private mutating func countSettled() {
        guard !isCounted else { return }
        isCounted = true
        board.changes.add(1, ordering: .relaxed)
    }

    static func tolerates(error: Int32, for request: PendingRequest) -> Bool {
        switch request.kind {
        case .createChild: error == nodeExists
        case .deleteChild: error == noNode
        default: false
        }
    }

    mutating func answered(_ request: PendingRequest, error: Int32) {
        isUnanswered = false
        if request.kind != .setData { hasChild[Int(request.key)] = request.kind == .createChild }
        guard error != 0 else { return }
        board.cancel()
        isCounted = true
    }

    /// The change under way may have been made or not.
    mutating func disconnected() { isUnanswered = false }
}
