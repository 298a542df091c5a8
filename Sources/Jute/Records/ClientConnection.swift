// Requests that concern one connection: its watches and its identities. Records of the `proto` module of
// zookeeper.jute.

/// checkWatches.
public struct CheckWatchesRequest: JuteRecord, Hashable {
    public var path: UString
    public var type: Int32

    public init(path: UString, type: Int32) {
        self.path = path
        self.type = type
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        type = try decoder.readInt32()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(type)
    }
}

/// removeWatches.
public struct RemoveWatchesRequest: JuteRecord, Hashable {
    public var path: UString
    public var type: Int32

    public init(path: UString, type: Int32) {
        self.path = path
        self.type = type
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        type = try decoder.readInt32()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(type)
    }
}

/// addWatch.
public struct AddWatchRequest: JuteRecord, Hashable {
    public var path: UString
    public var mode: Int32

    public init(path: UString, mode: Int32) {
        self.path = path
        self.mode = mode
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        path = try decoder.readString()
        mode = try decoder.readInt32()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write(mode)
    }
}

/// Watches a client registers again after a reconnect.
public struct SetWatches: JuteRecord, Hashable {
    public var relativeZxid: Zxid
    public var dataWatches: [UString]?
    public var existWatches: [UString]?
    public var childWatches: [UString]?

    public init(relativeZxid: Zxid, dataWatches: [UString]?, existWatches: [UString]?, childWatches: [UString]?) {
        self.relativeZxid = relativeZxid
        self.dataWatches = dataWatches
        self.existWatches = existWatches
        self.childWatches = childWatches
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        relativeZxid = Zxid(try decoder.readInt64())
        dataWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
        existWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
        childWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(relativeZxid.rawValue)
        encoder.writeVector(dataWatches) { $0.write($1) }
        encoder.writeVector(existWatches) { $0.write($1) }
        encoder.writeVector(childWatches) { $0.write($1) }
    }
}

/// As `SetWatches`, with persistent watches.
public struct SetWatches2: JuteRecord, Hashable {
    public var relativeZxid: Zxid
    public var dataWatches: [UString]?
    public var existWatches: [UString]?
    public var childWatches: [UString]?
    public var persistentWatches: [UString]?
    public var persistentRecursiveWatches: [UString]?

    public init(
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
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        relativeZxid = Zxid(try decoder.readInt64())
        dataWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
        existWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
        childWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in try element.readString() }
        persistentWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in
            try element.readString()
        }
        persistentRecursiveWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in
            try element.readString()
        }
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(relativeZxid.rawValue)
        encoder.writeVector(dataWatches) { $0.write($1) }
        encoder.writeVector(existWatches) { $0.write($1) }
        encoder.writeVector(childWatches) { $0.write($1) }
        encoder.writeVector(persistentWatches) { $0.write($1) }
        encoder.writeVector(persistentRecursiveWatches) { $0.write($1) }
    }
}

/// auth.
public struct AuthPacket: JuteRecord, Hashable {
    public var type: Int32
    public var scheme: UString
    public var auth: [UInt8]?

    public init(type: Int32, scheme: UString, auth: [UInt8]?) {
        self.type = type
        self.scheme = scheme
        self.auth = auth
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        type = try decoder.readInt32()
        scheme = try decoder.readString()
        auth = try decoder.readBuffer()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(type)
        encoder.write(scheme)
        encoder.write(auth)
    }
}

/// sasl.
public struct GetSASLRequest: JuteRecord, Hashable {
    public var token: [UInt8]?

    public init(token: [UInt8]?) {
        self.token = token
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        token = try decoder.readBuffer()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(token)
    }
}

/// The reply to sasl.
public struct SetSASLResponse: JuteRecord, Hashable {
    public var token: [UInt8]?

    public init(token: [UInt8]?) {
        self.token = token
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        token = try decoder.readBuffer()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(token)
    }
}

/// The reply to whoAmI.
public struct WhoAmIResponse: JuteRecord, Hashable {
    public var clientInfo: [ClientInfo]?

    public init(clientInfo: [ClientInfo]?) {
        self.clientInfo = clientInfo
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        clientInfo = try decoder.readVector(minimumSize: 8) { element throws(JuteError) in
            try element.read(ClientInfo.self)
        }
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.writeVector(clientInfo) { $0.write($1) }
    }
}
