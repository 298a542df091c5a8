// Requests that read the tree, and their replies; sync among them. Records of the `proto` module of zookeeper.jute.

/// exists.
public struct ExistsRequest: JuteRecord, Hashable {
    public var path: UString
    public var watch: Bool

    public init(path: UString, watch: Bool) {
        self.path = path
        self.watch = watch
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        watch = try decoder.readBool()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(watch)
    }
}

/// The reply to exists.
public struct ExistsResponse: JuteRecord, Hashable {
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

/// getData.
public struct GetDataRequest: JuteRecord, Hashable {
    public var path: UString
    public var watch: Bool

    public init(path: UString, watch: Bool) {
        self.path = path
        self.watch = watch
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        watch = try decoder.readBool()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(watch)
    }
}

/// The reply to getData.
public struct GetDataResponse: JuteRecord, Hashable {
    public var data: [UInt8]?
    public var stat: Stat

    public init(data: [UInt8]?, stat: Stat) {
        self.data = data
        self.stat = stat
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        data = try decoder.readBuffer()
        stat = try decoder.read(Stat.self)
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(data)
        encoder.write(stat)
    }
}

/// getACL.
public struct GetACLRequest: JuteRecord, Hashable {
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

/// The reply to getACL.
public struct GetACLResponse: JuteRecord, Hashable {
    public var acl: [ACL]?
    public var stat: Stat

    public init(acl: [ACL]?, stat: Stat) {
        self.acl = acl
        self.stat = stat
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        acl = try decoder.readVector(minimumSize: 12) { element throws(JuteError) in try element.read(ACL.self) }
        stat = try decoder.read(Stat.self)
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.writeVector(acl) { $0.write($1) }
        encoder.write(stat)
    }
}

/// getChildren.
public struct GetChildrenRequest: JuteRecord, Hashable {
    public var path: UString
    public var watch: Bool

    public init(path: UString, watch: Bool) {
        self.path = path
        self.watch = watch
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        watch = try decoder.readBool()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(watch)
    }
}

/// The reply to getChildren.
public struct GetChildrenResponse: JuteRecord, Hashable {
    public var children: [UString]?

    public init(children: [UString]?) {
        self.children = children
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        children = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.writeVector(children) { $0.write($1) }
    }
}

/// getChildren2.
public struct GetChildren2Request: JuteRecord, Hashable {
    public var path: UString
    public var watch: Bool

    public init(path: UString, watch: Bool) {
        self.path = path
        self.watch = watch
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        watch = try decoder.readBool()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(watch)
    }
}

/// The reply to getChildren2.
public struct GetChildren2Response: JuteRecord, Hashable {
    public var children: [UString]?
    public var stat: Stat

    public init(children: [UString]?, stat: Stat) {
        self.children = children
        self.stat = stat
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        children = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
        stat = try decoder.read(Stat.self)
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.writeVector(children) { $0.write($1) }
        encoder.write(stat)
    }
}

/// getAllChildrenNumber.
public struct GetAllChildrenNumberRequest: JuteRecord, Hashable {
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

/// The reply to getAllChildrenNumber.
public struct GetAllChildrenNumberResponse: JuteRecord, Hashable {
    public var totalNumber: Int32

    public init(totalNumber: Int32) {
        self.totalNumber = totalNumber
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        totalNumber = try decoder.readInt32()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(totalNumber)
    }
}

/// getEphemerals.
public struct GetEphemeralsRequest: JuteRecord, Hashable {
    public var prefixPath: UString

    public init(prefixPath: UString) {
        self.prefixPath = prefixPath
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        prefixPath = try decoder.readString()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(prefixPath)
    }
}

/// The reply to getEphemerals.
public struct GetEphemeralsResponse: JuteRecord, Hashable {
    public var ephemerals: [UString]?

    public init(ephemerals: [UString]?) {
        self.ephemerals = ephemerals
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        ephemerals = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.writeVector(ephemerals) { $0.write($1) }
    }
}

/// sync.
public struct SyncRequest: JuteRecord, Hashable {
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

/// The reply to sync.
public struct SyncResponse: JuteRecord, Hashable {
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
