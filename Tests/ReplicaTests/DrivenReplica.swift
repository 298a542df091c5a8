// A replica with everything around it that is not the network: a disk in memory, the tree, the time.

import Jute
import Replica
import Testing
import Tree
import Zab

struct DrivenReplica {
    var replica: Replica
    var nowMs: Int64 = 0
    /// Whether the disk has finished before anything else happens.
    var diskIsInstant = true
    /// What is not durable yet.
    var queued: [(operation: DiskOperation, ticket: DiskTicket)] = []
    /// The log since the beginning of time. Does not survive a snapshot: nobody here cuts what lies before one.
    var log: [Proposal] = []

    var sentToLeader: [QuorumPacket] = []
    var sentToLearner: [LearnerLinkID: [QuorumPacket]] = [:]
    /// Why a connection was ended or a role left, in order.
    var failures: [String] = []
    var service: Service?
    var comparedDigests = 0
    var applied: [Zxid] = []
    /// The ends of the adopted trees, as they were then.
    var adopted: [Zxid] = []

    /// A server whose log holds `log`, all of it applied.
    init(
        id: ServerID, voters: Set<ServerID>, observers: Set<ServerID> = [], log: [Proposal] = [],
        acceptedEpoch: Epoch = Epoch(0), currentEpoch: Epoch = Epoch(0), configVersion: Int64 = 0,
        opensLocalSessions: Bool = false, upgradesLocalSessions: Bool = false
    ) throws {
        var text = voters.sorted().map { "server.\($0)=a:1:2:participant" }
        text += observers.sorted().map { "server.\($0)=a:1:2:observer" }
        text.append("version=" + String(configVersion, radix: 16))
        let membership = Membership(
            voters: voters, observers: observers, version: configVersion,
            text: Array(text.joined(separator: "\n").utf8))
        var configuration = ReplicaConfiguration(
            id: id, membership: membership, tickTimeMs: 1000, initLimit: 10, syncLimit: 5,
            preparation: PreparerOptions())
        configuration.opensLocalSessions = opensLocalSessions
        configuration.upgradesLocalSessions = upgradesLocalSessions
        self.log = log
        let recovered = RecoveredState(
            tree: try Self.tree(of: log), acceptedEpoch: acceptedEpoch, currentEpoch: currentEpoch, recent: log)
        replica = Replica(configuration: configuration, recovered: recovered, at: Self.moment(0))
    }

    /// The tree of a server that began empty.
    static func tree(of log: [Proposal]) throws -> DataTree {
        let tree = DataTree(seed: 1)
        for proposal in log {
            let applied = tree.apply(try TxnRecord(decoding: proposal.payload))
            #expect(!applied.digestMismatch, "digest of \(proposal.zxid)")
        }
        return tree
    }

    static func moment(_ ms: Int64) -> Moment { Moment(monotonicMs: ms, wallMs: 1_700_000_000_000 + ms) }

    // MARK: Inputs

    /// Feeds an input and returns everything that followed from it, the disk's doing included.
    @discardableResult
    mutating func feed(_ input: Input) throws -> [Action] {
        try perform(replica.receive(input, at: Self.moment(nowMs)))
    }

    @discardableResult
    mutating func start() throws -> [Action] { try perform(replica.start(at: Self.moment(nowMs))) }

    /// Everything queued becomes durable. A disk that `cannotCut` holds a snapshot that reaches beyond every truncation.
    @discardableResult
    mutating func finishDisk(cannotCut: Bool = false) throws -> [Action] {
        guard let last = queued.last else { return [] }
        let batch = queued
        queued = []
        var actions: [Action] = []
        for (operation, _) in batch {
            switch operation {
            case .append(let proposal): log.append(proposal)
            case .truncate(let zxid) where cannotCut: actions += try feed(.cannotTruncate(to: zxid))
            case .truncate(let zxid):
                log.removeAll { $0.zxid > zxid }
                actions += try feed(.didTruncate(Self.tree(of: log)))
            case .setAcceptedEpoch, .setCurrentEpoch, .installSnapshot: break
            }
        }
        return actions + (try feed(.didPersist(through: last.ticket)))
    }

    private mutating func perform(_ actions: [Action]) throws -> [Action] {
        var all = actions
        for action in actions { perform(action) }
        if diskIsInstant { all += try finishDisk() }
        return all
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .persist(let operation, let ticket, _): queued.append((operation, ticket))
        case .apply(let record, _):
            applied.append(record.zxid)
            let applied = replica.tree.apply(record)
            if record.digest != nil { comparedDigests += 1 }
            #expect(!applied.digestMismatch, "digest of \(record.zxid)")
        case .sendToLeader(let packet): sentToLeader.append(packet)
        case .send(let packet, let links): for link in links { sentToLearner[link, default: []].append(packet) }
        case .disconnectLearner(_, let reason): failures.append(reason)
        case .log(.leaderLost(let reason)), .log(.leadershipLost(let reason)), .halt(let reason):
            failures.append(reason)
        case .adoptTree(let tree): adopted.append(tree.lastProcessedZxid)
        case .startServing(let service): self.service = service
        case .stopServing: service = nil
        case .sendNotification, .openQuorumPort, .closeQuorumPort, .sendSnapshot, .connectToLeader,
            .disconnectFromLeader, .abandonOwnSnapshot, .answer, .endLocalSession, .log:
            break
        }
    }

    // MARK: Elections

    /// The others agree that `leader` leads, or should: an election in one step. The caller has started the replica.
    @discardableResult
    mutating func elect(_ leader: ServerID) throws -> [Action] {
        let own = replica.configuration.id
        var actions: [Action] = []
        for other in replica.configuration.membership.voters.sorted() where other != own {
            let state: PeerState = leader == own ? .looking : other == leader ? .leading : .following
            let notification = Notification(
                state: state, leader: leader, zxid: replica.lastLogged, electionEpoch: replica.election.round,
                peerEpoch: replica.currentEpoch, config: replica.configuration.membership.text)
            actions += try feed(.receivedNotification(notification, from: other))
        }
        while replica.election.state == .looking, nowMs < 10_000 {
            nowMs += 20
            actions += try feed(.ticked)
        }
        return actions
    }
}
