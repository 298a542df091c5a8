// Every key of zoo.cfg this server knows, in one table: it drives the parser, the warnings and refusals, and the table
// in the documentation. Names, defaults and meanings are those of ZooKeeper 3.9 unless a row says otherwise.

/// The settings this server honours. Keys it knows but does not honour stand in `SettingTable+Unsupported.swift`.
public enum SettingTable {
    /// Every known key, honoured ones first.
    public static let all: [Setting] =
        (basic + quorum + storage + tree + admin).map { setting in
            inert[setting.name].map { setting.withoutEffect($0) } ?? setting
        } + unsupported

    static let basic: [Setting] = [
        Setting(
            "tickTime", .int(\.quorum.tickTimeMs, milliseconds), scope: .ensemble,
            "Milliseconds; the unit of initLimit, syncLimit, session bounds and expiry."),
        Setting("dataDir", .text(\.storage.dataDirectory), "Directory of snapshots and myid. Required."),
        Setting(
            "dataLogDir", .optionalText(\.storage.logDirectory, unset: "dataDir"),
            "Directory of the transaction log; a disk of its own makes writes faster."),
        Setting(
            "clientPort", .optionalInt(\.clientPort.port, 0...65_535, unset: "from the server line"),
            "TCP port for clients."),
        Setting(
            "clientPortAddress", .optionalText(\.clientPort.address, unset: "every address"),
            "Address the client port listens on."),
        Setting(
            "maxClientCnxns", .int(\.clientPort.maxClientConnections, count),
            "Connections from one source address; 0 = unlimited. More are closed at once."),
        Setting(
            "maxCnxns", .int(\.clientPort.maxConnections, count), .prefixed,
            "Connections altogether; 0 = unlimited. More are closed at once."),
        Setting(
            "minSessionTimeout", .int(\.clientPort.minSessionTimeoutMs, optionalMilliseconds), scope: .ensemble,
            "Shortest session timeout granted, in milliseconds; -1 = 2 ticks."),
        Setting(
            "maxSessionTimeout", .int(\.clientPort.maxSessionTimeoutMs, optionalMilliseconds), scope: .ensemble,
            "Longest session timeout granted, in milliseconds; -1 = 20 ticks."),
        Setting(
            "clientPortListenBacklog", .int(\.clientPort.listenBacklog, -1...65_535),
            "Connections the system may queue before they are accepted; -1 = 1024."),
        Setting(
            "clientWorkers",
            .optionalInt(\.clientPort.workers, 1...1024, unset: "1 per core at an observer, else 1"),
            "Event loops that serve clients. Meerkat's own."),
        Setting(
            "globalOutstandingLimit", .int(\.clientPort.globalOutstandingLimit, 1...Int.max), .prefixed,
            "Requests in flight in the whole server before it pauses reading from clients that have any."),
        Setting(
            "jute.maxbuffer", .int(\.clientPort.maxFrameBytes, 1...Int(Int32.max)), .bare, scope: .ensemble,
            "Largest request in bytes; a longer one closes its connection. In the file, too, unlike ZooKeeper."),
        Setting(
            "jute.maxbuffer.extrasize",
            .optionalInt(\.clientPort.extraFrameBytes, 1024...Int(Int32.max), unset: "jute.maxbuffer"), .prefixed,
            "Bytes beyond jute.maxbuffer allowed in records between servers and on disk."),
        Setting(
            "nio.sessionlessCnxnTimeout", .int(\.clientPort.sessionlessTimeoutMs, milliseconds), .prefixed,
            "Milliseconds a connection may take to open or resume its session."),
        Setting("clientTcpKeepAlive", .flag(\.clientPort.tcpKeepAlive), .prefixed, "TCP keep-alive for clients."),
        Setting(
            "4lw.commands.whitelist", .text(\.clientPort.fourLetterWords), .prefixed,
            "Four-letter words that are answered, comma separated; * = all; srvr always is."),
    ]

