// Records of the `txn` and `persistence` modules of zookeeper.jute: what the history is made of.
// The sum of them, `TxnBody`, stands in TxnRecord.swift.

/// Begins a log or snapshot file.
package struct FileHeader: JuteRecord, Hashable {
    package var magic: Int32
    package var version: Int32
    package var dbid: Int64

    package init(magic: Int32, version: Int32, dbid: Int64) {
        self.magic = magic
        self.version = version
        self.dbid = dbid
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        magic = try decoder.readInt32()
        version = try decoder.readInt32()
        dbid = try decoder.readInt64()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(magic)
        encoder.write(version)
        encoder.write(dbid)
    }
}

/// Precedes every transaction; 32 bytes. `time` is the leader's wall clock in milliseconds, `type` an `OpCode`.
package struct TxnHeader: JuteRecord, Hashable {
    package var clientId: SessionID
    package var cxid: Xid
    package var zxid: Zxid
    package var time: Int64
    package var type: Int32

    package init(clientId: SessionID, cxid: Xid, zxid: Zxid, time: Int64, type: Int32) {
        self.clientId = clientId
        self.cxid = cxid
        self.zxid = zxid
        self.time = time
        self.type = type
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        clientId = SessionID(try decoder.readInt64())
        cxid = Xid(try decoder.readInt32())
        zxid = Zxid(try decoder.readInt64())
        time = try decoder.readInt64()
        type = try decoder.readInt32()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(clientId.rawValue)
        encoder.write(cxid.rawValue)
        encoder.write(zxid.rawValue)
        encoder.write(time)
        encoder.write(type)
    }

    /// Bytes in a log or proposal.
    package static let encodedSize = 32
}

/// The tree's digest after the transaction that it follows; 12 bytes.
package struct TxnDigest: JuteRecord, Hashable {
    package var version: Int32
    package var treeDigest: Int64

    package init(version: Int32, treeDigest: Int64) {
        self.version = version
        self.treeDigest = treeDigest
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        version = try decoder.readInt32()
        treeDigest = try decoder.readInt64()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(version)
        encoder.write(treeDigest)
    }

    /// Bytes in a log or proposal.
    package static let encodedSize = 12
    /// The digest algorithm of ZooKeeper 3.6 and later.
    package static let currentVersion: Int32 = 2
}

/// createTTL; `ttl` in milliseconds.
package struct CreateTTLTxn: JuteRecord, Hashable {
    package var path: UString
    package var data: [UInt8]?
    package var acl: [ACL]?
    package var parentCVersion: Int32
    package var ttl: Int64

    package init(path: UString, data: [UInt8]?, acl: [ACL]?, parentCVersion: Int32, ttl: Int64) {
        self.path = path
        self.data = data
        self.acl = acl
        self.parentCVersion = parentCVersion
        self.ttl = ttl
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        data = try decoder.readBuffer()
        acl = try decoder.readVector(minimumSize: 12) { element throws(JuteError) in try element.read(ACL.self) }
        parentCVersion = try decoder.readInt32()
        ttl = try decoder.readInt64()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(data)
        encoder.writeVector(acl) { $0.write($1) }
        encoder.write(parentCVersion)
        encoder.write(ttl)
    }
}

/// createContainer.
package struct CreateContainerTxn: JuteRecord, Hashable {
    package var path: UString
    package var data: [UInt8]?
    package var acl: [ACL]?
    package var parentCVersion: Int32

    package init(path: UString, data: [UInt8]?, acl: [ACL]?, parentCVersion: Int32) {
        self.path = path
        self.data = data
        self.acl = acl
        self.parentCVersion = parentCVersion
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        data = try decoder.readBuffer()
        acl = try decoder.readVector(minimumSize: 12) { element throws(JuteError) in try element.read(ACL.self) }
        parentCVersion = try decoder.readInt32()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(data)
        encoder.writeVector(acl) { $0.write($1) }
        encoder.write(parentCVersion)
    }
}

/// delete and deleteContainer.
package struct DeleteTxn: JuteRecord, Hashable {
    package var path: UString

    package init(path: UString) {
        self.path = path
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
    }
}

/// setData and reconfig; `version` is the new one.
package struct SetDataTxn: JuteRecord, Hashable {
    package var path: UString
    package var data: [UInt8]?
    package var version: Int32

    package init(path: UString, data: [UInt8]?, version: Int32) {
        self.path = path
        self.data = data
        self.version = version
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        data = try decoder.readBuffer()
        version = try decoder.readInt32()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(data)
        encoder.write(version)
    }
}

/// check, inside a multi; `version` is the current one plus one.
package struct CheckVersionTxn: JuteRecord, Hashable {
    package var path: UString
    package var version: Int32

    package init(path: UString, version: Int32) {
        self.path = path
        self.version = version
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        version = try decoder.readInt32()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(version)
    }
}

/// setACL; `version` is the new aversion.
package struct SetACLTxn: JuteRecord, Hashable {
    package var path: UString
    package var acl: [ACL]?
    package var version: Int32

    package init(path: UString, acl: [ACL]?, version: Int32) {
        self.path = path
        self.acl = acl
        self.version = version
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        acl = try decoder.readVector(minimumSize: 12) { element throws(JuteError) in try element.read(ACL.self) }
        version = try decoder.readInt32()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.writeVector(acl) { $0.write($1) }
        encoder.write(version)
    }
}

/// createSession; milliseconds.
package struct CreateSessionTxn: JuteRecord, Hashable {
    package var timeOut: Int32

    package init(timeOut: Int32) {
        self.timeOut = timeOut
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        timeOut = try decoder.readInt32()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(timeOut)
    }
}

/// closeSession: the ephemerals that go with it.
package struct CloseSessionTxn: JuteRecord, Hashable {
    package var paths2Delete: [UString]?

    package init(paths2Delete: [UString]?) {
        self.paths2Delete = paths2Delete
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        paths2Delete = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.writeVector(paths2Delete) { $0.write($1) }
    }
}

/// A request that failed: it keeps its place in the history.
package struct ErrorTxn: JuteRecord, Hashable {
    package var err: ErrorCode

    package init(err: ErrorCode) {
        self.err = err
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        err = ErrorCode(try decoder.readInt32())
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(err.rawValue)
    }
}

/// One operation of a multi, its body still encoded.
package struct Txn: JuteRecord, Hashable {
    package var type: Int32
    package var data: [UInt8]?

    package init(type: Int32, data: [UInt8]?) {
        self.type = type
        self.data = data
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        type = try decoder.readInt32()
        data = try decoder.readBuffer()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(type)
        encoder.write(data)
    }
}

/// multi.
package struct MultiTxn: JuteRecord, Hashable {
    package var txns: [Txn]?

    package init(txns: [Txn]?) {
        self.txns = txns
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        txns = try decoder.readVector(minimumSize: 8) { element throws(JuteError) in try element.read(Txn.self) }
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.writeVector(txns) { $0.write($1) }
    }
}
