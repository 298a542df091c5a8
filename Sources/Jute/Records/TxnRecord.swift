// A whole transaction as it is proposed, logged and replayed: header, body by type, digest.

/// create and create2. `parentCVersion` is the parent's stored cversion after the create; -1 where an old log
/// (`CreateTxnV0`) does not tell.
public struct CreateTxn: JuteRecord, Hashable {
    public var path: UString
    public var data: [UInt8]?
    public var acl: [ACL]?
    public var ephemeral: Bool
    public var parentCVersion: Int32

    public init(path: UString, data: [UInt8]?, acl: [ACL]?, ephemeral: Bool, parentCVersion: Int32) {
        self.path = path
        self.data = data
        self.acl = acl
        self.ephemeral = ephemeral
        self.parentCVersion = parentCVersion
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        data = try decoder.readBuffer()
        acl = try decoder.readVector(minimumSize: 12) { element throws(JuteError) in try element.read(ACL.self) }
        ephemeral = try decoder.readBool()
        parentCVersion = decoder.isAtEnd ? -1 : try decoder.readInt32()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(data)
        encoder.writeVector(acl) { $0.write($1) }
        encoder.write(ephemeral)
        encoder.write(parentCVersion)
    }
}

/// What a transaction does. One case for each type that occurs in a log (storage format, transactions).
///
/// Indirect: a transaction passes through several queues on its way, and there it is one reference.
public indirect enum TxnBody: Hashable, Sendable {
    case create(CreateTxn)
    case create2(CreateTxn)
    case createTTL(CreateTTLTxn)
    case createContainer(CreateContainerTxn)
    case delete(DeleteTxn)
    case deleteContainer(DeleteTxn)
    case setData(SetDataTxn)
    case reconfig(SetDataTxn)
    case setACL(SetACLTxn)
    /// Only inside a multi.
    case check(CheckVersionTxn)
    case multi([TxnBody])
    case createSession(CreateSessionTxn)
    /// nil where the leader named no paths (before 3.6, or `closeSessionTxn.enabled=false`).
    case closeSession(CloseSessionTxn?)
    case error(ErrorTxn)

    public var opCode: OpCode {
        switch self {
        case .create: .create
        case .create2: .create2
        case .createTTL: .createTTL
        case .createContainer: .createContainer
        case .delete: .delete
        case .deleteContainer: .deleteContainer
        case .setData: .setData
        case .reconfig: .reconfig
        case .setACL: .setACL
        case .check: .check
        case .multi: .multi
        case .createSession: .createSession
        case .closeSession: .closeSession
        case .error: .error
        }
    }

    /// Decodes the body of a transaction of `type`. `insideMulti` guards against nesting without end.
    @_lifetime(decoder: copy decoder)
    public init(type: Int32, from decoder: inout JuteDecoder, insideMulti: Bool = false) throws(JuteError) {
        guard let opCode = OpCode(rawValue: type) else { throw .unknownValue(type) }
        switch opCode {
        case .create: self = .create(try decoder.read())
        case .create2: self = .create2(try decoder.read())
        case .createTTL: self = .createTTL(try decoder.read())
        case .createContainer: self = .createContainer(try decoder.read())
        case .delete: self = .delete(try decoder.read())
        case .deleteContainer: self = .deleteContainer(try decoder.read())
        case .setData: self = .setData(try decoder.read())
        case .reconfig: self = .reconfig(try decoder.read())
        case .setACL: self = .setACL(try decoder.read())
        case .check where insideMulti: self = .check(try decoder.read())
        case .multi where !insideMulti: self = .multi(try Self.decodeMulti(from: &decoder))
        case .createSession: self = .createSession(try decoder.read())
        case .closeSession: self = .closeSession(decoder.isAtEnd ? nil : try decoder.read())
        case .error: self = .error(try decoder.read())
        case .check, .multi, .notification, .exists, .getData, .getACL, .getChildren, .sync, .ping, .getChildren2,
            .checkWatches, .removeWatches, .multiRead, .auth, .setWatches, .sasl, .getEphemerals,
            .getAllChildrenNumber, .setWatches2, .addWatch, .whoAmI:
            throw .unknownValue(type)
        }
    }

    @_lifetime(decoder: copy decoder)
    private static func decodeMulti(from decoder: inout JuteDecoder) throws(JuteError) -> [TxnBody] {
        guard let txns = try decoder.read(MultiTxn.self).txns else { throw .unexpectedNull }
        var bodies: [TxnBody] = []
        bodies.reserveCapacity(txns.count)
        for txn in txns {
            guard let data = txn.data else { throw .unexpectedNull }
            var body = JuteDecoder(data.span)
            bodies.append(try TxnBody(type: txn.type, from: &body, insideMulti: true))
        }
        return bodies
    }

    public func encode(into encoder: inout JuteEncoder) {
        switch self {
        case .create(let txn), .create2(let txn): encoder.write(txn)
        case .createTTL(let txn): encoder.write(txn)
        case .createContainer(let txn): encoder.write(txn)
        case .delete(let txn), .deleteContainer(let txn): encoder.write(txn)
        case .setData(let txn), .reconfig(let txn): encoder.write(txn)
        case .setACL(let txn): encoder.write(txn)
        case .check(let txn): encoder.write(txn)
        case .multi(let bodies):
            encoder.write(Int32(bodies.count))
            for body in bodies {
                var inner = JuteEncoder()
                body.encode(into: &inner)
                encoder.write(body.opCode.rawValue)
                encoder.write(inner.bytes)
            }
        case .createSession(let txn): encoder.write(txn)
        case .closeSession(let txn): if let txn { encoder.write(txn) }
        case .error(let txn): encoder.write(txn)
        }
    }
}

/// One transaction: the bytes of a PROPOSAL's or INFORM's data and of a log record's payload.
public struct TxnRecord: Hashable, Sendable {
    public var header: TxnHeader
    public var body: TxnBody
    /// The tree's digest after this transaction. Absent from error transactions and where digests are switched off.
    public var digest: TxnDigest?

    public init(header: TxnHeader, body: TxnBody, digest: TxnDigest?) {
        self.header = header
        self.body = body
        self.digest = digest
    }

    public var zxid: Zxid { header.zxid }

    /// Decodes header and body, and the digest if at least its size is left (ZooKeeper, `SerializeUtils`).
    public init(decoding bytes: Span<UInt8>) throws(JuteError) {
        var decoder = JuteDecoder(bytes)
        header = try decoder.read()
        if header.type == OpCode.closeSession.rawValue, try Self.isDigestAlone(decoder) {
            body = .closeSession(nil)
        } else {
            body = try TxnBody(type: header.type, from: &decoder)
        }
        digest = decoder.remaining >= TxnDigest.encodedSize ? try decoder.read() : nil
    }

    public init(decoding bytes: [UInt8]) throws(JuteError) { try self.init(decoding: bytes.span) }

    /// Whether a closeSession's body was left out but a digest written. Nobody should write that, but it can be told
    /// apart: 12 bytes beginning with the digest's version would otherwise be two paths in 8 bytes, both empty.
    private static func isDigestAlone(_ rest: JuteDecoder) throws(JuteError) -> Bool {
        guard rest.remaining == TxnDigest.encodedSize else { return false }
        var ahead = rest
        return try ahead.readInt32() == TxnDigest.currentVersion
    }

    public func encoded() -> [UInt8] {
        JuteEncoder.bytes { encoder in
            encoder.write(header)
            body.encode(into: &encoder)
            if let digest { encoder.write(digest) }
        }
    }
}
