// The thread that owns the replica: feeds it what happens, performs what it decides. No protocol decision is made here.

import Jute
import Libevent
import Logging
import Replica
import Tree
import Zab

/// What other threads tell the replica loop.
enum ReplicaMessage: Sendable {
    case clients([ClientInput])
    case didPersist(DiskTicket)
    case didTruncate(Handover<DataTree>)
    case cannotTruncate(to: Zxid)
    /// Enough was logged since the last snapshot.
    case snapshotDue
    /// The end of a snapshot of the own tree has passed through the disk's queue.
    case ownSnapshotPassed
    /// A four-letter word wants this loop's part.
    case report(FourLetterWord, deliver: @Sendable (ServerReport) -> Void)
    case stop
}

/// A value that one thread gives up and another takes.
///
/// `@unchecked Sendable`: the giver must not touch the value after posting it.
struct Handover<Value>: @unchecked Sendable {
    let value: Value
}

/// Feeds `Input`s to the replica and performs its `Action`s, one list after the other, front to back. Within one turn of
/// the loop, disk operations, tree steps and packets are gathered and leave once.
final class ReplicaLoop {
    private let loop: EventLoop
    let plan: ReplicaPlan
    private let log: Logger
    private(set) var replica: Replica
    let startedAtMs = MonotonicClock.nowMs
    let published: PublishedTree
    private let disk: DiskQueue
    /// None where this server is its own ensemble.
    private var election: ElectionPort?
    private(set) var quorum: QuorumPort!
    private(set) var snapshots: SnapshotTaker!
    private var leader: LeaderLink?
    private let connector: Connector
    private var clock: Timer?
    private var inboxes: [MailboxReader] = []
    private let completions: Mailbox<ReplicaMessage>
    /// What the disk has done wakes nobody.
    private var isDiskQuiet = false
    /// Used for one batch of completions after the other.
    private var quietCompletions: [ReplicaMessage] = []

    /// What arrived while actions were being performed.
    private var waitingInputs: [Input] = []
    private var isFeeding = false
    private var groupCommit: GroupCommit!
    /// The memory of one list of actions, used again for the next.
    private var actions = ActionList()
    /// The time of this turn; nil until somebody asks.
    private var turnMoment: Moment?
    private var steps: [PublishedTree.Step] = []
    private var diskBatch: DiskBatch
    private var isTurnEndRequested = false
    private var isDiskPostRequested = false
    /// So many steps do not wait for the end of the turn: workers answer while the next are decided.
    private static let stepsAtOnce = 64

    init(
        loop: EventLoop, plan: ReplicaPlan, recovered: RecoveredState, published: PublishedTree, disk: DiskQueue,
        snapshotThread: SnapshotThread, mailbox: Mailbox<ReplicaMessage>, completions: Mailbox<ReplicaMessage>
    ) {
        self.loop = loop
        self.plan = plan
        self.log = plan.log
        self.published = published
        self.disk = disk
        self.diskBatch = DiskBatch(limits: plan.limits)
        self.completions = completions
        self.connector = Connector(on: loop, resolver: plan.resolver)
        self.replica = Replica(configuration: plan.configuration, recovered: recovered, at: Self.now())
        self.quorum = QuorumPort(
            loop: loop, host: plan.quorumHost, port: plan.quorumPort, limits: plan.limits, log: log,
            paceEnded: { [unowned self] in requestTurnEnd() }, feed: { [unowned self] in feed($0) })
        if let electionPlan = plan.election {
            election = ElectionPort(
                loop: loop, plan: electionPlan, log: log,
                onNotification: { [unowned self] in feed(.receivedNotification($0, from: $1)) },
                onBindFailure: { [log] in Fatal.exit(.quorumPortBind, "election port: \($0)", log: log) })
        }
        snapshots = SnapshotTaker(loop: loop, thread: snapshotThread) { [unowned self] in
            diskBatch.append(.ownSnapshotEnded($0))
            requestTurnEnd()
        }
        groupCommit = GroupCommit(
            on: loop, limits: plan.limits, lingeredInVain: { [unowned self] in requestTurnEnd() },
            propose: { [unowned self] in decide(on: $0) })
        inboxes = [mailbox, completions].map { $0.receive(on: loop) { [unowned self] in receive($0) } }
    }

