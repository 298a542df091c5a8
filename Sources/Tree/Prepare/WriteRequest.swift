// What goes into preparing a write and what comes out.

public import Jute

/// A write as it travels to the leader: the fields of a REQUEST packet.
public struct WriteRequest: Equatable, Sendable {
    public var session: SessionID
    public var cxid: Xid
    /// An `OpCode` of a write, or a number nobody knows.
    public var opCode: Int32
    /// The request record, still encoded; for createSession the timeout, for closeSession empty.
    public var body: [UInt8]
    /// The identities of the client's connection when the request was read.
    public var identities: [Id]

    public init(session: SessionID, cxid: Xid, opCode: Int32, body: [UInt8], identities: [Id]) {
        self.session = session
        self.cxid = cxid
        self.opCode = opCode
        self.body = body
        self.identities = identities
    }
}

/// The outcome of preparing a write.
public enum Prepared: Equatable, Sendable {
    /// To be proposed under the zxid given: the change, or the error that keeps its place in the history.
    case txn(TxnRecord)
    /// Answered with this code and the last applied zxid. The zxid given was not used.
    case refused(ErrorCode)
}

/// Settings that decide how writes are judged and written down. Equal on all servers of an ensemble, by custom.
public struct PreparerOptions: Equatable, Sendable {
    public var access: ACLRules
    /// `enforceQuota`: hard limits refuse writes.
    public var enforcesQuota: Bool
    /// `zookeeper.extendedTypesEnabled`: TTL nodes may be created.
    public var extendedTypes: Bool
    /// `zookeeper.digest.enabled`: transactions carry the tree's digest.
    public var writesDigest: Bool
    /// `zookeeper.closeSessionTxn.enabled`: the end of a session names its ephemerals.
    public var namesClosedPaths: Bool
    /// Writes create2 inside a multi under its own type. Servers before 3.8.2 cannot read that and would apply half
    /// of the multi, so the type of create is written while it is off.
    public var writesCreate2InMulti: Bool

    public init(
        access: ACLRules = ACLRules(), enforcesQuota: Bool = false, extendedTypes: Bool = false,
        writesDigest: Bool = true, namesClosedPaths: Bool = true, writesCreate2InMulti: Bool = false
    ) {
        self.access = access
        self.enforcesQuota = enforcesQuota
        self.extendedTypes = extendedTypes
        self.writesDigest = writesDigest
        self.namesClosedPaths = namesClosedPaths
        self.writesCreate2InMulti = writesCreate2InMulti
    }
}
