// The local settings of one server, by the part of the server that uses them. Every property's initial value is the
// setting's default: the table of settings reads names, bounds and meanings beside these, and nothing else states one.

/// What governs the ports clients connect to.
public struct ClientPortSettings: Equatable, Sendable {
    /// nil: the client part of the own server line decides.
    public var port: Int?
    public var address: String?
    /// Connections from one source address; 0 = unlimited.
    public var maxClientConnections = 60
    /// Connections altogether; 0 = unlimited.
    public var maxConnections = 0
    /// −1 = the system's default of ``effectiveBacklog``.
    public var listenBacklog = -1
    /// −1 = twice the tick.
    public var minSessionTimeoutMs = -1
    /// −1 = twenty times the tick.
    public var maxSessionTimeoutMs = -1
    /// `jute.maxbuffer`: largest frame a client may send.
    public var maxFrameBytes = 0xFFFFF
    /// Allowance beyond `maxFrameBytes` for records that servers exchange and store; nil = the same again.
    public var extraFrameBytes: Int?
    public var globalOutstandingLimit = 1000
    /// How long a connection may take to name its session.
    public var sessionlessTimeoutMs = 10_000
    public var tcpKeepAlive = false
    /// Words allowed besides `srvr`; `*` = all.
    public var fourLetterWords = "srvr"
    /// Event loops that serve clients; nil = one per core at an observer, one otherwise.
    public var workers: Int?

    public var effectiveBacklog: Int { listenBacklog < 0 ? 50 : listenBacklog }
}

/// What governs election, recovery and broadcast.
public struct QuorumSettings: Equatable, Sendable {
    public var tickTimeMs = 3000
    /// Ticks; nil only in a standalone server.
    public var initLimit: Int?
    public var syncLimit: Int?
    /// Ticks; 0 = `initLimit`.
    public var connectToLearnerMasterLimit = 0
    public var role = MemberRole.participant
    public var standaloneEnabled = true
    public var multiAddressEnabled = false
    public var listenOnAllAddresses = false
    public var leaderServesClients = true
    public var localSessions = false
    public var upgradesLocalSessions = false
    public var connectTimeoutMs = 5000
    /// −1 = syncLimit ticks.
    public var electionHandshakeTimeoutMs = -1
    /// 0 = try for ever.
    public var electionPortBindRetries = 3
    public var tcpKeepAlive = false
    public var minNotificationIntervalMs = 200
    public var maxNotificationIntervalMs = 60_000
    /// −1 = no bound of its own.
    public var maxTimeToWaitForEpochMs = -1
    public var maxConcurrentSnapshotSyncs = 10
    public var maxConcurrentDiffSyncs = 100
    public var leaderConnectRetryDelayMs = 100
    public var observerReconnectDelayMs = 0
    public var observerElectionDelayMs = 200
    /// Committed transactions kept in memory for learners that are a little behind.
    public var commitLogCount = 500
}

/// What governs the transaction log and the snapshots.
public struct StorageSettings: Equatable, Sendable {
    public var dataDirectory = ""
    /// nil: the data directory.
    public var logDirectory: String?
    /// Transactions between snapshots; the trigger is random between half of it and all of it.
    public var snapshotCount = 100_000
    /// Kibibytes of log between snapshots; 0 or less = no such bound.
    public var snapshotSizeLimitKiB = 4_194_304
    /// Kibibytes after which a log file is closed; 0 or less = no such bound.
    public var logSizeLimitKiB = -1
    public var preallocateKiB = 65_536
    public var snapshotRetainCount = 3
    /// 0 = never purge.
    public var purgeIntervalHours = 0
    public var forceSync = true
    public var fsyncWarningThresholdMs = 1000
    public var flushDelayMs = 0
    /// nil: a third of the flush delay.
    public var maxWriteQueuePollTimeMs: Int?
    public var maxBatchSize = 1000
    /// Empty, `gz` or `snappy`.
    public var snapshotCompression = ""
    public var trustEmptySnapshot = false
    public var writeLastProcessedZxid = true
    public var databaseAutocreate = true
    public var directoryAutocreate = true
    /// Whether an observer keeps a log and snapshots of its own.
    public var observerSyncs = true

    public var effectiveLogDirectory: String { logDirectory ?? dataDirectory }
}

/// What governs the tree and who may do what with it.
public struct TreeSettings: Equatable, Sendable {
    public var skipACL = false
    public var enforceQuota = false
    public var extendedTypes = false
    public var digest = true
    public var digestAuthentication = true
    /// `name:base64(sha1(name:password))` of the super user; nil = there is none.
    public var superDigest: String?
    public var containerCheckIntervalMs = 60_000
    public var containerMaxPerMinute = 10_000
    /// 0 = a container that never had a child stays.
    public var containerMaxNeverUsedMs = 0
}

/// What governs the HTTP admin port.
public struct AdminSettings: Equatable, Sendable {
    public var enabled = true
    public var address = "0.0.0.0"
    public var port = 8080
    public var idleTimeoutMs = 30_000
    public var commandPath = "/commands"
}
