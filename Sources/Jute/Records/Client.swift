// Records of the `proto` module of zookeeper.jute: requests, replies and the connect handshake.
// `ConnectRequest` and `ConnectResponse` stand in Connect.swift: their last field may be absent.

/// Precedes every request after the handshake. `type` is an `OpCode`, or a number nobody knows.
package struct RequestHeader: JuteRecord, Hashable {
    package var xid: Xid
    package var type: Int32

    package init(xid: Xid, type: Int32) {
        self.xid = xid
        self.type = type
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        xid = Xid(try decoder.readInt32())
        type = try decoder.readInt32()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(xid.rawValue)
        encoder.write(type)
    }
}

/// Precedes every reply and every notification.
package struct ReplyHeader: JuteRecord, Hashable {
    package var xid: Xid
    package var zxid: Zxid
    package var err: ErrorCode

    package init(xid: Xid, zxid: Zxid, err: ErrorCode) {
        self.xid = xid
        self.zxid = zxid
        self.err = err
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        xid = Xid(try decoder.readInt32())
        zxid = Zxid(try decoder.readInt64())
        err = ErrorCode(try decoder.readInt32())
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(xid.rawValue)
        encoder.write(zxid.rawValue)
        encoder.write(err.rawValue)
    }

    /// Bytes on the wire.
    package static let encodedSize = 16
}

/// Precedes each operation of a multi; `done` ends the list.
package struct MultiHeader: JuteRecord, Hashable {
    package var type: Int32
    package var done: Bool
    package var err: ErrorCode

    package init(type: Int32, done: Bool, err: ErrorCode) {
        self.type = type
        self.done = done
        self.err = err
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        type = try decoder.readInt32()
        done = try decoder.readBool()
        err = ErrorCode(try decoder.readInt32())
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(type)
        encoder.write(done)
        encoder.write(err.rawValue)
    }

    /// The header that ends every list.
    package static let end = MultiHeader(type: -1, done: true, err: ErrorCode(-1))
}

/// The body of a notification.
package struct WatcherEvent: JuteRecord, Hashable {
    package var type: Int32
    package var state: Int32
    package var path: UString

    package init(type: Int32, state: Int32, path: UString) {
        self.type = type
        self.state = state
        self.path = path
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        type = try decoder.readInt32()
        state = try decoder.readInt32()
        path = try decoder.readString()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(type)
        encoder.write(state)
        encoder.write(path)
    }
}

