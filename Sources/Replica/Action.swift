// Everything a replica can ask of the outside world.

public import Jute
public import Tree
public import Zab

/// A command. A shell performs a list front to back and makes no choice of its own.
///
/// What must wait for durability is not in a list before `Input.didPersist` said so: an acknowledgement cannot be
/// produced early.
public enum Action {
    // Election port.
    case sendNotification(Notification, to: ServerID)

    // Quorum port, as leader.
    case openQuorumPort
    /// Close the port and every learner's connection.
    case closeQuorumPort
    /// One packet to several learners, encoded once.
    case send(QuorumPacket, to: [LearnerLinkID])
    /// Stream the tree behind the SNAP packet just sent. What is sent to this learner later goes behind the stream.
    case sendSnapshot(to: LearnerLinkID)
    case disconnectLearner(LearnerLinkID, reason: String)

    // Quorum port, as learner.
    case connectToLeader(ServerID)
    case sendToLeader(QuorumPacket)
    case disconnectFromLeader

    // Disk: one queue, worked off in order. Completion is reported by `Input.didPersist`. An operation that nothing
    // waits for may stay undurable for a while, and its completion need not be reported.
    case persist(DiskOperation, DiskTicket, isAwaited: Bool)

    // Tree and clients.
    /// Apply a committed transaction to the tree, tell the watchers, then answer `origin` if it is one of ours.
    case apply(TxnRecord, origin: Origin?)
    /// This tree takes the place of the present one. Not while clients are served.
    case adoptTree(DataTree)
    /// A snapshot of the own tree that is being taken must not go on: the tree is about to hold what is not committed,
    /// and what may yet be cut from the log.
    case abandonOwnSnapshot
    case answer(ClientID, ClientAnswer)
    /// The local session is over: its connection, if there is one, ends behind what was answered before.
    case endLocalSession(SessionID)
    /// Clients are welcome from here on.
    case startServing(Service)
    /// Clients are not welcome any more; pending requests have no known outcome (I11).
    case stopServing(reason: String)

    // For people.
    case log(Transition)
    /// Going on would put data at risk: end the process with this message.
    case halt(String)
}

/// A change to durable state. The shell batches neighbours; it never reorders.
public enum DiskOperation: Sendable {
    case append(Proposal)
    case setAcceptedEpoch(Epoch)
    case setCurrentEpoch(Epoch)
    /// Cut the log after this zxid, load what is left, report it by `Input.didTruncate`.
    case truncate(to: Zxid)
    /// Make the snapshot received from the leader the newest one.
    case installSnapshot(Zxid)
}

/// The local request a committed transaction answers.
public struct Origin: Hashable, Sendable {
    public let client: ClientID
    public let session: SessionID
    public let xid: Xid
    public let opCode: OpCode

    public init(client: ClientID, session: SessionID, xid: Xid, opCode: OpCode) {
        self.client = client
        self.session = session
        self.xid = xid
        self.opCode = opCode
    }
}

/// An answer that is not the outcome of a transaction.
public enum ClientAnswer: Hashable, Sendable {
    /// Everything committed when the sync reached the leader is applied here.
    case synced(Xid)
    /// Refused before a zxid was spent.
    case refused(Xid, ErrorCode)
    /// The connection's new session, which is known to this server alone.
    case opened(SessionID, timeoutMs: Int32)
    /// The local session has ended, as its client asked by this closeSession.
    case closed(Xid)
    /// The session a connection presented lives on here, with this timeout.
    case reattached(SessionID, timeoutMs: Int32)
    case sessionInvalid
    /// The outcome of a request of this connection cannot be known: close it.
    case outcomeUnknown
}

/// In what role clients are served.
public enum Service: Hashable, Sendable {
    case leader(Epoch)
    case follower(of: ServerID, Epoch)
    case observer(of: ServerID, Epoch)
}

/// Something a person wants to read in the log: one line each, none per request.
public enum Transition: Hashable, Sendable {
    case looking(round: Int64)
    case elected(leader: ServerID, round: Int64)
    case leading(Epoch)
    case leadershipLost(String)
    case learnerSynchronising(ServerID, operation: String, history: Int)
    case learnerActive(ServerID, observer: Bool)
    case learnerLost(ServerID)
    case synchronising(operation: String, with: ServerID)
    case synchronised(Epoch, Zxid)
    case leaderLost(String)
    case sessionExpired(SessionID)
}
