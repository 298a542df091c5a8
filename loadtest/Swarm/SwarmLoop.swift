// One loop's share of the sessions: connects them, drives them, lets them go. Everything that happens per wake-up
// stands in `Connection`; this file is about the phases of a run, `SwarmLoop+Connections` about coming and going.
import Libevent
import Synchronization

/// What the main thread tells a loop.
enum SwarmCommand: Sendable {
    /// Start asking.
    case load
    /// Durations count from here.
    case measure
    /// Stop asking, wait for replies, close sessions, report.
    case finish
}

/// What a loop tells the main thread.
enum SwarmEvent: Sendable {
    case everySessionLive
    /// The run cannot go on.
    case failed(String)
    /// The workload has done all it had to.
    case workDone
    /// Durations that ended in this second of the measurement, counted from 0.
    case slice(second: Int, LatencyHistogram)
    case outcome(LoopOutcome)
}

/// What a loop has counted and timed.
struct LoopOutcome: Sendable {
    /// Durations since the last slice, which was that of the second before `second`.
    var latency: LatencyHistogram
    var second: Int
    var timings: [Timing]
    var handshakes: Int
    var pings: Int
    var complaints: Complaints
}

/// The sessions of one loop; lives on its thread.
final class SwarmLoop<Load: Workload> {
    enum Phase { case connecting, waiting, loading, draining, closing, over }

    let loop: EventLoop
    let plan: SwarmPlan
    let share: LoopShare
    let input = InputBuffer()
    var load: Load
    var check: ReplyCheck
    var tally: Tally
    var writer = RequestWriter()
    private(set) var schedule: Schedule?

    var phase = Phase.connecting
    var connections: [Connection<Load>] = []
    /// Sessions that want a connection, as a queue from `waitingHead`.
    var waiting: [Int] = []
    var waitingHead = 0
    var attempts = 0
    /// Lost sessions that reconnect at the next housekeeping.
    var retrying: [Int] = []
    var liveCount = 0
    var deadCount = 0
    var complaints = Complaints()
    private var hasFailed = false
    private var scheduleTurns = 0
    /// When measuring began; nil while it is not going on.
    private var measuredFromNs: Int64?
    /// The second of the measurement that is going on.
    private var second = 0
    private var deadlineNs: Int64 = 0
    let counts: LiveCounts
    let connector: Connector
    private let events: BlockingMailbox<SwarmEvent>
    /// A loop's own timers are only as fine as the kernel's tick: a request of an open load would leave late by that.
    private var ticks: ShortTimer?
    private var housekeeping: Timer?
    private var commands: MailboxReader?

    init(
        on loop: EventLoop, plan: SwarmPlan, share: LoopShare, keys: Keyspace, load: Load, resolver: Resolver,
        counts: LiveCounts, commands: Mailbox<SwarmCommand>, events: BlockingMailbox<SwarmEvent>
    ) {
        self.loop = loop
        self.plan = plan
        self.share = share
        self.load = load
        check = ReplyCheck(keys: keys, depth: plan.check)
        tally = Tally(subject: load.subject)
        self.counts = counts
        self.events = events
        connector = Connector(on: loop, resolver: resolver)
        connections = (0..<share.sessions).map { Connection(swarm: self, index: $0) }
        waiting = Array(0..<share.sessions)
        self.commands = commands.receive(on: loop) { [unowned self] batch in
            for command in batch { obey(command) }
        }
        housekeeping = Timer(on: loop) { [unowned self] in keepHouse() }
        housekeeping?.start(everyMs: 100)
        loop.requestEndOfTurn { [unowned self] in connectMore() }
    }

    var isLoading: Bool { phase == .loading }

    private func obey(_ command: SwarmCommand) {
        switch command {
        case .load: startLoading()
        case .measure: startMeasuring()
        case .finish: startDraining()
        }
    }

    func publishCounts() {
        counts.replies.store(tally.replies, ordering: .relaxed)
        counts.events.store(tally.events, ordering: .relaxed)
        if load.isFinished, phase == .loading {
            phase = .waiting
            tell(.workDone)
        }
    }