    static let quorum: [Setting] = [
        Setting(
            "server.*", .unread(""), scope: .ensemble,
            "server.N=host:quorumPort:electionPort[:role][;[clientHost:]clientPort], one line per member."),
        Setting("group.*", .unread(""), scope: .ensemble, "group.N=id:id:…, for hierarchical quorums."),
        Setting("weight.*", .unread(""), scope: .ensemble, "weight.N=n, the weight of server N in its group."),
        Setting(
            "dynamicConfigFile", .optionalText(\.dynamicFile, unset: "none"),
            "File of server, group and weight lines; the end of its name is their version."),
        Setting(
            "initLimit", .optionalInt(\.quorum.initLimit, 1...1_000_000, unset: "required"), scope: .ensemble,
            "Ticks a learner may take to connect and catch up. Required in an ensemble."),
        Setting(
            "syncLimit", .optionalInt(\.quorum.syncLimit, 1...1_000_000, unset: "required"), scope: .ensemble,
            "Ticks of silence between leader and learner before they part. Required in an ensemble."),
        Setting(
            "connectToLearnerMasterLimit", .int(\.quorum.connectToLearnerMasterLimit, count),
            "Ticks a learner may take to connect to the leader; 0 = initLimit."),
        Setting(
            "peerType", .role(\.quorum.role),
            "participant or observer. The server line decides; a different value here only warns."),
        Setting(
            "standaloneEnabled", .flag(\.quorum.standaloneEnabled), scope: .ensemble,
            "Whether an ensemble of one voter runs without the quorum protocols."),
        Setting(
            "multiAddress.enabled", .flag(\.quorum.multiAddressEnabled), .prefixed, scope: .ensemble,
            "Allows several addresses, joined by |, in a server line."),
        Setting(
            "quorumListenOnAllIPs", .flag(\.quorum.listenOnAllAddresses),
            "Listen for peers on every address instead of the one in the server line."),
        Setting(
            "localSessionsEnabled", .flag(\.quorum.localSessions), scope: .ensemble,
            "New sessions are known to their server alone: no transaction, no ephemerals. Not when standalone."),
        Setting(
            "localSessionsUpgradingEnabled", .flag(\.quorum.upgradesLocalSessions), scope: .ensemble,
            "A local session that creates an ephemeral becomes global first; otherwise the create fails (-120)."),
        Setting("leaderServes", .yesNo(\.quorum.leaderServesClients), .prefixed, "Whether a leader serves clients."),
        Setting(
            "cnxTimeout", .int(\.quorum.connectTimeoutMs, milliseconds), .prefixed,
            "Milliseconds to connect to a peer's election port."),
        Setting(
            "quorumCnxnTimeoutMs", .int(\.quorum.electionHandshakeTimeoutMs, optionalMilliseconds), .prefixed,
            "Milliseconds for the election handshake; -1 = syncLimit ticks."),
        Setting(
            "electionPortBindRetry", .int(\.quorum.electionPortBindRetries, count), .prefixed,
            "Attempts, a second apart, to bind the election port; 0 = for ever. Failure ends the process."),
        Setting("tcpKeepAlive", .flag(\.quorum.tcpKeepAlive), .prefixed, "TCP keep-alive between servers."),
        Setting(
            "fastleader.minNotificationInterval", .int(\.quorum.minNotificationIntervalMs, milliseconds),
            .prefixed, "First pause, in milliseconds, before an unanswered vote is sent again."),
        Setting(
            "fastleader.maxNotificationInterval", .int(\.quorum.maxNotificationIntervalMs, milliseconds),
            .prefixed, "Longest such pause; it doubles from the first. An observer waits 2000 at most."),
        Setting(
            "leader.maxTimeToWaitForEpoch", .int(\.quorum.maxTimeToWaitForEpochMs, optionalMilliseconds),
            .prefixed, "Milliseconds a new leader waits for a quorum to agree on its epoch; -1 = initLimit alone."),
        Setting(
            "leader.maxConcurrentSnapSyncs", .int(\.quorum.maxConcurrentSnapshotSyncs, count), .prefixed,
            "Learners receiving a snapshot at a time; observers beyond it are sent away, followers never."),
        Setting(
            "leader.maxConcurrentDiffSyncs", .int(\.quorum.maxConcurrentDiffSyncs, count), .prefixed,
            "Learners receiving missed transactions at a time; as above."),
        Setting(
            "leaderConnectDelayDuringRetryMs", .int(\.quorum.leaderConnectRetryDelayMs, count), .prefixed,
            "Milliseconds between a learner's attempts to connect to the leader."),
        Setting(
            "observer.reconnectDelayMs", .int(\.quorum.observerReconnectDelayMs, count), .prefixed,
            "An observer waits a random time up to this before it connects to the leader."),
        Setting(
            "observer.election.DelayMs", .int(\.quorum.observerElectionDelayMs, count), .prefixed,
            "An observer waits a random time up to this before it looks for a new leader."),
        Setting(
            "commitLogCount", .raisedInt(\.quorum.commitLogCount, minimum: 500), .prefixed,
            "Committed transactions kept in memory for learners that are a little behind."),
    ]

