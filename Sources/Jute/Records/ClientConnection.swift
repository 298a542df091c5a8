// Requests that concern one connection: its watches and its identities. Records of the `proto` module of
// zookeeper.jute.

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
        persistentWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in
            try element.readString()
        }
        persistentRecursiveWatches = try decoder.readVector(minimumSize: 4) { element throws(JuteError) in
            try element.readString()
        }
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
        clientInfo = try decoder.readVector(minimumSize: 8) { element throws(JuteError) in
            try element.read(ClientInfo.self)
        }
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.writeVector(clientInfo) { $0.write($1) }
    }
}
