// What the leader knows of its proposals: which are outstanding, who has them on disk, what is committed.

public import DequeModule
public import Jute

/// The leader's side of atomic broadcast, phase "broadcast".
///
/// Acknowledgements are cumulative: a participant logs in order and acknowledges after its log is durable, so its
/// acknowledgement of a zxid covers everything it was sent before (I1). Only voters count.
public struct LeaderBroadcast: Equatable, Sendable {
    /// Proposed, not yet committed, in zxid order.
    public private(set) var outstanding: Deque<Proposal> = []
    /// The last zxid handed out; the epoch's start when there was none.
    public private(set) var lastProposed: Zxid
    public private(set) var lastCommitted: Zxid
    private let voters: [ServerID]
    /// The highest zxid each voter has acknowledged in this epoch, in the order of `voters`; zero before the first.
    private var acknowledged: [Zxid]
    /// Whom the last commit was made without, in the order of `voters`.
    private var spared: [Bool]
    private let verifier: QuorumVerifier
    private let majority: Int?

    public init(epoch: Epoch, verifier: QuorumVerifier) {
        self.lastProposed = epoch.start
        self.lastCommitted = epoch.start
        self.verifier = verifier
        self.majority = verifier.majority
        self.voters = verifier.voters.sorted()
        self.acknowledged = [Zxid](repeating: .zero, count: voters.count)
        self.spared = [Bool](repeating: false, count: voters.count)
    }

    /// Whether the epoch's last zxid but one has been handed out: the leader must then give up and begin a new epoch,
    /// the counter 0xffffffff is never used (ZooKeeper, `XidRolloverException`).
    public var isExhausted: Bool { lastProposed.counter >= UInt32.max - 1 }

    public mutating func propose(_ proposal: Proposal) {
        precondition(proposal.zxid == lastProposed.next, "proposed \(proposal.zxid) after \(lastProposed)")
        lastProposed = proposal.zxid
        outstanding.append(proposal)
    }

    /// `server` has everything up to `zxid` on disk. Returns what became committed by that, in order.
    ///
    /// Acknowledgements of NEWLEADER (counter 0), of another epoch, of something never proposed and by servers that do
    /// not vote change nothing.
    public mutating func receiveAck(of zxid: Zxid, from server: ServerID) -> [Proposal] {
        guard zxid.counter != 0, zxid.epoch == lastProposed.epoch, zxid <= lastProposed,
            let voter = voters.firstIndex(of: server), zxid > acknowledged[voter]
        else { return [] }
        acknowledged[voter] = zxid
        // Most come after the quorum's: nothing can follow from them.
        if zxid <= lastCommitted { return [] }
        let frontier = committableFrontier()
        var committed: [Proposal] = []
        while let head = outstanding.first, head.zxid <= frontier {
            precondition(head.zxid == lastCommitted.next, "would commit \(head.zxid) after \(lastCommitted)")
            lastCommitted = head.zxid
            committed.append(head)
            outstanding.removeFirst()
        }
        if !committed.isEmpty {
            for voter in voters.indices { spared[voter] = acknowledged[voter] < lastCommitted }
        }
        return committed
    }

    /// Whether a quorum had acknowledged the last commit before this voter did.
    public func didSpare(_ server: ServerID) -> Bool {
        guard let voter = voters.firstIndex(of: server) else { return false }
        return spared[voter]
    }

    /// Whether a commit waits for this voter's acknowledgement and for no other.
    public func isWaiting(for server: ServerID) -> Bool {
        guard let next = outstanding.first?.zxid, let voter = voters.firstIndex(of: server) else { return false }
        return isHeldByQuorum(next, with: voter)
    }

    /// `server` is about to be synchronised anew, which may cut off proposals that it has acknowledged: what it has on
    /// disk counts again only when it says so again.
    public mutating func forgetAcks(of server: ServerID) {
        if let voter = voters.firstIndex(of: server) { acknowledged[voter] = .zero }
    }

    /// The highest zxid that a quorum has acknowledged.
    private func committableFrontier() -> Zxid {
        var frontier = lastCommitted
        for candidate in acknowledged where candidate > frontier {
            if isHeldByQuorum(candidate) { frontier = candidate }
        }
        return frontier
    }

    /// Whether a quorum has acknowledged it, or would have with the voter at this place. Asked with nearly every
    /// acknowledgement: majorities are counted without making a set.
    private func isHeldByQuorum(_ zxid: Zxid, with extra: Int? = nil) -> Bool {
        func holds(_ voter: Int) -> Bool { acknowledged[voter] >= zxid || voter == extra }
        if let majority { return voters.indices.count(where: holds) >= majority }
        return verifier.isQuorum(voters.indices.filter(holds).map { voters[$0] })
    }
}
