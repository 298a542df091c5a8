// A vote, when one beats another, and when two count as the same. Separate because the whole election rests on these
// two rules, and each has history: equality differs between servers still looking and servers that have settled.

public import Jute

/// A proposal for leader, and what is known of the server that made it.
public struct Vote: Hashable, Sendable {
    public var leader: ServerID
    /// The last zxid the proposed leader has logged.
    public var zxid: Zxid
    /// The round (logical clock) the vote was cast in; -1 in a vote that comes from a reconfiguration.
    public var electionEpoch: Int64
    /// The proposed leader's current epoch.
    public var peerEpoch: Epoch
    /// State of the voter, not of the proposed leader.
    public var state: PeerState
    /// Form of the notification that carried the vote; 0 when unknown.
    public var version: Int32

    public init(
        leader: ServerID, zxid: Zxid, electionEpoch: Int64 = -1, peerEpoch: Epoch, state: PeerState = .looking,
        version: Int32 = 0
    ) {
        self.leader = leader
        self.zxid = zxid
        self.electionEpoch = electionEpoch
        self.peerEpoch = peerEpoch
        self.state = state
        self.version = version
    }

    public init(_ notification: Notification) {
        self.init(
            leader: notification.leader, zxid: notification.zxid, electionEpoch: notification.electionEpoch,
            peerEpoch: notification.peerEpoch, state: notification.state, version: notification.version)
    }

    /// The leader id of a server that may not be elected.
    public static let nobody = ServerID(.min)
    /// What an observer proposes: it votes for nobody and any real vote is better.
    public static let null = Vote(leader: nobody, zxid: Zxid(.min), peerEpoch: Epoch(.min))

    /// The order of proposals: later epoch, then later zxid, then larger server id.
    public func precedes(_ other: Vote) -> Bool {
        (peerEpoch, zxid, leader) < (other.peerEpoch, other.zxid, other.leader)
    }

    /// Whether the two votes support the same leader (ZooKeeper 3.9, `Vote.equals`). Servers still looking must agree
    /// on everything. Settled servers may differ in zxid and round, and in the epoch too if one of the two does not
    /// say which form its vote came in: demanding more keeps late joiners out (ZOOKEEPER-1732, -1805, -1818).
    public func agrees(with other: Vote) -> Bool {
        if state == .looking || other.state == .looking {
            return leader == other.leader && zxid == other.zxid && electionEpoch == other.electionEpoch
                && peerEpoch == other.peerEpoch
        }
        if (version > 0) != (other.version > 0) { return leader == other.leader }
        return leader == other.leader && peerEpoch == other.peerEpoch
    }
}
