// One loop's share of the sessions: connects them, drives them, lets them go. Everything that happens per wake-up
// stands in `Connection`; this file is about the phases of a run.
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
    case outcome(LoopOutcome)
}

/// What a loop has counted and timed.
struct LoopOutcome: Sendable {
    var latency: LatencyHistogram
    var handshakes: Int
    var pings: Int
    /// The first faults and losses, a sentence each.
    var complaints: [String]
}

/// The sessions of one loop; lives on its thread.
final class SwarmLoop<Load: Workload> {
    private enum Phase { case connecting, waiting, loading, draining, closing, over }

    let loop: EventLoop
    let plan: SwarmPlan
    let share: LoopShare
    let input = InputBuffer()
    var load: Load
    var check: ReplyCheck
    var tally: Tally
    var writer = RequestWriter()
    private(set) var schedule: Schedule?

    private var phase = Phase.connecting
    private var connections: [Connection<Load>] = []
    /// Sessions that want a connection, as a queue from `waitingHead`.
    private var waiting: [Int] = []
    private var waitingHead = 0
    private var attempts = 0
    /// Lost sessions that reconnect at the next housekeeping.
    private var retrying: [Int] = []
    private var liveCount = 0
    private var deadCount = 0
    private var hasFailed = false
    private var scheduleTurns = 0
    private var complaints: [String] = []
    private var deadlineNs: Int64 = 0
    private let counts: LiveCounts
    private let events: BlockingMailbox<SwarmEvent>
    private let connector: Connector
    private var ticks: Timer?
    private var housekeeping: Timer?
    private var commands: MailboxReader<SwarmCommand>?

    /// Connects under way at once.
    private static var attemptLimit: Int { 128 }
    private static var complaintLimit: Int { 5 }
    /// Ephemeral ports towards one address; beyond, connections start from further loopback addresses.
    private static var sessionsPerLocalAddress: Int { 20_000 }

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
        case .measure: tally.startMeasuring()
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
    private func fail(_ reason: String) {
        guard !hasFailed else { return }
        hasFailed = true
        tell(.failed(reason))
    }

    private func tell(_ event: SwarmEvent) {
        let posted = events.post(event)
        precondition(posted, "the main thread left more events of a loop unread than there are kinds")
    }

    // MARK: Connecting

    private func connectMore() {
        while attempts < Self.attemptLimit, waitingHead < waiting.count, phase != .over {
            let connection = connections[waiting[waitingHead]]
            waitingHead += 1
            if waitingHead == waiting.count {
                waiting.removeAll(keepingCapacity: true)
                waitingHead = 0
            }
            dial(connection)
        }
    }

    private func dial(_ connection: Connection<Load>) {
        let number = share.loop + connection.session.index * share.loops
        let endpoint = plan.endpoints[(number + connection.moves) % plan.endpoints.count]
        attempts += 1
        connection.willConnect(nowNs: MonotonicClock.nowNs)
        let timeoutMs = Int64(plan.connectSeconds * 1000)
        connector.connect(
            host: endpoint.host, port: endpoint.port, timeoutMs: timeoutMs, from: localAddress(number, endpoint)
        ) { [unowned self, unowned connection] result in
            attempts -= 1
            switch result {
            case .success(let fd) where phase == .draining || phase == .closing || phase == .over: Socket.close(fd)
            case .success(let fd): connection.connected(fd: fd, nowNs: MonotonicClock.nowNs)
            case .failure(let error): connectFailed(connection, error)
            }
            connectMore()
        }
    }

    private func localAddress(_ number: Int, _ endpoint: Endpoint) -> SocketAddress? {
        guard plan.sessions > Self.sessionsPerLocalAddress, endpoint.isIPv4Loopback else { return nil }
        let last = 2 + number / Self.sessionsPerLocalAddress
        return SocketAddress(numericHost: "127.0.0.\(last)", port: 0)
    }

    private func connectFailed(_ connection: Connection<Load>, _ error: SocketError) {
        complain("\(error)")
        if phase == .connecting, liveCount == 0 { return fail("\(error)") }
        connection.moveOn()
        retrying.append(connection.session.index)
    }

    /// A handshake has succeeded.
    func greeted(_ connection: Connection<Load>, beganNs: Int64, nowNs: Int64) {
        liveCount += 1
        counts.live.store(liveCount, ordering: .relaxed)
        tally.greeted(beganNs: beganNs, nowNs: nowNs)
        if phase == .connecting, liveCount == share.sessions {
            phase = .waiting
            tell(.everySessionLive)
        }
    }

    // MARK: Losing

    /// The connection has ended, by intention or not.
    func connectionLost(_ connection: Connection<Load>, reason: String) {
        let phaseOfSession = connection.session.phase
        let isIntended = phaseOfSession == .closing
        let unanswered = connection.disconnect()
        if phaseOfSession == .live || isIntended {
            liveCount -= 1
            counts.live.store(liveCount, ordering: .relaxed)
        }
        if isIntended {
            connection.forgetSession()
            if phase == .loading, load.reopensClosedSessions {
                waiting.append(connection.session.index)
                connectMore()
            }
            return
        }
        guard phase != .closing, phase != .over else { return }
        counts.lost.add(unanswered, ordering: .relaxed)
        counts.reconnects.add(1, ordering: .relaxed)
        complain("session \(connection.session.index): \(reason), \(unanswered) requests unanswered")
        if plan.needsEveryReply, unanswered > 0 { fail(reason) }
        connection.moveOn()
        retrying.append(connection.session.index)
    }

    /// The server broke the protocol, or answered wrongly. The session is given up, except for one that has expired.
    func faulted(_ connection: Connection<Load>, _ fault: SessionFault) {
        if fault == .sessionExpired { return connectionLost(connection, reason: fault.description) }
        if connection.session.phase != .handshaking { liveCount -= 1 }
        let unanswered = connection.disconnect()
        counts.live.store(liveCount, ordering: .relaxed)
        counts.lost.add(unanswered, ordering: .relaxed)
        counts.faults.add(1, ordering: .relaxed)
        complain("session \(connection.session.index): \(fault)")
        deadCount += 1
        if deadCount == share.sessions || phase == .connecting || plan.needsEveryReply { fail(fault.description) }
    }

    private func complain(_ text: String) {
        if complaints.count < Self.complaintLimit { complaints.append(text) }
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
            ticks = Timer(on: loop) { [unowned self] in tick() }
            ticks?.start(everyMs: 1)
        }
        for connection in connections { connection.pump(nowNs: nowNs) }
    }

    private func tick() {
        let nowNs = MonotonicClock.nowNs
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
        switch phase {
        case .connecting, .waiting, .loading:
            waiting.append(contentsOf: retrying)
            retrying.removeAll(keepingCapacity: true)
            connectMore()
            for connection in connections { connection.keepAlive(nowNs: nowNs) }
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
        tally.stopMeasuring()
        phase = .draining
        deadlineNs = MonotonicClock.nowNs + 2_000_000_000
        keepHouse()
    }

    private func startClosing(nowNs: Int64) {
        let unanswered = connections.reduce(0) { $0 + $1.session.outstanding }
        if unanswered > 0 {
            counts.lost.add(unanswered, ordering: .relaxed)
            complain("\(unanswered) requests still unanswered 2 s after the last one was sent")
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
                    latency: tally.latency, handshakes: tally.handshakes, pings: tally.pings, complaints: complaints)))
    }
}
