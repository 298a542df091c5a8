// Requests that change the tree, and their replies. Records of the `proto` module of zookeeper.jute.

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
