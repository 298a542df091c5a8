// A learner's part, follower and observer alike: how it comes to hold the leader's history. What it does with it
// then is in Learning+Service.swift.

import DequeModule
public import Jute
import Tree
import Zab

/// What a server knows only while it follows or observes one leader.
public struct Learning {
    enum Phase: Equatable, Sendable {
        /// The connection to the leader is being made.
        case connecting
        /// Introduced.
        case awaitingLeaderInfo
        /// The promise of the epoch is on its way to the disk.
        case promising
        /// Promised; DIFF, TRUNC or SNAP is due.
        case awaitingOperation
        /// The leader's history is coming in.
        case receivingHistory
        /// NEWLEADER was received; history and epoch are on their way to the disk.
        case persistingHistory
        /// NEWLEADER acknowledged.
        case awaitingUpToDate
        /// In service.
        case active
    }

    /// What SNAP or TRUNC still has to bring before the history can be put on top of it.
    enum Groundwork: Equatable, Sendable {
        case done
        case awaitingSnapshot(Zxid)
        case awaitingTruncation(Zxid)
    }

    /// A proposal received and not yet committed.
    struct Pending: Equatable, Sendable {
        let proposal: Proposal
        let record: TxnRecord
    }

    public let leader: ServerID
    let isObserver: Bool
    var phase: Phase = .connecting
    var groundwork: Groundwork = .done
    /// Where the snapshot of this synchronisation ends; none without one.
    var snapshotZxid = Zxid.none
    /// The leader's epoch, once announced.
    public internal(set) var epoch = Epoch.none
    /// Proposals in zxid order. The first `loggedCount` of them were handed to the disk.
    var pending: Deque<Pending> = []
    var loggedCount = 0
    /// Commits that arrived before the history could be applied, in order.
    var early: Deque<Zxid> = []
    /// NEWLEADER arrived while the disk was still truncating.
    var hasDeferredNewLeader = false
    /// The end of what was received: the next proposal must follow it.
    var lastReceived = Zxid.zero
    /// When the leader was last heard, milliseconds.
    var heardAtMs: Int64

    // In service.
    /// Local sessions, and no others: of a global one only the leader knows when it ends.
    var sessions: SessionExpiry
    var requests = PendingRequests()
    var syncs: Deque<(client: ClientID, xid: Xid)> = []
    var revalidations: [SessionID: (client: ClientID, timeoutMs: Int32)] = [:]
    /// Which of them a client waits for: in a returning herd many wait, and some give up.
    var revalidating: [ClientID: SessionID] = [:]
    /// Sessions heard from since the last answer to PING, with their timeouts.
    var touched: [SessionID: Int32] = [:]

    init(leader: ServerID, isObserver: Bool, tickTimeMs: Int64, now: Int64) {
        self.leader = leader
        self.isObserver = isObserver
        self.sessions = SessionExpiry(tickTime: Int32(tickTimeMs))
        self.heardAtMs = now
    }

    public var isActive: Bool { phase == .active }
}

extension Replica {
    mutating func beginLearning(from leader: ServerID) {
        learning = Learning(
            leader: leader, isObserver: !configuration.isVoter, tickTimeMs: configuration.tickTimeMs,
            now: now.monotonicMs)
        emit(.connectToLeader(leader))
    }

    mutating func connectedToLeader() {
        guard learning?.phase == .connecting else { return }
        learning!.phase = .awaitingLeaderInfo
        learning!.heardAtMs = now.monotonicMs
        let type: PacketType = learning!.isObserver ? .observerInfo : .followerInfo
        let info = LearnerInfo(serverid: configuration.id, configVersion: configuration.membership.version)
        emit(.sendToLeader(QuorumPacket(type, zxid: acceptedEpoch.start, data: info.encoded())))
    }

    mutating func receiveFromLeader(_ packet: QuorumPacket) {
        guard let phase = learning?.phase else { return }
        learning!.heardAtMs = now.monotonicMs
        let type = PacketType(rawValue: packet.type)
        switch phase {
        case .connecting, .promising:
            abandonLeader("packet of type \(packet.type) out of turn")
        case .awaitingLeaderInfo:
            guard type == .leaderInfo else { return abandonLeader("expected LEADERINFO, got type \(packet.type)") }
            promise(packet.zxid.epoch)
        case .awaitingOperation:
            receiveOperation(packet, type)
        case .receivingHistory, .persistingHistory, .awaitingUpToDate:
            receiveDuringSync(packet, type)
        case .active:
            receiveInService(packet, type)
        }
    }

    // MARK: Discovery

