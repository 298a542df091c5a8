// What the election port is given at the start, and its bounds.

package import Jute
package import Libevent

/// Addresses and times of the election port, already read and checked.
package struct ElectionPlan: Sendable {
    package var myID: ServerID
    /// Told to peers in greetings; its port is listened on (0: the kernel chooses, and that one is told).
    package var ownAddress: ElectionAddress
    /// Nil listens on every address (`quorumListenOnAllIPs`).
    package var listenHost: String?
    /// Every other configured server, observers included. Servers not listed may dial all the same.
    package var peers: [ServerID: [ElectionAddress]]
    package var resolver: Resolver
    /// `zookeeper.cnxTimeout`, for each address of a peer.
    package var connectTimeoutMs: Int64 = 5000
    /// How long an accepted connection may take to introduce itself (tickTime x syncLimit or quorumCnxnTimeoutMs).
    package var handshakeTimeoutMs: Int64 = 15_000
    /// `electionPortBindRetry`; 0 tries for ever.
    package var bindAttempts = 3
    package var bindPauseMs: Int64 = 1000
    package var isKeepAlive = false
    package var limits = ElectionLimits()

    package init(
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
package struct ElectionLimits: Sendable {
    /// Accepted connections that have not introduced themselves. Beyond: the oldest is closed.
    package var maximumHandshakes = 256
    /// Servers that no configuration lists but that introduced themselves. Beyond: one without a channel is
    /// forgotten, or the newcomer is refused if all have one.
    package var maximumStrangers = 4096
    /// The wait between two dials of one server that did not lead to a channel, in ms: doubled from the first to the
    /// last.
    package var minimumDialPauseMs: Int64 = 50
    package var maximumDialPauseMs: Int64 = 3200

    package init() {}
}
