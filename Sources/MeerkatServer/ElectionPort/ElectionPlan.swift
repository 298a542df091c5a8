// What the election port is given at the start, and its bounds.

public import Jute
public import Libevent

/// Addresses and times of the election port, already read and checked.
public struct ElectionPlan: Sendable {
    public var myID: ServerID
    /// Told to peers in greetings; its port is listened on (0: the kernel chooses, and that one is told).
    public var ownAddress: ElectionAddress
    /// Nil listens on every address (`quorumListenOnAllIPs`).
    public var listenHost: String?
    /// Every other configured server, observers included. Servers not listed may dial all the same.
    public var peers: [ServerID: [ElectionAddress]]
    public var resolver: Resolver
    /// `zookeeper.cnxTimeout`, for each address of a peer.
    public var connectTimeoutMs: Int64 = 5000
    /// How long an accepted connection may take to introduce itself (tickTime x syncLimit or quorumCnxnTimeoutMs).
    public var handshakeTimeoutMs: Int64 = 15_000
    /// `electionPortBindRetry`; 0 tries for ever.
    public var bindAttempts = 3
    public var bindPauseMs: Int64 = 1000
    public var isKeepAlive = false
    public var limits = ElectionLimits()

    public init(
        myID: ServerID, ownAddress: ElectionAddress, listenHost: String?, peers: [ServerID: [ElectionAddress]],
        resolver: Resolver
    ) {
        self.myID = myID
        self.ownAddress = ownAddress
        self.listenHost = listenHost
        self.peers = peers
        self.resolver = resolver
    }
}

/// Every bound of the election port and what happens at it.
public struct ElectionLimits: Sendable {
    /// Accepted connections that have not introduced themselves. Beyond: the oldest is closed.
    public var maximumHandshakes = 256
    /// Servers that no configuration lists but that introduced themselves. Beyond: one without a channel is
    /// forgotten, or the newcomer is refused if all have one.
    public var maximumStrangers = 4096
    /// The wait between two dials of one server that did not lead to a channel, in ms: doubled from the first to the
    /// last.
    public var minimumDialPauseMs: Int64 = 50
    public var maximumDialPauseMs: Int64 = 3200

    public init() {}
}