    private mutating func promise(_ epoch: Epoch) {
        // An observer's promise counts for nobody: it refuses none but the leaders before one that it has followed.
        let least = learning!.isObserver ? currentEpoch : acceptedEpoch
        if epoch < least {
            let bond = learning!.isObserver ? "followed before" : "promised to another"
            return abandonLeader("its epoch \(epoch) is older than \(least), \(bond)")
        }
        guard epoch.rawValue < Int64(Int32.max) else { return abandonLeader("epoch \(epoch) is out of bounds") }
        let isNew = epoch > acceptedEpoch
        acceptedEpoch = max(acceptedEpoch, epoch)
        learning!.epoch = epoch
        learning!.phase = .promising
        // A promise made before is not made again: it would be counted twice (ACKEPOCH -1).
        persist(.setAcceptedEpoch(acceptedEpoch), then: .ackEpoch(currentEpoch: isNew ? currentEpoch : nil))
    }

    mutating func learnerDidPersist(_ consequence: DiskLedger.Consequence) {
        switch consequence {
        case .ackEpoch(let current):
            var data = JuteEncoder(capacity: 4)
            data.write(Int32(truncatingIfNeeded: current?.rawValue ?? -1))
            learning!.phase = .awaitingOperation
            let end = asksForTree ? .zero : lastLogged
            emit(.sendToLeader(QuorumPacket(.ackEpoch, zxid: end, data: data.bytes)))
        case .ackNewLeader(let epoch):
            learning!.phase = .awaitingUpToDate
            emit(.sendToLeader(QuorumPacket(.ack, zxid: epoch.start)))
        case .ackProposal(let zxid):
            emit(.sendToLeader(QuorumPacket(.ack, zxid: zxid)))
        case .announceEpoch, .countNewLeader:
            preconditionFailure("a leader's consequence at a learner")
        }
    }

    // MARK: Synchronisation

    private mutating func receiveOperation(_ packet: QuorumPacket, _ type: PacketType?) {
        learning!.phase = .receivingHistory
        learning!.lastReceived = lastLogged
        switch type {
        case .diff where asksForTree, .trunc where asksForTree:
            abandonLeader("it did not send its whole tree, without which this server cannot be made equal to it")
        case .diff:
            emit(.log(.synchronising(operation: "DIFF", with: learning!.leader)))
        case .trunc:
            emit(.log(.synchronising(operation: "TRUNC", with: learning!.leader)))
            guard packet.zxid <= lastLogged else {
                return abandonLeader("TRUNC to \(packet.zxid), beyond the end \(lastLogged) of the log here")
            }
            learning!.groundwork = .awaitingTruncation(packet.zxid)
            learning!.lastReceived = packet.zxid
            window.truncate(to: packet.zxid)
            persist(.truncate(to: packet.zxid))
        case .snap:
            emit(.log(.synchronising(operation: "SNAP", with: learning!.leader)))
            learning!.groundwork = .awaitingSnapshot(packet.zxid)
            learning!.snapshotZxid = packet.zxid
            learning!.lastReceived = packet.zxid
        default:
            abandonLeader("expected DIFF, TRUNC or SNAP, got type \(packet.type)")
        }
    }

    mutating func didTruncate(_ tree: DataTree) {
        if case .awaitingTruncation(let zxid)? = learning?.groundwork {
            // An epoch's start is no transaction: the tree then ends in the epoch before.
            let isEnd = tree.lastProcessedZxid == zxid || zxid.counter == 0 && tree.lastProcessedZxid < zxid
            precondition(isEnd, "truncated to \(tree.lastProcessedZxid), asked for \(zxid)")
            learning!.groundwork = .done
        }
        // Also when the leader was lost meanwhile: the disk holds this tree now, so must the memory.
        adopt(tree)
        if learning?.hasDeferredNewLeader == true { persistHistory() }
    }

    /// The disk holds a snapshot of what is to be cut off, taken from a leader that fell before its history counted, and
    /// no way back behind it. The next leader is told that nothing is here, so that it sends its tree; until that is
    /// installed, this server stands in elections for what it holds. (ZooKeeper 3.9 ends the process here.)
    mutating func cannotTruncate(to zxid: Zxid) {
        asksForTree = true
        window.removeAll()
        if learning?.groundwork == .awaitingTruncation(zxid) {
            abandonLeader("the log here does not reach \(zxid): the whole tree is needed")
        }
    }

    /// The whole snapshot is in memory. It replaces tree and history at once; the disk follows in its own order.
    mutating func receivedSnapshot(_ tree: DataTree, _ zxid: Zxid) {
        guard case .awaitingSnapshot(zxid)? = learning?.groundwork else { return }
        learning!.heardAtMs = now.monotonicMs
        learning!.groundwork = .done
        asksForTree = false
        window.removeAll()
        persist(.installSnapshot(zxid))
        adopt(tree)
    }

