// What a client worker is told about the history. Separate because it is the whole border between the one writer and
// the workers.
public import Jute
public import Replica
public import Tree

/// One thing that happened, in the order of the history. The same list reaches every worker; each passes over what
/// concerns another's connections.
public enum WorkerEvent: Sendable {
    /// Watches may fire: of the znode, and where it came or went also of its parent, whose access control list is
    /// `parentACL` (nil where everybody may read).
    case changed(TreeChange, parentACL: [ACL]?)
    /// The transaction of this request is applied.
    case outcome(ClientID, Xid, OpCode, Zxid, TxnResult)
    /// The session this connection asked for exists.
    case sessionOpened(ClientID, SessionID, timeoutMs: Int32)
    /// The session was closed by its client or by expiry; its ephemerals, if it was global, are gone.
    case sessionClosed(SessionID)
    /// The zxid is the last one applied then.
    case answer(ClientID, ClientAnswer, Zxid)
    case startedServing(Service)
    case stoppedServing(reason: String)
}

extension PublishedTree {
    /// What the writer does to the tree or says to clients, in order.
    public enum Step {
        /// Apply a committed transaction, tell the watchers, then answer `origin` if it is one of ours.
        case apply(TxnRecord, origin: Origin?)
        /// This tree takes the place of the present one. Not while clients are served.
        case adopt(DataTree)
        case answer(ClientID, ClientAnswer)
        /// The session, which no transaction knows, is over: its connection ends.
        case endSession(SessionID)
        case startServing(Service)
        case stopServing(reason: String)

        /// Of the tree, as many as it takes time for.
        var changes: Int {
            guard case .apply(let record, _) = self else { return 1 }
            switch record.body {
            case .multi(let parts): return parts.count
            case .closeSession(let txn): return txn?.paths2Delete?.count ?? PublishedTree.changesPerLook
            default: return 1
            }
        }
    }

    /// What the writer learned while performing its steps.
    public struct Report: Hashable, Sendable {
        /// After these transactions the tree was not what the leader's was (I13).
        public var digestMismatches: [Zxid] = []
    }
}