    /// Tells the main thread once that the run cannot go on.
    func fail(_ reason: String) {
        guard !hasFailed else { return }
        hasFailed = true
        tell(.failed(reason))
    }

    func tell(_ event: SwarmEvent) {
        let posted = events.post(event)
        precondition(posted, "the main thread has left thousands of events unread")
    }

    // MARK: Loading

    private func startLoading() {
        guard phase == .waiting else { return }
        phase = .loading
        let nowNs = MonotonicClock.nowNs
        if let rate = plan.rate, !plan.workloadPacesItself {
            let ownRate = rate * Double(share.sessions) / Double(share.totalSessions)
            schedule = Schedule(beganNs: nowNs, perSecond: ownRate, sessions: share.sessions)
        }
        if schedule != nil || !load.restless.isEmpty {
            ticks = ShortTimer(on: loop) { [unowned self] in tick() }
            ticks?.start(afterNs: Self.tickNs)
        }
        for connection in connections { connection.pump(nowNs: nowNs) }
    }

    private func startMeasuring() {
        let nowNs = MonotonicClock.nowNs
        measuredFromNs = nowNs
        tally.startMeasuring()
        load.measuringBegan(nowNs: nowNs)
    }

    /// Hands over the durations of a second that is over.
    private func endSecond(nowNs: Int64) {
        guard let measuredFromNs else { return }
        let current = Int((nowNs - measuredFromNs) / 1_000_000_000)
        guard current > second else { return }
        tell(.slice(second: second, tally.takeSlice()))
        second = current
    }

    private static var tickNs: Int64 { 1_000_000 }

    private func tick() {
        ticks?.start(afterNs: Self.tickNs)
        let nowNs = MonotonicClock.nowNs
        if load.breaksConnections(nowNs: nowNs) { breakConnections(nowNs: nowNs) }
        for index in load.restless { connections[index].pump(nowNs: nowNs) }
        guard let schedule else { return }
        let turns = schedule.turns(nowNs: nowNs)
        // After a stall every session is visited once; each then asks all that is due.
        let first = max(scheduleTurns, turns - share.sessions)
        scheduleTurns = turns
        guard first < turns else { return }
        for turn in first..<turns { connections[turn % share.sessions].pump(nowNs: nowNs) }
    }

    private func keepHouse() {
        let nowNs = MonotonicClock.nowNs
        endSecond(nowNs: nowNs)
        switch phase {
        case .connecting, .waiting, .loading:
            waiting.append(contentsOf: retrying)
            retrying.removeAll(keepingCapacity: true)
            connectMore()
            for connection in connections { connection.keepHouse(nowNs: nowNs) }
        case .draining:
            let isDrained = connections.allSatisfy { $0.session.outstanding == 0 }
            if isDrained || nowNs >= deadlineNs { startClosing(nowNs: nowNs) }
        case .closing:
            let isClosed = connections.allSatisfy { !$0.isConnected }
            if isClosed || nowNs >= deadlineNs { end() }
        case .over: break
        }
    }

    // MARK: Ending

    private func startDraining() {
        ticks = nil
        let nowNs = MonotonicClock.nowNs
        endSecond(nowNs: nowNs)
        if measuredFromNs != nil { load.measuringEnded(nowNs: nowNs) }
        measuredFromNs = nil
        tally.stopMeasuring()
        phase = .draining
        deadlineNs = nowNs + 2_000_000_000
        keepHouse()
    }

    private func startClosing(nowNs: Int64) {
        let unanswered = connections.reduce(0) { $0 + $1.session.outstanding }
        if unanswered > 0 {
            counts.lost.add(unanswered, ordering: .relaxed)
            complaints.add("a request still unanswered 2 s after the last one was sent", count: unanswered)
        }
        phase = .closing
        deadlineNs = nowNs + 2_000_000_000
        for connection in connections { connection.closeSession(nowNs: nowNs) }
        keepHouse()
    }

    private func end() {
        phase = .over
        housekeeping = nil
        for connection in connections { _ = connection.disconnect() }
        tell(
            .outcome(
                LoopOutcome(
                    latency: tally.latency, second: second, timings: load.timings, handshakes: tally.handshakes,
                    pings: tally.pings, complaints: complaints)))
    }
}