    static let storage: [Setting] = [
        Setting(
            "snapCount", .raisedInt(\.storage.snapshotCount, minimum: 2), .prefixed,
            "Transactions between snapshots; the trigger is random between half of it and all of it."),
        Setting(
            "snapSizeLimitInKb", .int(\.storage.snapshotSizeLimitKiB, anyInt), .prefixed,
            "Kibibytes of log between snapshots, with the same randomness; 0 or less = off."),
        Setting(
            "txnLogSizeLimitInKb", .int(\.storage.logSizeLimitKiB, anyInt), .prefixed,
            "Kibibytes after which a new log file is begun; 0 or less = off."),
        Setting(
            "preAllocSize", .int(\.storage.preallocateKiB, 1...1 << 30), .prefixed,
            "Kibibytes by which a log file grows ahead of what is written."),
        Setting(
            "autopurge.snapRetainCount", .raisedInt(\.storage.snapshotRetainCount, minimum: 3),
            "Snapshots, with the logs they need, that a purge keeps."),
        Setting(
            "autopurge.purgeInterval", .int(\.storage.purgeIntervalHours, count),
            "Hours between purges; 0 = off."),
        Setting(
            "forceSync", .yesNo(\.storage.forceSync), .prefixed,
            "Whether a transaction is on the disk before it is acknowledged. no risks acknowledged writes."),
        Setting(
            "fsync.warningthresholdms", .int(\.storage.fsyncWarningThresholdMs, count), .prefixedOrBare,
            "A log flush longer than this many milliseconds is reported."),
        Setting(
            "flushDelay", .int(\.storage.flushDelayMs, count), .prefixed,
            "Milliseconds a log flush may wait for more transactions to share it."),
        Setting(
            "maxWriteQueuePollTime",
            .optionalInt(\.storage.maxWriteQueuePollTimeMs, count, unset: "flushDelay / 3"), .prefixed,
            "Milliseconds without a new transaction after which the flush waits no longer."),
        Setting(
            "maxBatchSize", .int(\.storage.maxBatchSize, 1...1_000_000), .prefixed,
            "Transactions that share one log flush at most."),
        Setting(
            "snapshot.compression.method", .choice(\.storage.snapshotCompression, ["", "gz", "snappy"]), .prefixed,
            "Compression of snapshots written; each kind is read whatever is set."),
        Setting(
            "snapshot.trust.empty", .flag(\.storage.trustEmptySnapshot), .prefixed,
            "Start from a log without any snapshot. Only for the upgrade of a very old server."),
        Setting(
            "serializeLastProcessedZxid.enabled", .flag(\.storage.writeLastProcessedZxid), .prefixed,
            "Write the last zxid at the end of a snapshot, as 3.9 does."),
        Setting(
            "db.autocreate", .flag(\.storage.databaseAutocreate), .prefixed,
            "Whether an empty data directory counts as an empty database. false: only beside an initialize file."),
        Setting(
            "datadir.autocreate", .flag(\.storage.directoryAutocreate), .prefixed,
            "Whether missing data directories are created."),
        Setting(
            "syncEnabled", .flag(\.storage.observerSyncs), .named("zookeeper.observer.syncEnabled"),
            "Whether an observer keeps a log and snapshots of its own."),
    ]

    static let tree: [Setting] = [
        Setting(
            "skipACL", .yesNo(\.tree.skipACL), .prefixed, scope: .ensemble,
            "Whether access control lists are ignored."),
        Setting(
            "enforceQuota", .flag(\.tree.enforceQuota), .prefixed, scope: .ensemble,
            "Whether writes beyond a hard quota are refused."),
        Setting(
            "extendedTypesEnabled", .flag(\.tree.extendedTypes), .prefixed, scope: .ensemble,
            "Whether znodes with a time to live may be created. Server ids end at 254 then."),
        Setting(
            "digest.enabled", .flag(\.tree.digest), .prefixed, scope: .ensemble,
            "Whether a digest of the tree is kept, stored and compared."),
        Setting(
            "DigestAuthenticationProvider.enabled", .flag(\.tree.digestAuthentication), .prefixed,
            scope: .ensemble, "Whether the digest scheme is offered."),
        Setting(
            "DigestAuthenticationProvider.superDigest", .optionalText(\.tree.superDigest, unset: "none"),
            .prefixed, scope: .ensemble, "name:base64(sha1(name:password)) of the user who may do everything."),
        Setting(
            "znode.container.checkIntervalMs", .int(\.tree.containerCheckIntervalMs, milliseconds), .bare,
            "Milliseconds between searches for empty containers and outlived znodes."),
        Setting(
            "znode.container.maxPerMinute", .int(\.tree.containerMaxPerMinute, 1...1_000_000), .bare,
            "Such znodes deleted per minute at most."),
        Setting(
            "znode.container.maxNeverUsedIntervalMs", .int(\.tree.containerMaxNeverUsedMs, count), .bare,
            "Milliseconds after which a container that never had a child is deleted; 0 = never."),
    ]

    static let admin: [Setting] = [
        Setting("admin.enableServer", .flag(\.admin.enabled), .prefixed, "Whether the HTTP admin port is opened."),
        Setting("admin.serverAddress", .text(\.admin.address), .prefixed, "Address the admin port listens on."),
        Setting("admin.serverPort", .int(\.admin.port, 0...65_535), .prefixed, "HTTP admin port."),
        Setting(
            "admin.idleTimeout", .int(\.admin.idleTimeoutMs, milliseconds), .prefixed,
            "Milliseconds after which an idle admin connection is closed."),
        Setting("admin.commandURL", .text(\.admin.commandPath), .prefixed, "Path under which commands are offered."),
    ]

    private static let count = 0...Int(Int32.max)
    private static let anyInt = Int.min...Int.max
    private static let milliseconds = 1...Int(Int32.max)
    private static let optionalMilliseconds = -1...Int(Int32.max)
}
