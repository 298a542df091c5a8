// What applying one transaction comes to: the change list for watches, the outcome for the client who asked.

public import Jute

/// One visible change to the tree, in the order in which upstream looks up watches.
public struct TreeChange: Hashable, Sendable {
    public enum Kind: Sendable {
        /// Of the znode itself.
        case created, deleted, dataChanged
        /// Of the parent: a child came or went.
        case childrenChanged
    }

    public var kind: Kind
    public var path: UString
    public var zxid: Zxid
    /// The list that decides who may hear of it: the znode's, for a deletion the one it had, for `childrenChanged` the
    /// parent's. Nil where everybody may read.
    public var acl: [ACL]?

    public init(kind: Kind, path: UString, zxid: Zxid, acl: [ACL]?) {
        self.kind = kind
        self.path = path
        self.zxid = zxid
        self.acl = acl
    }
}

/// The outcome of one transaction.
public struct AppliedTxn: Hashable, Sendable {
    public var zxid: Zxid
    public var result: TxnResult
    public var changes: [TreeChange]
    /// The session this transaction closed.
    public var closedSession: SessionID?
    /// True if the transaction carried a digest and the tree now has another. While a fuzzy snapshot is being
    /// caught up with that is to be expected.
    public var digestMismatch: Bool

    public init(
        zxid: Zxid, result: TxnResult, changes: [TreeChange], closedSession: SessionID? = nil,
        digestMismatch: Bool = false
    ) {
        self.zxid = zxid
        self.result = result
        self.changes = changes
        self.closedSession = closedSession
        self.digestMismatch = digestMismatch
    }
}

/// One operation of a multi and what became of it. `opCode` is the transaction's, not the request's.
public struct MultiResult: Hashable, Sendable {
    public var opCode: OpCode
    public var result: TxnResult

    public init(opCode: OpCode, result: TxnResult) {
        self.opCode = opCode
        self.result = result
    }
}

/// What the client who asked for a transaction is to be told.
public enum TxnResult: Hashable, Sendable {
    case error(ErrorCode)
    case created(path: UString, stat: Stat)
    case deleted
    /// Of setData and setACL.
    case stat(Stat)
    case reconfigured(data: [UInt8]?, stat: Stat)
    /// Of a check inside a multi.
    case checked
    /// Of createSession and closeSession.
    case session
    /// One result for each operation; all of them errors if the multi failed.
    case multi([MultiResult])

    /// For the reply's header. A failed multi reports its errors in the body only (client protocol, multi).
    public var error: ErrorCode {
        if case .error(let code) = self { code } else { .ok }
    }

    /// The body of the reply to a transaction of type `opCode`: of the creates, type 1 answers with the path alone.
    /// Empty where there is an error.
    public func replyBody(for opCode: OpCode) -> [UInt8] {
        var encoder = JuteEncoder()
        encode(for: opCode, into: &encoder)
        return encoder.bytes
    }

    /// As `replyBody(for:)`, behind what is written already.
    public func encode(for opCode: OpCode, into encoder: inout JuteEncoder) {
        switch self {
        case .error, .deleted, .checked, .session: break
        case .created(let path, let stat):
            encoder.write(path)
            if opCode != .create { encoder.write(stat) }
        case .stat(let stat): encoder.write(stat)
        case .reconfigured(let data, let stat):
            encoder.write(data)
            encoder.write(stat)
        case .multi(let results):
            for result in results { result.encode(into: &encoder) }
            encoder.write(MultiHeader.end)
        }
    }
}

extension MultiResult {
    /// The type that stands in a multi's reply: every create that answers with a Stat calls itself create2.
    private var replyType: OpCode {
        switch opCode {
        case .createContainer, .createTTL: .create2
        case .deleteContainer: .delete
        default: opCode
        }
    }

    fileprivate func encode(into encoder: inout JuteEncoder) {
        if case .error(let code) = result {
            encoder.write(MultiHeader(type: OpCode.error.rawValue, done: false, err: code))
            encoder.write(ErrorResponse(err: code))
        } else {
            encoder.write(MultiHeader(type: replyType.rawValue, done: false, err: .ok))
            encoder.writeRaw(result.replyBody(for: opCode))
        }
    }
}
