// Everything the outside world can tell a replica.

public import Jute
public import Tree
import Zab

/// One connection to a learner, as the leader's shell numbers it. Never reused within a process.
public struct LearnerLinkID: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    @inlinable public static func == (a: LearnerLinkID, b: LearnerLinkID) -> Bool { a.rawValue == b.rawValue }
}

/// One client connection, as the client port numbers it. Opaque to the replica; never reused within a process.
public struct ClientID: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
}

/// The place of a disk operation in the one queue the disk works off in order.
public struct DiskTicket: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt64
    public init(rawValue: UInt64) { self.rawValue = rawValue }
    public static func < (a: DiskTicket, b: DiskTicket) -> Bool { a.rawValue < b.rawValue }
}

/// The moment of an input. `monotonicMs` drives every timer and never goes back; `wallMs` is the civil time that
/// transactions carry, and is trusted for nothing else.
public struct Moment: Hashable, Sendable {
    public let monotonicMs: Int64
    public let wallMs: Int64

    public init(monotonicMs: Int64, wallMs: Int64) {
        self.monotonicMs = monotonicMs
        self.wallMs = wallMs
    }
}

/// An event, in the past tense: it has happened, the replica decides what follows.
public enum Input {
    /// Time has passed. To be delivered at least every `ReplicaConfiguration.tickResolutionMs`.
    case ticked

    // Election port.
    case receivedNotification(Notification, from: ServerID)

    // Quorum port, as leader.
    case learnerConnected(LearnerLinkID)
    case receivedFromLearner(LearnerLinkID, QuorumPacket)
    case learnerDisconnected(LearnerLinkID)
    /// The learner has taken part of a snapshot.
    case sentToLearner(LearnerLinkID)

    // Quorum port, as learner.
    case connectedToLeader
    case receivedFromLeader(QuorumPacket)
    /// Part of the snapshot that follows SNAP has arrived; keeps the leader from being taken for dead.
    case receivingSnapshot
    /// The snapshot that follows SNAP has arrived whole and is in memory. The shell holds its bytes for
    /// `DiskOperation.installSnapshot`.
    case receivedSnapshot(DataTree, Zxid)
    /// The connection ended, or could not be made. The text goes to the log.
    case disconnectedFromLeader(String)

    // Disk.
    /// Every operation up to this one is durable.
    case didPersist(through: DiskTicket)
    /// `DiskOperation.truncate` is done; this is the tree that snapshot and log now hold.
    case didTruncate(DataTree)
    /// `DiskOperation.truncate` is impossible: snapshot and log do not reach the zxid to cut after. They are as before.
    case cannotTruncate(to: Zxid)

    // Clients.
    case client(ClientInput)
}

/// What client connections ask of the replica.
public enum ClientInput: Sendable {
    /// A new session is wanted; the timeout is negotiated already.
    case openSession(ClientID, timeoutMs: Int32)
    /// A connection presents a session and its right password.
    case reattachSession(ClientID, SessionID, timeoutMs: Int32)
    /// A write, closeSession or sync. The client port forwards them in the order the client sent them.
    case request(ClientID, WriteRequest)
    /// These sessions were heard from since the last such input.
    case touched([(session: SessionID, timeoutMs: Int32)])
    /// The connection is gone. Its pending requests stay in the history; nobody waits for their answers.
    case disconnected(ClientID)
}
