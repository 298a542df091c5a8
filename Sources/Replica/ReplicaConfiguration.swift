// What a replica is told once, when it is made.

public import Jute
public import Tree
public import Zab

/// Settings that decide how a replica behaves. All times derive from `tickTimeMs`, as upstream's do.
public struct ReplicaConfiguration: Sendable {
    /// This server.
    public var id: ServerID
    /// Who votes, who observes, and the text of it.
    public var membership: Membership
    /// Milliseconds; the unit of the limits below and of session expiry.
    public var tickTimeMs: Int64
    /// Ticks within which a learner must have connected and synchronised, and a leader have found its quorums.
    public var initLimit: Int64
    /// Ticks of silence after which the other side is given up.
    public var syncLimit: Int64
    /// How many committed transactions are kept for learners that were away (`commitLogCount`).
    public var windowCount = 500
    /// Bound of the same in bytes.
    public var windowBytes = 64 << 20
    /// The longest data of one packet between servers (`jute.maxbuffer` and its extra size).
    public var maximumPacketBytes = 2 * 0xfffff
    /// Send every learner the whole tree (`forceSnapshotSync`).
    public var forceSnapshotSync = false
    /// How often the leader looks for containers and TTL nodes whose time has come, milliseconds
    /// (`znode.container.checkIntervalMs`).
    public var unusedNodesCheckMs: Int64 = 60_000
    /// How many it removes at most each time (`znode.container.maxPerMinute`).
    public var unusedNodesPerCheck = 10_000
    /// After how long a container that never had a child goes, milliseconds; 0 for never
    /// (`znode.container.maxNeverUsedIntervalMs`).
    public var neverUsedContainerMs: Int64 = 0
    /// New sessions are this server's own affair (`localSessionsEnabled`). Equal on all servers of an ensemble: a leader
    /// without it refuses what such sessions write.
    public var opensLocalSessions = false
    /// A local session that creates an ephemeral becomes global first (`localSessionsUpgradingEnabled`); otherwise it
    /// is refused.
    public var upgradesLocalSessions = false
    /// How requests become transactions.
    public var preparation: PreparerOptions
    /// Retransmission of votes and the wait for better ones.
    public var electionTiming = ElectionTiming()

    public init(
        id: ServerID, membership: Membership, tickTimeMs: Int64, initLimit: Int64, syncLimit: Int64,
        preparation: PreparerOptions
    ) {
        precondition(tickTimeMs > 0 && initLimit > 0 && syncLimit > 0)
        self.id = id
        self.membership = membership
        self.tickTimeMs = tickTimeMs
        self.initLimit = initLimit
        self.syncLimit = syncLimit
        self.preparation = preparation
    }

    /// The longest time between two `Input.ticked`.
    public static let tickResolutionMs: Int64 = 20

    public var isVoter: Bool { membership.verifier.voters.contains(id) }
    var initLimitMs: Int64 { initLimit * tickTimeMs }
    var syncLimitMs: Int64 { syncLimit * tickTimeMs }
}

/// What storage gave back at the start.
public struct RecoveredState {
    public var tree: DataTree
    public var acceptedEpoch: Epoch
    public var currentEpoch: Epoch
    /// The newest replayed transactions in order; they fill the committed window.
    public var recent: [Proposal]
    /// False when there is no database and none may be made: the server may not decide who leads, and waits for a
    /// leader's snapshot.
    public var isInitialised: Bool

    public init(
        tree: DataTree, acceptedEpoch: Epoch, currentEpoch: Epoch, recent: [Proposal], isInitialised: Bool = true
    ) {
        self.isInitialised = isInitialised
        self.tree = tree
        self.acceptedEpoch = acceptedEpoch
        self.currentEpoch = currentEpoch
        self.recent = recent
    }
}
