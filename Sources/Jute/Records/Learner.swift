// What a learner says of itself, and the numbers of the quorum packets.

/// The types of `QuorumPacket` (ZooKeeper, `Leader`).
public enum PacketType: Int32, Sendable, CaseIterable {
    /// Learner to leader: a client's write, createSession, closeSession or sync.
    case request = 1
    /// Leader to participant: a transaction to log.
    case proposal = 2
    /// Participant to leader: logged durably; also of NEWLEADER and UPTODATE.
    case ack = 3
    /// Leader to participant: apply.
    case commit = 4
    case ping = 5
    /// Is this session alive, and may it move to me?
    case revalidate = 6
    /// Leader to learner: your oldest sync is done.
    case sync = 7
    /// Leader to observer: proposal and commit in one.
    case inform = 8
    case commitAndActivate = 9
    case newLeader = 10
    case followerInfo = 11
    case upToDate = 12
    case diff = 13
    case trunc = 14
    case snap = 15
    case observerInfo = 16
    case leaderInfo = 17
    case ackEpoch = 18
    case informAndActivate = 19
}

/// A learner's introduction, in the data of FOLLOWERINFO and OBSERVERINFO. Older learners send fewer fields.
public struct LearnerInfo: JuteRecord, Hashable {
    public var serverid: ServerID
    public var protocolVersion: Int32
    public var configVersion: Int64

    /// The protocol this implementation speaks, and the least that a leader answers with LEADERINFO.
    public static let currentVersion: Int32 = 0x10000

    public init(serverid: ServerID, protocolVersion: Int32 = Self.currentVersion, configVersion: Int64) {
        self.serverid = serverid
        self.protocolVersion = protocolVersion
        self.configVersion = configVersion
    }

    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        serverid = ServerID(try decoder.readInt64())
        protocolVersion = decoder.remaining >= 4 ? try decoder.readInt32() : 0
        configVersion = decoder.remaining >= 8 ? try decoder.readInt64() : 0
    }

    public func encode(into encoder: inout JuteEncoder) {
        encoder.write(serverid.rawValue)
        encoder.write(protocolVersion)
        encoder.write(configVersion)
    }
}

extension QuorumPacket {
    public init(_ type: PacketType, zxid: Zxid, data: [UInt8]? = nil, authinfo: [Id]? = nil) {
        self.init(type: type.rawValue, zxid: zxid, data: data, authinfo: authinfo)
    }
}
