// What stands before the bodies of requests and replies, and the bodies that belong to no one operation. Records of the
// `proto` module of zookeeper.jute; the connect handshake is in Connect.swift.

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
