// The replica: one server's part in the ensemble, as decisions only.

import DequeModule
public import Jute
public import Tree
public import Zab

/// One server's replicated state machine. It takes `Input`s and returns ordered `Action`s; it owns no socket, file,
/// clock, thread or random source. The same code runs in production and in the simulator.
///
/// A replica is looking for a leader, leading, following or observing. What belongs to a role lives in `Leading` or
/// `Learning` and goes with it; what outlives roles is here.
public struct Replica {
    public let configuration: ReplicaConfiguration
    /// The replicated state. Changed only by whoever performs `Action.apply`.
    public private(set) var tree: DataTree
    public internal(set) var election: Election
    public internal(set) var acceptedEpoch: Epoch
    public internal(set) var currentEpoch: Epoch
    /// The last transaction in the log, whether committed or not: the end of this server's history.
    public internal(set) var lastLogged: Zxid
    /// The last transaction given out by `Action.apply`.
    public internal(set) var lastApplied: Zxid

    /// This server leads and has proposed what is not committed yet. Stored: it is asked with every input, and to call
    /// anything here would copy the replica first.
    public private(set) var hasOutstandingProposals = false

    /// The next leader is to send its whole tree: what is here cannot be cut back to its history.
    var asksForTree = false
    /// The highest epoch that a voter turned out to have promised while this server led an earlier one: the next reign
    /// here begins above it.
    var promisedElsewhere = Epoch.none

    var window: CommittedWindow
    var disk = DiskLedger()
    var leading: Leading?
    var learning: Learning?
    var sessionIDs: SessionIDGenerator
    var now = Moment(monotonicMs: 0, wallMs: 0)
    private var actions = ActionList()

    public init(configuration: ReplicaConfiguration, recovered: RecoveredState, at now: Moment) {
        precondition(recovered.acceptedEpoch >= recovered.currentEpoch, "a current epoch nobody accepted")
        self.configuration = configuration
        self.tree = recovered.tree
        self.acceptedEpoch = recovered.acceptedEpoch
        self.currentEpoch = recovered.currentEpoch
        self.lastLogged = recovered.isInitialised ? recovered.tree.lastProcessedZxid : .none
        self.lastApplied = recovered.tree.lastProcessedZxid
        self.window = CommittedWindow(
            maximumCount: configuration.windowCount, maximumBytes: configuration.windowBytes)
        for proposal in recovered.recent { window.append(proposal) }
        self.sessionIDs = SessionIDGenerator(server: configuration.id, now: now.wallMs)
        self.election = Election(
            myID: configuration.id, role: configuration.isVoter ? .participant : .observer,
            membership: configuration.membership, lastZxid: lastLogged, currentEpoch: currentEpoch,
            timing: configuration.electionTiming)
    }

    /// Joins the first election. To be called once, before any input.
    public mutating func start(at now: Moment) -> [Action] {
        self.now = now
        beginElection()
        return actions.takeAll()
    }

    /// Takes one event; returns what follows from it, in the order in which it is to be done.
    public mutating func receive(_ input: Input, at now: Moment) -> [Action] {
        var actions = ActionList()
        receive(input, at: now, into: &actions)
        return actions.takeAll()
    }

    /// As `receive(_:at:)`, appending to `list`, whose memory a caller uses again and again.
    public mutating func receive(_ input: Input, at now: Moment, into list: inout ActionList) {
        swap(&actions, &list)
        defer { swap(&actions, &list) }
        precondition(now.monotonicMs >= self.now.monotonicMs, "time went back")
        self.now = now
        switch input {
        case .ticked: tick()
        case .receivedNotification(let notification, let sender): receiveNotification(notification, from: sender)
        case .learnerConnected(let link): learnerConnected(link)
        case .receivedFromLearner(let link, let packet): receive(packet, from: link)
        case .learnerDisconnected(let link): learnerDisconnected(link)
        case .sentToLearner(let link): sentToLearner(link)
        case .connectedToLeader: connectedToLeader()
        case .receivedFromLeader(let packet): receiveFromLeader(packet)
        case .receivingSnapshot: learning?.heardAtMs = now.monotonicMs
        case .receivedSnapshot(let tree, let zxid): receivedSnapshot(tree, zxid)
        case .disconnectedFromLeader(let reason): disconnectedFromLeader(reason)
        case .didPersist(let ticket): didPersist(through: ticket)
        case .didTruncate(let tree): didTruncate(tree)
        case .cannotTruncate(let zxid): cannotTruncate(to: zxid)
        case .client(let input): receive(input)
        }
        hasOutstandingProposals = leading?.broadcast.outstanding.isEmpty == false
    }

