// How a leader's reign begins: the three quorums it needs before it may lead.

public import Jute

/// The leader's side of discovery and synchronisation (ZooKeeper, `Leader.getEpochToPropose`, `waitForEpochAck`,
/// `waitForNewLeaderAck`).
///
/// 1. A quorum that includes the leader has told its accepted epochs: the new epoch is above all of them.
/// 2. A quorum has promised the new epoch, none of it with a history beyond the leader's.
/// 3. A quorum has the leader's history and the epoch on disk (NEWLEADER acknowledged): established.
public struct EpochHandshake: Equatable, Sendable {
    /// How far a server's history reaches, compared by epoch first (ZooKeeper, `StateSummary`).
    public struct Summary: Hashable, Comparable, Sendable {
        public let currentEpoch: Epoch
        public let lastZxid: Zxid

        public init(currentEpoch: Epoch, lastZxid: Zxid) {
            self.currentEpoch = currentEpoch
            self.lastZxid = lastZxid
        }

        public static func < (a: Summary, b: Summary) -> Bool {
            (a.currentEpoch, a.lastZxid) < (b.currentEpoch, b.lastZxid)
        }
    }

    public enum Phase: Int, Comparable, Sendable {
        case awaitingEpochs
        case awaitingEpochAcks
        case awaitingNewLeaderAcks
        case established

        public static func < (a: Phase, b: Phase) -> Bool { a.rawValue < b.rawValue }
    }

    public private(set) var phase: Phase = .awaitingEpochs
    /// The new epoch. Meaningful from `awaitingEpochAcks` on; until then the least that it can be.
    public private(set) var epoch = Epoch.none
    private var heard: Set<ServerID> = []
    private let leader: ServerID
    private let summary: Summary
    private let verifier: QuorumVerifier

    public init(leader: ServerID, summary: Summary, verifier: QuorumVerifier) {
        self.leader = leader
        self.summary = summary
        self.verifier = verifier
    }

    private var isQuorumWithLeader: Bool { heard.contains(leader) && verifier.isQuorum(heard) }

    private mutating func count(_ server: ServerID) {
        if verifier.voters.contains(server) { heard.insert(server) }
    }

    private mutating func advance(to next: Phase) {
        precondition(next > phase, "phase \(next) after \(phase)")
        phase = next
        heard = []
    }

    /// A server has told the epoch it accepted last. True when this completed the first quorum.
    public mutating func receiveAcceptedEpoch(_ accepted: Epoch, from server: ServerID) -> Bool {
        guard phase == .awaitingEpochs else { return false }
        if accepted >= epoch { epoch = Epoch(accepted.rawValue + 1) }
        count(server)
        guard isQuorumWithLeader else { return false }
        advance(to: .awaitingEpochAcks)
        return true
    }

    public enum EpochAckOutcome: Equatable, Sendable {
        /// Noted; the second quorum is not complete yet, or was complete before.
        case noted
        /// This completed the second quorum.
        case quorum
        /// The learner's history is ahead of the leader's: it must not be led by it.
        case ahead
    }

    /// A server has promised the new epoch. `acked` is nil when the server had promised it before (ACKEPOCH -1): such
    /// a promise must not be counted again.
    public mutating func receiveEpochAck(_ acked: Summary?, from server: ServerID) -> EpochAckOutcome {
        guard phase == .awaitingEpochAcks else { return .noted }
        guard let acked else { return .noted }
        if acked > summary { return .ahead }
        if acked.lastZxid != .none { count(server) }
        guard isQuorumWithLeader else { return .noted }
        advance(to: .awaitingNewLeaderAcks)
        return .quorum
    }

    /// A server has the leader's history and the epoch on disk. True when this completed the third quorum.
    public mutating func receiveNewLeaderAck(from server: ServerID) -> Bool {
        guard phase == .awaitingNewLeaderAcks else { return false }
        count(server)
        guard isQuorumWithLeader else { return false }
        advance(to: .established)
        return true
    }
}