    private static func now() -> Moment { Moment(monotonicMs: MonotonicClock.nowMs, wallMs: WallClock.nowMs) }

    func start() {
        isFeeding = true
        for action in replica.start(at: Self.now()) { perform(action) }
        isFeeding = false
        requestTurnEnd()
        let clock = Timer(on: loop) { [unowned self] in
            diskBatch.endGathering()
            feed(.ticked)
        }
        clock.start(everyMs: ReplicaConfiguration.tickResolutionMs)
        self.clock = clock
    }

    // MARK: Inputs

    private func receive(_ messages: [ReplicaMessage]) {
        for message in messages {
            switch message {
            case .clients(let inputs): for input in inputs { feed(.client(input)) }
            case .didPersist(let ticket): feed(.didPersist(through: ticket))
            case .didTruncate(let tree): feed(.didTruncate(tree.value))
            case .cannotTruncate(let zxid): feed(.cannotTruncate(to: zxid))
            // Between roles the tree may hold what is not committed.
            case .snapshotDue: if replica.service != nil { snapshots.begin(of: replica.tree) }
            case .ownSnapshotPassed: snapshots.passed()
            case .report(let word, let deliver): deliver(report(for: word))
            case .stop: stop()
            }
        }
    }

    /// Takes an input, or lets it wait for others of its kind.
    private func feed(_ input: Input) {
        if groupCommit.holds(input) { return }
        // Its own part comes first, so that the commit follows from the follower's, in this turn.
        if input.isAcknowledgement { takeQuietCompletions() }
        decide(on: input)
        if !replica.hasOutstandingProposals { groupCommit.everythingCommitted() }
    }

    /// While actions are being performed a new input waits: lists are never interleaved.
    private func decide(on input: Input) {
        if isFeeding { return waitingInputs.append(input) }
        isFeeding = true
        requestDiskPost()
        performDecisions(on: input)
        var next = 0
        while next < waitingInputs.count {
            let input = waitingInputs[next]
            next += 1
            performDecisions(on: input)
        }
        if next > 0 { waitingInputs.removeAll(keepingCapacity: true) }
        isFeeding = false
        requestTurnEnd()
    }

    /// Performs what the replica decides, front to back.
    private func performDecisions(on input: Input) {
        let now = turnMoment ?? Self.now()
        turnMoment = now
        var list = ActionList()
        swap(&list, &actions)
        replica.receive(input, at: now, into: &list)
        list.takeEach { perform($0) }
        swap(&list, &actions)
    }

    // MARK: Actions

    private func perform(_ action: consuming Action) {
        switch consume action {
        case .sendNotification(let notification, let recipient): election?.send(notification, to: recipient)
        case .openQuorumPort: openQuorumPort()
        case .closeQuorumPort: quorum.close()
        case .send(let packet, let links): quorum.send(packet, to: links)
        case .sendSnapshot(let link):
            publishSteps()
            quorum.sendSnapshot(of: replica.tree, to: link)
        case .disconnectLearner(let link, let reason): quorum.disconnect(link, reason: reason)
        case .connectToLeader(let server): connect(to: server)
        case .sendToLeader(let packet): leader?.send(packet)
        case .disconnectFromLeader:
            leader?.close()
            leader = nil
        case .abandonOwnSnapshot: snapshots.abandon()
        case .persist(let operation, let ticket, let isAwaited):
            if operation.cutsTheLog { snapshots.abandon() }
            diskBatch.append(.perform(operation, ticket, isAwaited: isAwaited), isAwaited: isAwaited)
        case .apply(let record, let origin):
            steps.append(.apply(record, origin: origin))
            if steps.count >= Self.stepsAtOnce { publishSteps() }
        case .adoptTree(let tree):
            snapshots.abandon()
            tree.setConfig(plan.configuration.membership.text)
            steps.append(.adopt(tree))
        case .answer(let client, let answer): steps.append(.answer(client, answer))
        case .endLocalSession(let session): steps.append(.endSession(session))
        case .startServing(.leader) where !plan.server.quorum.leaderServesClients && !plan.server.isStandalone:
            log.notice("clients are not served while this server leads (leaderServes)")
        case .startServing(let service): steps.append(.startServing(service))
        case .stopServing(let reason): steps.append(.stopServing(reason: reason))
        case .log(let transition): log.log(transition)
        case .halt(let reason): Fatal.exit(.unexpected, reason, log: log)
        }
    }