/// The result of a multi's failed operation, and of addWatch.
package struct ErrorResponse: JuteRecord, Hashable {
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

/// create, create2 and createContainer.
package struct CreateRequest: JuteRecord, Hashable {
    package var path: UString
    package var data: [UInt8]?
    package var acl: [ACL]?
    package var flags: Int32

    package init(path: UString, data: [UInt8]?, acl: [ACL]?, flags: Int32) {
        self.path = path
        self.data = data
        self.acl = acl
        self.flags = flags
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        data = try decoder.readBuffer()
        acl = try decoder.readVector(minimumSize: 12) { element throws(JuteError) in try element.read(ACL.self) }
        flags = try decoder.readInt32()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(data)
        encoder.writeVector(acl) { $0.write($1) }
        encoder.write(flags)
    }
}

/// createTTL; `ttl` in milliseconds.
package struct CreateTTLRequest: JuteRecord, Hashable {
    package var path: UString
    package var data: [UInt8]?
    package var acl: [ACL]?
    package var flags: Int32
    package var ttl: Int64

    package init(path: UString, data: [UInt8]?, acl: [ACL]?, flags: Int32, ttl: Int64) {
        self.path = path
        self.data = data
        self.acl = acl
        self.flags = flags
        self.ttl = ttl
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        data = try decoder.readBuffer()
        acl = try decoder.readVector(minimumSize: 12) { element throws(JuteError) in try element.read(ACL.self) }
        flags = try decoder.readInt32()
        ttl = try decoder.readInt64()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(data)
        encoder.writeVector(acl) { $0.write($1) }
        encoder.write(flags)
        encoder.write(ttl)
    }
}

/// The reply to create.
package struct CreateResponse: JuteRecord, Hashable {
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

/// The reply to create2, createContainer and createTTL.
package struct Create2Response: JuteRecord, Hashable {
    package var path: UString
    package var stat: Stat

    package init(path: UString, stat: Stat) {
        self.path = path
        self.stat = stat
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        stat = try decoder.read(Stat.self)
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(stat)
    }
}

/// delete; version -1 means any.
package struct DeleteRequest: JuteRecord, Hashable {
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

/// deleteContainer, sent by the server itself.
package struct DeleteContainerRequest: JuteRecord, Hashable {
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

/// exists.
package struct ExistsRequest: JuteRecord, Hashable {
    package var path: UString
    package var watch: Bool

    package init(path: UString, watch: Bool) {
        self.path = path
        self.watch = watch
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        watch = try decoder.readBool()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(watch)
    }
}

/// The reply to exists.
package struct ExistsResponse: JuteRecord, Hashable {
    package var stat: Stat

    package init(stat: Stat) {
        self.stat = stat
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        stat = try decoder.read(Stat.self)
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(stat)
    }
}

/// getData.
package struct GetDataRequest: JuteRecord, Hashable {
    package var path: UString
    package var watch: Bool

    package init(path: UString, watch: Bool) {
        self.path = path
        self.watch = watch
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        watch = try decoder.readBool()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(watch)
    }
}

/// The reply to getData.
package struct GetDataResponse: JuteRecord, Hashable {
    package var data: [UInt8]?
    package var stat: Stat

    package init(data: [UInt8]?, stat: Stat) {
        self.data = data
        self.stat = stat
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        data = try decoder.readBuffer()
        stat = try decoder.read(Stat.self)
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(data)
        encoder.write(stat)
    }
}

/// setData; version -1 means any.
package struct SetDataRequest: JuteRecord, Hashable {
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

/// The reply to setData.
package struct SetDataResponse: JuteRecord, Hashable {
    package var stat: Stat

    package init(stat: Stat) {
        self.stat = stat
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        stat = try decoder.read(Stat.self)
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(stat)
    }
}

/// getACL.
package struct GetACLRequest: JuteRecord, Hashable {
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

/// The reply to getACL.
package struct GetACLResponse: JuteRecord, Hashable {
    package var acl: [ACL]?
    package var stat: Stat

    package init(acl: [ACL]?, stat: Stat) {
        self.acl = acl
        self.stat = stat
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        acl = try decoder.readVector(minimumSize: 12) { element throws(JuteError) in try element.read(ACL.self) }
        stat = try decoder.read(Stat.self)
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.writeVector(acl) { $0.write($1) }
        encoder.write(stat)
    }
}

/// setACL; `version` is compared with aversion.
package struct SetACLRequest: JuteRecord, Hashable {
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

/// The reply to setACL.
package struct SetACLResponse: JuteRecord, Hashable {
    package var stat: Stat

    package init(stat: Stat) {
        self.stat = stat
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        stat = try decoder.read(Stat.self)
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(stat)
    }
}

/// getChildren.
package struct GetChildrenRequest: JuteRecord, Hashable {
    package var path: UString
    package var watch: Bool

    package init(path: UString, watch: Bool) {
        self.path = path
        self.watch = watch
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        watch = try decoder.readBool()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(watch)
    }
}

/// The reply to getChildren.
package struct GetChildrenResponse: JuteRecord, Hashable {
    package var children: [UString]?

    package init(children: [UString]?) {
        self.children = children
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        children = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.writeVector(children) { $0.write($1) }
    }
}

/// getChildren2.
package struct GetChildren2Request: JuteRecord, Hashable {
    package var path: UString
    package var watch: Bool

    package init(path: UString, watch: Bool) {
        self.path = path
        self.watch = watch
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        watch = try decoder.readBool()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(watch)
    }
}

/// The reply to getChildren2.
package struct GetChildren2Response: JuteRecord, Hashable {
    package var children: [UString]?
    package var stat: Stat

    package init(children: [UString]?, stat: Stat) {
        self.children = children
        self.stat = stat
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        children = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
        stat = try decoder.read(Stat.self)
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.writeVector(children) { $0.write($1) }
        encoder.write(stat)
    }
}

/// getAllChildrenNumber.
package struct GetAllChildrenNumberRequest: JuteRecord, Hashable {
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

/// The reply to getAllChildrenNumber.
package struct GetAllChildrenNumberResponse: JuteRecord, Hashable {
    package var totalNumber: Int32

    package init(totalNumber: Int32) {
        self.totalNumber = totalNumber
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        totalNumber = try decoder.readInt32()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(totalNumber)
    }
}

/// getEphemerals.
package struct GetEphemeralsRequest: JuteRecord, Hashable {
    package var prefixPath: UString

    package init(prefixPath: UString) {
        self.prefixPath = prefixPath
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        prefixPath = try decoder.readString()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(prefixPath)
    }
}

/// The reply to getEphemerals.
package struct GetEphemeralsResponse: JuteRecord, Hashable {
    package var ephemerals: [UString]?

    package init(ephemerals: [UString]?) {
        self.ephemerals = ephemerals
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        ephemerals = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.writeVector(ephemerals) { $0.write($1) }
    }
}

/// sync.
package struct SyncRequest: JuteRecord, Hashable {
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

/// The reply to sync.
package struct SyncResponse: JuteRecord, Hashable {
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

/// check, inside a multi.
package struct CheckVersionRequest: JuteRecord, Hashable {
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

/// reconfig.
package struct ReconfigRequest: JuteRecord, Hashable {
    package var joiningServers: UString
    package var leavingServers: UString
    package var newMembers: UString
    package var curConfigId: Int64

    package init(joiningServers: UString, leavingServers: UString, newMembers: UString, curConfigId: Int64) {
        self.joiningServers = joiningServers
        self.leavingServers = leavingServers
        self.newMembers = newMembers
        self.curConfigId = curConfigId
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        joiningServers = try decoder.readString()
        leavingServers = try decoder.readString()
        newMembers = try decoder.readString()
        curConfigId = try decoder.readInt64()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(joiningServers)
        encoder.write(leavingServers)
        encoder.write(newMembers)
        encoder.write(curConfigId)
    }
}

/// checkWatches.
package struct CheckWatchesRequest: JuteRecord, Hashable {
    package var path: UString
    package var type: Int32

    package init(path: UString, type: Int32) {
        self.path = path
        self.type = type
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        type = try decoder.readInt32()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(type)
    }
}

/// removeWatches.
package struct RemoveWatchesRequest: JuteRecord, Hashable {
    package var path: UString
    package var type: Int32

    package init(path: UString, type: Int32) {
        self.path = path
        self.type = type
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        type = try decoder.readInt32()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(type)
    }
}

/// addWatch.
package struct AddWatchRequest: JuteRecord, Hashable {
    package var path: UString
    package var mode: Int32

    package init(path: UString, mode: Int32) {
        self.path = path
        self.mode = mode
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        mode = try decoder.readInt32()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(mode)
    }
}

/// Watches a client registers again after a reconnect.
package struct SetWatches: JuteRecord, Hashable {
    package var relativeZxid: Zxid
    package var dataWatches: [UString]?
    package var existWatches: [UString]?
    package var childWatches: [UString]?

    package init(relativeZxid: Zxid, dataWatches: [UString]?, existWatches: [UString]?, childWatches: [UString]?) {
        self.relativeZxid = relativeZxid
        self.dataWatches = dataWatches
        self.existWatches = existWatches
        self.childWatches = childWatches
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        relativeZxid = Zxid(try decoder.readInt64())
        dataWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
        existWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
        childWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(relativeZxid.rawValue)
        encoder.writeVector(dataWatches) { $0.write($1) }
        encoder.writeVector(existWatches) { $0.write($1) }
        encoder.writeVector(childWatches) { $0.write($1) }
    }
}

/// As `SetWatches`, with persistent watches.
package struct SetWatches2: JuteRecord, Hashable {
    package var relativeZxid: Zxid
    package var dataWatches: [UString]?
    package var existWatches: [UString]?
    package var childWatches: [UString]?
    package var persistentWatches: [UString]?
    package var persistentRecursiveWatches: [UString]?

    package init(
        relativeZxid: Zxid, dataWatches: [UString]?, existWatches: [UString]?, childWatches: [UString]?,
        persistentWatches: [UString]?, persistentRecursiveWatches: [UString]?
    ) {
        self.relativeZxid = relativeZxid
        self.dataWatches = dataWatches
        self.existWatches = existWatches
        self.childWatches = childWatches
        self.persistentWatches = persistentWatches
        self.persistentRecursiveWatches = persistentRecursiveWatches
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        relativeZxid = Zxid(try decoder.readInt64())
        dataWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
        existWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
        childWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
        persistentWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
        persistentRecursiveWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(relativeZxid.rawValue)
        encoder.writeVector(dataWatches) { $0.write($1) }
        encoder.writeVector(existWatches) { $0.write($1) }
        encoder.writeVector(childWatches) { $0.write($1) }
        encoder.writeVector(persistentWatches) { $0.write($1) }
        encoder.writeVector(persistentRecursiveWatches) { $0.write($1) }
    }
}

/// auth.
package struct AuthPacket: JuteRecord, Hashable {
    package var type: Int32
    package var scheme: UString
    package var auth: [UInt8]?

    package init(type: Int32, scheme: UString, auth: [UInt8]?) {
        self.type = type
        self.scheme = scheme
        self.auth = auth
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        type = try decoder.readInt32()
        scheme = try decoder.readString()
        auth = try decoder.readBuffer()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(type)
        encoder.write(scheme)
        encoder.write(auth)
    }
}

/// sasl.
package struct GetSASLRequest: JuteRecord, Hashable {
    package var token: [UInt8]?

    package init(token: [UInt8]?) {
        self.token = token
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        token = try decoder.readBuffer()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(token)
    }
}

/// The reply to sasl.
package struct SetSASLResponse: JuteRecord, Hashable {
    package var token: [UInt8]?

    package init(token: [UInt8]?) {
        self.token = token
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        token = try decoder.readBuffer()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(token)
    }
}

/// The reply to whoAmI.
package struct WhoAmIResponse: JuteRecord, Hashable {
    package var clientInfo: [ClientInfo]?

    package init(clientInfo: [ClientInfo]?) {
        self.clientInfo = clientInfo
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        clientInfo = try decoder.readVector(minimumSize: 8) { element throws(JuteError) in try element.read(ClientInfo.self) }
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.writeVector(clientInfo) { $0.write($1) }
    }
}