    mutating func emit(_ action: consuming Action) { actions.append(action) }

    mutating func persist(_ operation: DiskOperation, then consequence: DiskLedger.Consequence? = nil) {
        let isAwaited = if case .append = operation { consequence != nil } else { true }
        emit(.persist(operation, disk.issue(consequence), isAwaited: isAwaited))
    }

    private mutating func didPersist(through ticket: DiskTicket) {
        while let consequence = disk.settle(through: ticket) {
            if leading != nil {
                // A leader's own acknowledgement stands for all before it.
                if case .ackProposal = consequence, disk.allowsAcknowledgement(through: ticket) { continue }
                leaderDidPersist(consequence)
            } else if learning != nil {
                learnerDidPersist(consequence)
            }
        }
    }

    private mutating func tick() {
        if leading != nil {
            tickLeading()
        } else if learning != nil {
            tickLearning()
        }
        perform(election.tick(now: now.monotonicMs))
    }

    // MARK: The tree

    /// Hands out a committed transaction, or on leaving a role one that is in the log and may yet be committed.
    mutating func apply(_ proposal: Proposal, _ record: TxnRecord, origin: Origin?) {
        precondition(proposal.zxid > lastApplied, "would apply \(proposal.zxid) after \(lastApplied)")
        lastApplied = proposal.zxid
        window.append(proposal)
        emit(.apply(record, origin: origin))
    }

    mutating func adopt(_ tree: DataTree) {
        self.tree = tree
        lastApplied = tree.lastProcessedZxid
        lastLogged = tree.lastProcessedZxid
        emit(.adoptTree(tree))
    }

    // MARK: Elections

    mutating func beginElection() {
        precondition(leading == nil && learning == nil)
        let vote = Vote(leader: configuration.id, zxid: lastLogged, peerEpoch: currentEpoch)
        let actions = election.start(now: now.monotonicMs, vote: configuration.isVoter ? vote : .null)
        emit(.log(.looking(round: election.round)))
        perform(actions)
    }

    private mutating func receiveNotification(_ notification: Notification, from sender: ServerID) {
        noteCandidacy(notification, of: sender)
        perform(election.receive(notification, from: sender, now: now.monotonicMs))
    }

    private mutating func perform(_ electionActions: [ElectionAction]) {
        for action in electionActions {
            switch action {
            case .send(let notification, let recipient): emit(.sendNotification(notification, to: recipient))
            case .elected(let vote): elected(vote)
            case .adoptConfiguration: break
            }
        }
    }

    private mutating func elected(_ vote: Vote) {
        emit(.log(.elected(leader: vote.leader, round: election.round)))
        if vote.leader == configuration.id {
            beginLeading()
        } else {
            beginLearning(from: vote.leader)
        }
    }

    /// The leader this server follows or observes, or is about to.
    public var learningLeader: ServerID? { learning?.leader }

    // MARK: Clients

    private mutating func receive(_ input: ClientInput) {
        if leading?.isEstablished == true {
            receiveAsLeader(input)
        } else if learning?.isActive == true {
            receiveAsLearner(input)
        } else {
            refuse(input)
        }
    }

    /// Requests that were under way when serving stopped: their clients are being dropped.
    private mutating func refuse(_ input: ClientInput) {
        switch input {
        case .openSession(let client, _), .reattachSession(let client, _, _), .request(let client, _):
            emit(.answer(client, .outcomeUnknown))
        case .touched, .disconnected: break
        }
    }
}
