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
        type = try decoder.readInt32()
        zxid = Zxid(try decoder.readInt64())
        data = try decoder.readBuffer()
        authinfo = try decoder.readVector(minimumSize: 8) { element throws(JuteError) in try element.read(Id.self) }
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(type)
        encoder.write(zxid.rawValue)
        encoder.write(data)
        encoder.writeVector(authinfo) { $0.write($1) }
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
