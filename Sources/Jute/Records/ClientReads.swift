// Requests that read the tree, and their replies; sync among them. Records of the `proto` module of zookeeper.jute.

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
