// Requests that change the tree, and their replies. Records of the `proto` module of zookeeper.jute.

/// create, create2 and createContainer.
public struct CreateRequest: JuteRecord, Hashable {
    public var path: UString
    public var data: [UInt8]?
    public var acl: [ACL]?
    public var flags: Int32

    public init(path: UString, data: [UInt8]?, acl: [ACL]?, flags: Int32) {
        self.path = path
        self.data = data
        self.acl = acl
        self.flags = flags
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        data = try decoder.readBuffer()
        acl = try decoder.readVector(minimumSize: 12) { element throws(JuteError) in try element.read(ACL.self) }
        flags = try decoder.readInt32()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(data)
        encoder.writeVector(acl) { $0.write($1) }
        encoder.write(flags)
    }
}

/// createTTL; `ttl` in milliseconds.
public struct CreateTTLRequest: JuteRecord, Hashable {
    public var path: UString
    public var data: [UInt8]?
    public var acl: [ACL]?
    public var flags: Int32
    public var ttl: Int64

    public init(path: UString, data: [UInt8]?, acl: [ACL]?, flags: Int32, ttl: Int64) {
        self.path = path
        self.data = data
        self.acl = acl
        self.flags = flags
        self.ttl = ttl
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        data = try decoder.readBuffer()
        acl = try decoder.readVector(minimumSize: 12) { element throws(JuteError) in try element.read(ACL.self) }
        flags = try decoder.readInt32()
        ttl = try decoder.readInt64()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(data)
        encoder.writeVector(acl) { $0.write($1) }
        encoder.write(flags)
        encoder.write(ttl)
    }
}

/// The reply to create.
public struct CreateResponse: JuteRecord, Hashable {
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

/// The reply to create2, createContainer and createTTL.
public struct Create2Response: JuteRecord, Hashable {
    public var path: UString
    public var stat: Stat

    public init(path: UString, stat: Stat) {
        self.path = path
        self.stat = stat
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        stat = try decoder.read(Stat.self)
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(stat)
    }
}

/// delete; version -1 means any.
public struct DeleteRequest: JuteRecord, Hashable {
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

/// deleteContainer, sent by the server itself.
public struct DeleteContainerRequest: JuteRecord, Hashable {
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

/// setData; version -1 means any.
public struct SetDataRequest: JuteRecord, Hashable {
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

/// The reply to setData.
public struct SetDataResponse: JuteRecord, Hashable {
    public var stat: Stat

    public init(stat: Stat) {
        self.stat = stat
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        stat = try decoder.read(Stat.self)
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(stat)
    }
}

/// setACL; `version` is compared with aversion.
public struct SetACLRequest: JuteRecord, Hashable {
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

/// The reply to setACL.
public struct SetACLResponse: JuteRecord, Hashable {
    public var stat: Stat

    public init(stat: Stat) {
        self.stat = stat
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        stat = try decoder.read(Stat.self)
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(stat)
    }
}

/// check, inside a multi.
public struct CheckVersionRequest: JuteRecord, Hashable {
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

/// reconfig.
public struct ReconfigRequest: JuteRecord, Hashable {
    public var joiningServers: UString
    public var leavingServers: UString
    public var newMembers: UString
    public var curConfigId: Int64

    public init(joiningServers: UString, leavingServers: UString, newMembers: UString, curConfigId: Int64) {
        self.joiningServers = joiningServers
        self.leavingServers = leavingServers
        self.newMembers = newMembers
        self.curConfigId = curConfigId
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        joiningServers = try decoder.readString()
        leavingServers = try decoder.readString()
        newMembers = try decoder.readString()
        curConfigId = try decoder.readInt64()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(joiningServers)
        encoder.write(leavingServers)
        encoder.write(newMembers)
        encoder.write(curConfigId)
    }
}
