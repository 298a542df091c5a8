// The connect handshake, whose last field old clients leave out.

/// The first frame of a client connection. `readOnly` is nil where the client sent none (before 3.4); the response
/// must then leave it out too.
public struct ConnectRequest: JuteRecord, Hashable {
    public var protocolVersion: Int32
    public var lastZxidSeen: Zxid
    public var timeOut: Int32
    public var sessionId: SessionID
    public var passwd: [UInt8]?
    public var readOnly: Bool?

    public init(
        protocolVersion: Int32, lastZxidSeen: Zxid, timeOut: Int32, sessionId: SessionID, passwd: [UInt8]?,
        readOnly: Bool?
    ) {
        self.protocolVersion = protocolVersion
        self.lastZxidSeen = lastZxidSeen
        self.timeOut = timeOut
        self.sessionId = sessionId
        self.passwd = passwd
        self.readOnly = readOnly
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        protocolVersion = try decoder.readInt32()
        lastZxidSeen = Zxid(try decoder.readInt64())
        timeOut = try decoder.readInt32()
        sessionId = SessionID(try decoder.readInt64())
        passwd = try decoder.readBuffer()
        readOnly = decoder.isAtEnd ? nil : try decoder.readBool()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(protocolVersion)
        encoder.write(lastZxidSeen.rawValue)
        encoder.write(timeOut)
        encoder.write(sessionId.rawValue)
        encoder.write(passwd)
        if let readOnly { encoder.write(readOnly) }
    }
}

/// The answer to `ConnectRequest`. `timeOut` is the negotiated session timeout in milliseconds.
public struct ConnectResponse: JuteRecord, Hashable {
    public var protocolVersion: Int32
    public var timeOut: Int32
    public var sessionId: SessionID
    public var passwd: [UInt8]?
    public var readOnly: Bool?

    public init(protocolVersion: Int32, timeOut: Int32, sessionId: SessionID, passwd: [UInt8]?, readOnly: Bool?) {
        self.protocolVersion = protocolVersion
        self.timeOut = timeOut
        self.sessionId = sessionId
        self.passwd = passwd
        self.readOnly = readOnly
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        protocolVersion = try decoder.readInt32()
        timeOut = try decoder.readInt32()
        sessionId = SessionID(try decoder.readInt64())
        passwd = try decoder.readBuffer()
        readOnly = decoder.isAtEnd ? nil : try decoder.readBool()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(protocolVersion)
        encoder.write(timeOut)
        encoder.write(sessionId.rawValue)
        encoder.write(passwd)
        if let readOnly { encoder.write(readOnly) }
    }

    /// The answer to a session that is unknown, expired or asked for with a wrong password: every client keys on
    /// another of these fields, so all are as given (client protocol, connect handshake).
    public static func invalidSession(readOnly: Bool?) -> ConnectResponse {
        ConnectResponse(
            protocolVersion: 0, timeOut: 0, sessionId: .none, passwd: [UInt8](repeating: 0, count: 16),
            readOnly: readOnly)
    }
}
