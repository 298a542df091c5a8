// What stands in the data of quorum packets whose form zookeeper.jute does not give. Upstream reads and writes these
// by hand (ZooKeeper, `Learner` and `LearnerHandler`).

/// The data of REQUEST: a client's request on its way to the leader.
public struct ForwardedRequest: JuteRecord, Hashable {
    public var sessionId: SessionID
    public var cxid: Xid
    /// An `OpCode`.
    public var type: Int32
    /// The client's request record as it came; for createSession the timeout, for closeSession nothing.
    public var body: [UInt8]

    public init(sessionId: SessionID, cxid: Xid, type: Int32, body: [UInt8]) {
        self.sessionId = sessionId
        self.cxid = cxid
        self.type = type
        self.body = body
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        sessionId = SessionID(try decoder.readInt64())
        cxid = Xid(try decoder.readInt32())
        type = try decoder.readInt32()
        body = decoder.readRest()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(sessionId.rawValue)
        encoder.write(cxid.rawValue)
        encoder.write(type)
        encoder.writeRaw(body)
    }
}

/// A session that a learner heard of, and its timeout in milliseconds: one entry of a PING reply, and the data of
/// the REVALIDATE that a learner sends.
public struct SessionTouch: JuteRecord, Hashable {
    public var sessionId: SessionID
    public var timeOut: Int32

    public init(sessionId: SessionID, timeOut: Int32) {
        self.sessionId = sessionId
        self.timeOut = timeOut
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        sessionId = SessionID(try decoder.readInt64())
        timeOut = try decoder.readInt32()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(sessionId.rawValue)
        encoder.write(timeOut)
    }
}

/// The data of a PING reply: entries to the end, without a count.
public struct TouchTable: JuteRecord, Hashable {
    public var touches: [SessionTouch]

    public init(touches: [SessionTouch]) { self.touches = touches }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        touches = []
        touches.reserveCapacity(decoder.remaining / 12)
        while !decoder.isAtEnd { touches.append(try decoder.read()) }
    }

    public func encode(into encoder: inout JuteEncoder) {
        for touch in touches { encoder.write(touch) }
    }
}

/// The data of the REVALIDATE that answers a learner's.
public struct RevalidateAnswer: JuteRecord, Hashable {
    public var sessionId: SessionID
    public var isValid: Bool

    public init(sessionId: SessionID, isValid: Bool) {
        self.sessionId = sessionId
        self.isValid = isValid
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        sessionId = SessionID(try decoder.readInt64())
        isValid = try decoder.readBool()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(sessionId.rawValue)
        encoder.write(isValid)
    }
}

/// The data of INFORMANDACTIVATE, and with an empty `txn` that of COMMITANDACTIVATE.
public struct Activation: JuteRecord, Hashable {
    public var designatedLeader: ServerID
    /// An encoded `TxnRecord`.
    public var txn: [UInt8]

    public init(designatedLeader: ServerID, txn: [UInt8] = []) {
        self.designatedLeader = designatedLeader
        self.txn = txn
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        designatedLeader = ServerID(try decoder.readInt64())
        txn = decoder.readRest()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(designatedLeader.rawValue)
        encoder.writeRaw(txn)
    }
}
