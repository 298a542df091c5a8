// Records of the `quorum` module of zookeeper.jute: what leader and learners say to each other.

/// One packet on the quorum port. `type` is a `PacketType`, or a number nobody knows.
public struct QuorumPacket: JuteRecord, Hashable {
    public var type: Int32
    public var zxid: Zxid
    public var data: [UInt8]?
    public var authinfo: [Id]?

    public init(type: Int32, zxid: Zxid, data: [UInt8]?, authinfo: [Id]?) {
        self.type = type
        self.zxid = zxid
        self.data = data
        self.authinfo = authinfo
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        var memo = AuthinfoMemo()
        try self.init(from: &decoder, memo: &memo)
    }

    /// As `init(from:)`, for one packet after the other of a connection.
    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder, memo: inout AuthinfoMemo) throws(JuteError) {
        type = try decoder.readInt32()
        zxid = Zxid(try decoder.readInt64())
        data = try decoder.readBuffer()
        authinfo = try memo.read(from: &decoder)
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(type)
        encoder.write(zxid.rawValue)
        encoder.write(data)
        encoder.writeVector(authinfo) { $0.write($1) }
    }
}

/// The identities that came last on a connection. Those of the next request mostly are the same, since a client has many
/// requests under way and many clients have one address: the same bytes are not decoded again.
public struct AuthinfoMemo {
    private var bytes: [UInt8] = []
    private var authinfo: [Id]?
    /// Longer ones are decoded each time.
    private static let maximumBytes = 1024

    public init() {}

    @_lifetime(decoder: copy decoder)
    fileprivate mutating func read(from decoder: inout JuteDecoder) throws(JuteError) -> [Id]? {
        // The bytes say themselves where they end: these in front of others mean the same.
        if !bytes.isEmpty && decoder.skip(ifNext: bytes) { return authinfo }
        let start = decoder.offset
        let read = try decoder.readVector(minimumSize: 8) { element throws(JuteError) in try element.read(Id.self) }
        if decoder.offset - start <= Self.maximumBytes {
            bytes = decoder.bytes(since: start)
            authinfo = read
        }
        return read
    }
}

/// One step of SASL between servers.
public struct QuorumAuthPacket: JuteRecord, Hashable {
    public var magic: Int64
    public var status: Int32
    public var token: [UInt8]?

    public init(magic: Int64, status: Int32, token: [UInt8]?) {
        self.magic = magic
        self.status = status
        self.token = token
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        magic = try decoder.readInt64()
        status = try decoder.readInt32()
        token = try decoder.readBuffer()
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(magic)
        encoder.write(status)
        encoder.write(token)
    }
}
