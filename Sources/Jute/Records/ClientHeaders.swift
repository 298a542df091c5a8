// What stands before the bodies of requests and replies, and the bodies that belong to no one operation. Records of the
// `proto` module of zookeeper.jute; the connect handshake is in Connect.swift.

/// Precedes every request after the handshake. `type` is an `OpCode`, or a number nobody knows.
public struct RequestHeader: JuteRecord, Hashable {
    public var xid: Xid
    public var type: Int32

    public init(xid: Xid, type: Int32) {
        self.xid = xid
        self.type = type
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        xid = Xid(try decoder.readInt32())
        type = try decoder.readInt32()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(xid.rawValue)
        encoder.write(type)
    }
}

/// Precedes every reply and every notification.
public struct ReplyHeader: JuteRecord, Hashable {
    public var xid: Xid
    public var zxid: Zxid
    public var err: ErrorCode

    public init(xid: Xid, zxid: Zxid, err: ErrorCode) {
        self.xid = xid
        self.zxid = zxid
        self.err = err
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        xid = Xid(try decoder.readInt32())
        zxid = Zxid(try decoder.readInt64())
        err = ErrorCode(try decoder.readInt32())
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(xid.rawValue)
        encoder.write(zxid.rawValue)
        encoder.write(err.rawValue)
    }

    /// Bytes on the wire.
    public static let encodedSize = 16
}

/// Precedes each operation of a multi; `done` ends the list.
public struct MultiHeader: JuteRecord, Hashable {
    public var type: Int32
    public var done: Bool
    public var err: ErrorCode

    public init(type: Int32, done: Bool, err: ErrorCode) {
        self.type = type
        self.done = done
        self.err = err
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        type = try decoder.readInt32()
        done = try decoder.readBool()
        err = ErrorCode(try decoder.readInt32())
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(type)
        encoder.write(done)
        encoder.write(err.rawValue)
    }

    /// The header that ends every list.
    public static let end = MultiHeader(type: -1, done: true, err: ErrorCode(-1))
}

/// The body of a notification.
public struct WatcherEvent: JuteRecord, Hashable {
    public var type: Int32
    public var state: Int32
    public var path: UString

    public init(type: Int32, state: Int32, path: UString) {
        self.type = type
        self.state = state
        self.path = path
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        type = try decoder.readInt32()
        state = try decoder.readInt32()
        path = try decoder.readString()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(type)
        encoder.write(state)
        encoder.write(path)
    }
}

/// The result of a multi's failed operation, and of addWatch.
public struct ErrorResponse: JuteRecord, Hashable {
    public var err: ErrorCode

    public init(err: ErrorCode) {
        self.err = err
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        err = ErrorCode(try decoder.readInt32())
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(err.rawValue)
    }
}
