// What stands in the data of quorum packets whose form zookeeper.jute does not give. Upstream reads and writes these
// by hand (ZooKeeper, `Learner` and `LearnerHandler`).

/// The data of REQUEST: a client's request on its way to the leader.
package struct ForwardedRequest: JuteRecord, Hashable {
    package var sessionId: SessionID
    package var cxid: Xid
    /// An `OpCode`.
    package var type: Int32
    /// The client's request record as it came; for createSession the timeout, for closeSession nothing.
    package var body: [UInt8]

    package init(sessionId: SessionID, cxid: Xid, type: Int32, body: [UInt8]) {
        self.sessionId = sessionId
        self.cxid = cxid
        self.type = type
        self.body = body
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        sessionId = SessionID(try decoder.readInt64())
        cxid = Xid(try decoder.readInt32())
        type = try decoder.readInt32()
        body = decoder.readRest()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(sessionId.rawValue)
        encoder.write(cxid.rawValue)
        encoder.write(type)
        encoder.writeRaw(body)
    }
}

/// A session that a learner heard of, and its timeout in milliseconds: one entry of a PING reply, and the data of
/// the REVALIDATE that a learner sends.
package struct SessionTouch: JuteRecord, Hashable {
    package var sessionId: SessionID
    package var timeOut: Int32

    package init(sessionId: SessionID, timeOut: Int32) {
        self.sessionId = sessionId
        self.timeOut = timeOut
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        sessionId = SessionID(try decoder.readInt64())
        timeOut = try decoder.readInt32()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(sessionId.rawValue)
        encoder.write(timeOut)
    }
}

/// The data of a PING reply: entries to the end, without a count.
package struct TouchTable: JuteRecord, Hashable {
    package var touches: [SessionTouch]

    package init(touches: [SessionTouch]) { self.touches = touches }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        touches = []
        touches.reserveCapacity(decoder.remaining / 12)
        while !decoder.isAtEnd { touches.append(try decoder.read()) }
    }

    package func encode(into encoder: inout JuteEncoder) {
        for touch in touches { encoder.write(touch) }
    }
}

/// The data of the REVALIDATE that answers a learner's.
package struct RevalidateAnswer: JuteRecord, Hashable {
    package var sessionId: SessionID
    package var isValid: Bool

    package init(sessionId: SessionID, isValid: Bool) {
        self.sessionId = sessionId
        self.isValid = isValid
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        sessionId = SessionID(try decoder.readInt64())
        isValid = try decoder.readBool()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(sessionId.rawValue)
        encoder.write(isValid)
    }
}

/// The data of INFORMANDACTIVATE, and with an empty `txn` that of COMMITANDACTIVATE.
package struct Activation: JuteRecord, Hashable {
    package var designatedLeader: ServerID
    /// An encoded `TxnRecord`.
    package var txn: [UInt8]

    package init(designatedLeader: ServerID, txn: [UInt8] = []) {
        self.designatedLeader = designatedLeader
        self.txn = txn
    }

    @_lifetime(decoder: copy decoder)
    package init(from decoder: inout JuteDecoder) throws(JuteError) {
        designatedLeader = ServerID(try decoder.readInt64())
        txn = decoder.readRest()
    }

    package func encode(into encoder: inout JuteEncoder) {
        encoder.write(designatedLeader.rawValue)
        encoder.writeRaw(txn)
    }
}
