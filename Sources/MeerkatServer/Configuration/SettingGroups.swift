// The local settings of one server, by the part of the server that uses them. Every property's initial value is the
// setting's default: the table of settings reads names, bounds and meanings beside these, and nothing else states one.

/// What governs the ports clients connect to.
package struct ClientPortSettings: Equatable, Sendable {
    /// nil: the client part of the own server line decides.
    package var port: Int?
    package var address: String?
    /// Connections from one source address; 0 = unlimited.
    package var maxClientConnections = 60
    /// Connections altogether; 0 = unlimited.
    package var maxConnections = 0
    /// −1 = the system's default of ``effectiveBacklog``.
    package var listenBacklog = -1
    /// −1 = twice the tick.
    package var minSessionTimeoutMs = -1
    /// −1 = twenty times the tick.
    package var maxSessionTimeoutMs = -1
    /// `jute.maxbuffer`: largest frame a client may send.
    package var maxFrameBytes = 0xFFFFF
    /// Allowance beyond `maxFrameBytes` for records that servers exchange and store; nil = the same again.
    package var extraFrameBytes: Int?
    package var globalOutstandingLimit = 1000
    /// How long a connection may take to name its session.
    package var sessionlessTimeoutMs = 10_000
    package var tcpKeepAlive = false
    /// Words allowed besides `srvr`; `*` = all.
    package var fourLetterWords = "srvr"
    /// Event loops that serve clients; nil = one per core at an observer, one otherwise.
    package var workers: Int?

    package var effectiveBacklog: Int { listenBacklog < 0 ? 50 : listenBacklog }
}

/// What governs election, recovery and broadcast.
package struct QuorumSettings: Equatable, Sendable {
    package var tickTimeMs = 3000
    /// Ticks; nil only in a standalone server.
    package var initLimit: Int?
    package var syncLimit: Int?
    /// Ticks; 0 = `initLimit`.
    package var connectToLearnerMasterLimit = 0
    package var role = MemberRole.participant
    package var standaloneEnabled = true
    package var multiAddressEnabled = false
    package var listenOnAllAddresses = false
    package var leaderServesClients = true
    package var localSessions = false
    package var upgradesLocalSessions = false
    package var connectTimeoutMs = 5000
    /// −1 = syncLimit ticks.
    package var electionHandshakeTimeoutMs = -1
    /// 0 = try for ever.
    package var electionPortBindRetries = 3
    package var tcpKeepAlive = false
    package var minNotificationIntervalMs = 200
    package var maxNotificationIntervalMs = 60_000
    /// −1 = no bound of its own.
    package var maxTimeToWaitForEpochMs = -1
    package var maxConcurrentSnapshotSyncs = 10
    package var maxConcurrentDiffSyncs = 100
    package var leaderConnectRetryDelayMs = 100
    package var observerReconnectDelayMs = 0
    package var observerElectionDelayMs = 200
    /// Committed transactions kept in memory for learners that are a little behind.
    package var commitLogCount = 500
}

/// What governs the transaction log and the snapshots.
package struct StorageSettings: Equatable, Sendable {
    package var dataDirectory = ""
    /// nil: the data directory.
    package var logDirectory: String?
    /// Transactions between snapshots; the trigger is random between half of it and all of it.
    package var snapshotCount = 100_000
    /// Kibibytes of log between snapshots; 0 or less = no such bound.
    package var snapshotSizeLimitKiB = 4_194_304
    /// Kibibytes after which a log file is closed; 0 or less = no such bound.
    package var logSizeLimitKiB = -1
    package var preallocateKiB = 65_536
    package var snapshotRetainCount = 3
    /// 0 = never purge.
    package var purgeIntervalHours = 0
    package var forceSync = true
    package var fsyncWarningThresholdMs = 1000
    package var flushDelayMs = 0
    /// nil: a third of the flush delay.
    package var maxWriteQueuePollTimeMs: Int?
    package var maxBatchSize = 1000
    /// Empty, `gz` or `snappy`.
    package var snapshotCompression = ""
    package var trustEmptySnapshot = false
    package var writeLastProcessedZxid = true
    package var databaseAutocreate = true
    package var directoryAutocreate = true
    /// Whether an observer keeps a log and snapshots of its own.
    package var observerSyncs = true

    package var effectiveLogDirectory: String { logDirectory ?? dataDirectory }
}

/// What governs the tree and who may do what with it.
package struct TreeSettings: Equatable, Sendable {
    package var skipACL = false
    package var enforceQuota = false
    package var extendedTypes = false
    package var digest = true
    package var digestAuthentication = true
    /// `name:base64(sha1(name:password))` of the super user; nil = there is none.
    package var superDigest: String?
    package var containerCheckIntervalMs = 60_000
    package var containerMaxPerMinute = 10_000
    /// 0 = a container that never had a child stays.
    package var containerMaxNeverUsedMs = 0
}

/// What governs the HTTP admin port.
package struct AdminSettings: Equatable, Sendable {
    package var enabled = true
    package var address = "0.0.0.0"
    package var port = 8080
    package var idleTimeoutMs = 30_000
    package var commandPath = "/commands"
}