    private func openQuorumPort() {
        if plan.election == nil { return }
        do throws(SocketError) {
            try quorum.open()
        } catch {
            Fatal.exit(.quorumPortBind, "cannot listen for learners: \(error)", log: log)
        }
    }

    private func connect(to server: ServerID) {
        leader?.close()
        guard let address = plan.quorumAddress(of: server) else {
            return feed(.disconnectedFromLeader("no address is known for server \(server)"))
        }
        leader = LeaderLink(
            loop: loop, connector: connector, host: address.host, port: address.port, limits: plan.limits,
            making: plan.making, log: log,
            keepSnapshot: { [unowned self] in diskBatch.append(.incoming($0)) },
            feed: { [unowned self] in feed($0) })
    }

    // MARK: The end of a turn

    /// What is for the disk leaves before the packets of this turn, since it takes longest: this is asked for before they
    /// are made.
    private func requestDiskPost() {
        if isDiskPostRequested { return }
        isDiskPostRequested = true
        loop.requestEndOfTurn { [unowned self] in
            isDiskPostRequested = false
            diskBatch.post(disk.post)
        }
    }

    private func requestTurnEnd() {
        if isTurnEndRequested { return }
        isTurnEndRequested = true
        loop.requestEndOfTurn { [unowned self] in
            takeQuietCompletions()
            isTurnEndRequested = false
            endTurn()
        }
    }

    /// What was gathered leaves.
    private func endTurn() {
        turnMoment = nil
        groupCommit.turnEnded(isOutstanding: replica.hasOutstandingProposals)
        // What came after the first time: decisions on quiet completions, and the end of an own snapshot.
        diskBatch.post(disk.post)
        quorum.sendWaiting(groupCommit.pace, isSpare: { replica.isSpare($0) })
        publishSteps()
        quietenDisk()
    }

    /// A leader's own disk has mostly done its part before a follower says so: then it is soon enough to look when that
    /// comes. The clock's ticks see to it that nothing waits for long.
    private func quietenDisk() {
        let isQuiet = !replica.isWaitingForDisk
        if isQuiet == isDiskQuiet { return }
        isDiskQuiet = isQuiet
        completions.setQuiet(isQuiet)
    }

    private func takeQuietCompletions() {
        if !isDiskQuiet { return }
        completions.takeQuiet(into: &quietCompletions)
        if quietCompletions.isEmpty { return }
        receive(quietCompletions)
        quietCompletions.removeAll(keepingCapacity: true)
    }

    private func publishSteps() {
        if steps.isEmpty { return }
        let report = published.perform(steps)
        steps.removeAll(keepingCapacity: true)
        if let zxid = report.digestMismatches.first {
            // Equal zxid means equal tree (I13): this server's tree is not the ensemble's.
            let text = "the tree differs from the leader's after \(zxid); remove the data directory's version-2"
            Fatal.exit(.unexpected, "\(text) and start again to take the leader's tree", log: log)
        }
    }

    private func stop() {
        leader?.close()
        quorum.close()
        election?.close()
        diskBatch.endGathering()
        requestTurnEnd()
        loop.stop()
    }
}

extension Input {
    fileprivate var isAcknowledgement: Bool {
        if case .receivedFromLearner(_, let packet) = self { packet.type == PacketType.ack.rawValue } else { false }
    }
}

extension DiskOperation {
    /// Whether a snapshot in the making might show what this removes.
    var cutsTheLog: Bool {
        switch self {
        case .truncate, .installSnapshot: true
        case .append, .setAcceptedEpoch, .setCurrentEpoch: false
        }
    }
}
