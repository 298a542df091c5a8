// Election messages. They are not in zookeeper.jute: upstream writes them by hand (QuorumCnxManager,
// FastLeaderElection), so they are bytes here and meaning in Zab.

/// A server's state as it travels in notifications (ZooKeeper, `QuorumPeer.ServerState`).
public enum PeerState: Int32, Sendable {
    case looking = 0
    case following = 1
    case leading = 2
    case observing = 3
}

/// One vote on its way. Sent in the newest form; all forms that were ever sent are read.
public struct Notification: Hashable, Sendable {
    public var state: PeerState
    public var leader: ServerID
    public var zxid: Zxid
    /// The sender's round (logical clock).
    public var electionEpoch: Int64
    /// The proposed leader's current epoch.
    public var peerEpoch: Epoch
    /// 0 for the forms of 28 and 40 bytes.
    public var version: Int32
    /// The sender's committed configuration as text; empty if none was sent.
    public var config: [UInt8]

    public static let currentVersion: Int32 = 2
    /// The longest message read, as upstream (`QuorumCnxManager.PACKETMAXSIZE`).
    public static let maximumSize = 524_288

    public init(
        state: PeerState, leader: ServerID, zxid: Zxid, electionEpoch: Int64, peerEpoch: Epoch,
        version: Int32 = Self.currentVersion, config: [UInt8]
    ) {
        self.state = state
        self.leader = leader
        self.zxid = zxid
        self.electionEpoch = electionEpoch
        self.peerEpoch = peerEpoch
        self.version = version
        self.config = config
    }

    /// Decodes one message (without its length prefix).
    public init(decoding bytes: [UInt8]) throws(JuteError) {
        if bytes.count < 28 { throw .truncated }
        var decoder = JuteDecoder(bytes.span)
        let stateValue = try decoder.readInt32()
        guard let state = PeerState(rawValue: stateValue) else { throw .unknownValue(stateValue) }
        self.state = state
        leader = ServerID(try decoder.readInt64())
        zxid = Zxid(try decoder.readInt64())
        electionEpoch = try decoder.readInt64()
        peerEpoch = zxid.epoch
        version = 0
        config = []
        if bytes.count == 28 { return }
        peerEpoch = Epoch(try decoder.readInt64())
        // The last integer of the 40-byte form was never given a meaning.
        if bytes.count == 40 { return }
        version = try decoder.readInt32()
        if version < 2 { return }
        let length = try decoder.readInt32()
        if length < 0 || Int(length) > decoder.remaining { throw .lengthOutOfBounds(length) }
        config = Array(decoder.readRest().prefix(Int(length)))
    }

    /// The message, without its length prefix.
    public func encoded() -> [UInt8] {
        var encoder = JuteEncoder(capacity: 48 + config.count)
        encoder.write(state.rawValue)
        encoder.write(leader.rawValue)
        encoder.write(zxid.rawValue)
        encoder.write(electionEpoch)
        encoder.write(peerEpoch.rawValue)
        encoder.write(version)
        if version >= 2 {
            encoder.write(Int32(config.count))
            encoder.writeRaw(config)
        }
        return encoder.bytes
    }
}