    private mutating func receiveDuringSync(_ packet: QuorumPacket, _ type: PacketType?) {
        if case .awaitingSnapshot = learning!.groundwork {
            return abandonLeader("packet of type \(packet.type) before the end of the snapshot")
        }
        // A busy leader may queue transactions before it reads where its snapshot ends: those are inside.
        if packet.zxid <= learning!.snapshotZxid, type == .proposal || type == .commit || type == .inform { return }
        switch type {
        case .proposal: accept(packet)
        case .commit: learning!.early.append(packet.zxid)
        case .commitAndActivate: learning!.early.append(packet.zxid)
        case .inform:
            if accept(packet) { learning!.early.append(packet.zxid) }
        case .informAndActivate:
            if accept(packet.withoutDesignatedLeader) { learning!.early.append(packet.zxid) }
        case .newLeader where learning!.phase == .receivingHistory:
            if learning!.groundwork == .done { persistHistory() } else { learning!.hasDeferredNewLeader = true }
        case .upToDate where learning!.phase == .awaitingUpToDate: beginService()
        case .newLeader, .upToDate: abandonLeader("packet of type \(packet.type) out of turn")
        case .snap: abandonLeader("SNAP out of turn")
        case .request, .ack, .ping, .revalidate, .sync, .followerInfo, .diff, .trunc, .observerInfo, .leaderInfo,
            .ackEpoch, nil:
            break
        }
    }

    /// Takes a proposal into `pending` if it follows what was received and can be read. False when it cannot, and the
    /// leader has been given up.
    @discardableResult
    mutating func accept(_ packet: QuorumPacket) -> Bool {
        guard let data = packet.data, let record = try? TxnRecord(decoding: data), record.zxid == packet.zxid else {
            abandonLeader("the transaction of \(packet.zxid) cannot be read")
            return false
        }
        let previous = learning!.lastReceived
        // A leader that cut this learner's history while committing may send a transaction twice (history and live).
        if packet.zxid <= previous {
            abandonLeader("\(packet.zxid) after \(previous)")
            return false
        }
        guard CommittedWindow.follows(packet.zxid, previous) else {
            abandonLeader("a gap between \(previous) and \(packet.zxid)")
            return false
        }
        learning!.lastReceived = packet.zxid
        learning!.pending.append(
            Learning.Pending(proposal: Proposal(zxid: packet.zxid, payload: data), record: record))
        return true
    }

    /// NEWLEADER: what was committed so far goes to log and tree, then the epoch to disk, and only when all that is
    /// durable the acknowledgement (I2; ZOOKEEPER-3023, 4643, 4646). What is not committed stays unlogged: this
    /// server has not acknowledged it, and 3.8.0 leaders would take such an acknowledgement for NEWLEADER's.
    private mutating func persistHistory() {
        learning!.hasDeferredNewLeader = false
        while let zxid = learning!.early.first, learning!.pending.first?.proposal.zxid == zxid {
            learning!.early.removeFirst()
            let next = learning!.pending.removeFirst()
            log(next.proposal, then: nil)
            apply(next.proposal, next.record, origin: nil)
        }
        learning!.phase = .persistingHistory
        currentEpoch = learning!.epoch
        persist(.setCurrentEpoch(currentEpoch), then: .ackNewLeader(currentEpoch))
    }

    mutating func log(_ proposal: Proposal, then consequence: DiskLedger.Consequence?) {
        precondition(proposal.zxid > lastLogged, "would log \(proposal.zxid) after \(lastLogged)")
        lastLogged = proposal.zxid
        persist(.append(proposal), then: consequence)
    }

    // MARK: The end

    mutating func disconnectedFromLeader(_ reason: String) {
        if learning != nil { abandonLeader(reason) }
    }

    /// Leaves the leader and looks for another.
    mutating func abandonLeader(_ reason: String) {
        guard let learning else { preconditionFailure("no leader to leave") }
        if learning.isActive { emit(.stopServing(reason: reason)) }
        emit(.log(.leaderLost(reason)))
        emit(.disconnectFromLeader)
        emit(.abandonOwnSnapshot)
        // As in `abandonLeadership`: the vote names the end of the log, and the tree must be there (ZOOKEEPER-2845).
        for pending in learning.pending.prefix(learning.loggedCount) {
            apply(pending.proposal, pending.record, origin: nil)
        }
        self.learning = nil
        disk.forgetConsequences()
        beginElection()
    }
}

extension QuorumPacket {
    /// The INFORM inside an INFORMANDACTIVATE: its data begins with the designated leader.
    fileprivate var withoutDesignatedLeader: QuorumPacket {
        var packet = self
        packet.data = data.map { Array($0.dropFirst(8)) }
        return packet
    }
}
