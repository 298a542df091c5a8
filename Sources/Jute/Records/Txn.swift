// Records of the `txn` and `persistence` modules of zookeeper.jute: what the history is made of.
// The sum of them, `TxnBody`, stands in TxnRecord.swift.

/// Begins a log or snapshot file.
public struct FileHeader: JuteRecord, Hashable {
    public var magic: Int32
    public var version: Int32
    public var dbid: Int64

    public init(magic: Int32, version: Int32, dbid: Int64) {
        self.magic = magic
        self.version = version
        self.dbid = dbid
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        magic = try decoder.readInt32()
        version = try decoder.readInt32()
        dbid = try decoder.readInt64()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(magic)
        encoder.write(version)
        encoder.write(dbid)
    }
}

/// Precedes every transaction; 32 bytes. `time` is the leader's wall clock in milliseconds, `type` an `OpCode`.
public struct TxnHeader: JuteRecord, Hashable {
    public var clientId: SessionID
    public var cxid: Xid
    public var zxid: Zxid
    public var time: Int64
    public var type: Int32

    public init(clientId: SessionID, cxid: Xid, zxid: Zxid, time: Int64, type: Int32) {
        self.clientId = clientId
        self.cxid = cxid
        self.zxid = zxid
        self.time = time
        self.type = type
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        clientId = SessionID(try decoder.readInt64())
        cxid = Xid(try decoder.readInt32())
        zxid = Zxid(try decoder.readInt64())
        time = try decoder.readInt64()
        type = try decoder.readInt32()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(clientId.rawValue)
        encoder.write(cxid.rawValue)
        encoder.write(zxid.rawValue)
        encoder.write(time)
        encoder.write(type)
    }

    /// Bytes in a log or proposal.
    public static let encodedSize = 32
}

/// The tree's digest after the transaction that it follows; 12 bytes.
public struct TxnDigest: JuteRecord, Hashable {
    public var version: Int32
    public var treeDigest: Int64

    public init(version: Int32, treeDigest: Int64) {
        self.version = version
        self.treeDigest = treeDigest
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        version = try decoder.readInt32()
        treeDigest = try decoder.readInt64()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(version)
        encoder.write(treeDigest)
    }

    /// Bytes in a log or proposal.
    public static let encodedSize = 12
    /// The digest algorithm of ZooKeeper 3.6 and later.
    public static let currentVersion: Int32 = 2
}

/// createTTL; `ttl` in milliseconds.
public struct CreateTTLTxn: JuteRecord, Hashable {
    public var path: UString
    public var data: [UInt8]?
    public var acl: [ACL]?
    public var parentCVersion: Int32
    public var ttl: Int64

    public init(path: UString, data: [UInt8]?, acl: [ACL]?, parentCVersion: Int32, ttl: Int64) {
        self.path = path
        self.data = data
        self.acl = acl
        self.parentCVersion = parentCVersion
        self.ttl = ttl
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        data = try decoder.readBuffer()
        acl = try decoder.readVector(minimumSize: 12) { element throws(JuteError) in try element.read(ACL.self) }
        parentCVersion = try decoder.readInt32()
        ttl = try decoder.readInt64()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(data)
        encoder.writeVector(acl) { $0.write($1) }
        encoder.write(parentCVersion)
        encoder.write(ttl)
    }
}

/// createContainer.
public struct CreateContainerTxn: JuteRecord, Hashable {
    public var path: UString
    public var data: [UInt8]?
    public var acl: [ACL]?
    public var parentCVersion: Int32

    public init(path: UString, data: [UInt8]?, acl: [ACL]?, parentCVersion: Int32) {
        self.path = path
        self.data = data
        self.acl = acl
        self.parentCVersion = parentCVersion
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        data = try decoder.readBuffer()
        acl = try decoder.readVector(minimumSize: 12) { element throws(JuteError) in try element.read(ACL.self) }
        parentCVersion = try decoder.readInt32()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(data)
        encoder.writeVector(acl) { $0.write($1) }
        encoder.write(parentCVersion)
    }
}

/// delete and deleteContainer.
public struct DeleteTxn: JuteRecord, Hashable {
    public var path: UString

    public init(path: UString) {
        self.path = path
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
    }
}

/// setData and reconfig; `version` is the new one.
public struct SetDataTxn: JuteRecord, Hashable {
    public var path: UString
    public var data: [UInt8]?
    public var version: Int32

    public init(path: UString, data: [UInt8]?, version: Int32) {
        self.path = path
        self.data = data
        self.version = version
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        data = try decoder.readBuffer()
        version = try decoder.readInt32()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(data)
        encoder.write(version)
    }
}

/// check, inside a multi; `version` is the current one plus one.
public struct CheckVersionTxn: JuteRecord, Hashable {
    public var path: UString
    public var version: Int32

    public init(path: UString, version: Int32) {
        self.path = path
        self.version = version
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        version = try decoder.readInt32()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(version)
    }
}

/// setACL; `version` is the new aversion.
public struct SetACLTxn: JuteRecord, Hashable {
    public var path: UString
    public var acl: [ACL]?
    public var version: Int32

    public init(path: UString, acl: [ACL]?, version: Int32) {
        self.path = path
        self.acl = acl
        self.version = version
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        acl = try decoder.readVector(minimumSize: 12) { element throws(JuteError) in try element.read(ACL.self) }
        version = try decoder.readInt32()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.writeVector(acl) { $0.write($1) }
        encoder.write(version)
    }
}

/// createSession; milliseconds.
public struct CreateSessionTxn: JuteRecord, Hashable {
    public var timeOut: Int32

    public init(timeOut: Int32) {
        self.timeOut = timeOut
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        timeOut = try decoder.readInt32()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(timeOut)
    }
}

/// closeSession: the ephemerals that go with it.
public struct CloseSessionTxn: JuteRecord, Hashable {
    public var paths2Delete: [UString]?

    public init(paths2Delete: [UString]?) {
        self.paths2Delete = paths2Delete
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        paths2Delete = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.writeVector(paths2Delete) { $0.write($1) }
    }
}

/// A request that failed: it keeps its place in the history.
public struct ErrorTxn: JuteRecord, Hashable {
    public var err: ErrorCode

    public init(err: ErrorCode) {
        self.err = err
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        err = ErrorCode(try decoder.readInt32())
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(err.rawValue)
    }
}

/// One operation of a multi, its body still encoded.
public struct Txn: JuteRecord, Hashable {
    public var type: Int32
    public var data: [UInt8]?

    public init(type: Int32, data: [UInt8]?) {
        self.type = type
        self.data = data
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        type = try decoder.readInt32()
        data = try decoder.readBuffer()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(type)
        encoder.write(data)
    }
}

/// multi.
public struct MultiTxn: JuteRecord, Hashable {
    public var txns: [Txn]?

    public init(txns: [Txn]?) {
        self.txns = txns
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        txns = try decoder.readVector(minimumSize: 8) { element throws(JuteError) in try element.read(Txn.self) }
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.writeVector(txns) { $0.write($1) }
    }
}
