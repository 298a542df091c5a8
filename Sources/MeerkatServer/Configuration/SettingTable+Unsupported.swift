// Keys of ZooKeeper 3.9 that this server knows but does not honour, each with the reason. Those that only tune are
// warned about; those whose absence would leave a server less safe than its operator believes refuse the start.

extension SettingTable {
    static let unsupported: [Setting] = refused + warned

    private static func refuse(
        _ name: String, _ value: String = "false", _ property: Setting.Property = .prefixed, _ reason: String
    ) -> Setting {
        Setting(name, .unread(value), property, scope: .local, status: .refused(reason), reason)
    }

    private static func warn(
        _ name: String, _ value: String, _ property: Setting.Property = .prefixed, _ reason: String
    ) -> Setting {
        Setting(name, .unread(value), property, scope: .local, status: .warned(reason), reason)
    }

    private static let noTLS = "TLS is not offered; going on would send in clear what was to be encrypted"
    private static let noSASL = "SASL is not offered; going on would let in what was to be authenticated"

    private static let refused: [Setting] = [
        refuse("secureClientPort", "", .none, noTLS),
        refuse("secureClientPortAddress", "", .none, noTLS),
        refuse("sslQuorum", "false", .none, noTLS),
        refuse("portUnification", "false", .none, noTLS),
        refuse("client.portUnification", noTLS),
        refuse("admin.forceHttps", noTLS),
        refuse("admin.needClientAuth", noTLS),
        refuse("quorum.auth.enableSasl", "false", .none, noSASL),
        refuse("quorum.auth.learnerRequireSasl", "false", .none, noSASL),
        refuse("quorum.auth.serverRequireSasl", "false", .none, noSASL),
        refuse("sessionRequireClientSASLAuth", noSASL),
        refuse(
            "enforce.auth.enabled", "false", .prefixed,
            "sessions without authentication would be served although they were to be refused"),
        refuse(
            "authProvider.*", "", .prefixed,
            "providers cannot be loaded; world, ip, auth, digest and super are built in"),
        refuse(
            "DigestAuthenticationProvider.digestAlg", "SHA1", .prefixed,
            "digests are SHA1 here; stored identities made with another algorithm would not match"),
        refuse("letAnySaslUserDoX", "", .prefixed, noSASL),
        refuse("audit.enable", "false", .prefixed, "no audit log is written"),
        refuse(
            "reconfigEnabled", "false", .none,
            "membership does not change at run time here; a server that missed a change would count a wrong quorum"),
        refuse("electionAlg", "3", .none, "only fast leader election (3) exists"),
        refuse("emulate353TTLNodes", "false", .prefixed, "the owner encoding of 3.5.3 is not read"),
    ]

    /// Keys that are checked like any other and not acted on.
    static let inert: [String: String] = [
        "leader.maxConcurrentSnapSyncs": "any number of learners may synchronise at once",
        "leader.maxConcurrentDiffSyncs": "any number of learners may synchronise at once",
        "leader.maxTimeToWaitForEpoch": "a leader waits for initLimit",
        "observer.reconnectDelayMs": "an observer connects at once",
        "observer.election.DelayMs": "an observer looks for a leader at once",
        "flushDelay": "the log is flushed as soon as the disk is free",
        "maxWriteQueuePollTime": "the log is flushed as soon as the disk is free",
        "maxBatchSize": "a flush takes everything that waits",
        "syncEnabled": "an observer always keeps a log and snapshots",
        "admin.enableServer": noAdmin, "admin.serverAddress": noAdmin, "admin.serverPort": noAdmin,
        "admin.idleTimeout": noAdmin, "admin.commandURL": noAdmin,
    ]

    private static let noAdmin = "there is no HTTP admin port; four-letter words answer instead"
    private static let threads = "tunes threads this server does not have"
    private static let throttle = "requests are not throttled this way"
    private static let sasl = "belongs to SASL, which is not offered"
    private static let tls = "belongs to TLS, which is not offered"
    private static let java = "belongs to the Java runtime"
    private static let cache = "tunes a cache or table this server does not have"

    private static let warned: [Setting] = [
        warn("readonlymode.enabled", "false", .bare, "without a quorum no client is served"),
        warn("observerMasterPort", "0", .none, "observers follow the leader here, never another learner"),
        warn("observerMaster.sizeLimit", "33554432", "observers follow the leader here, never another learner"),
        warn("oraclePath", "", .none, "two voters need each other; the majority rule holds"),
        warn("enableEagerACLCheck", "false", "access is checked by the leader alone"),
        warn("closeSessionTxn.enabled", "true", "closing a session always records what it deletes"),
        warn("forceSnapshotSync", "false", "meant for tests of ZooKeeper itself"),
        warn("multiAddress.reachabilityCheck*", "", "addresses are not probed"),
        warn("serverCnxnFactory", "org.apache.zookeeper.server.NIOServerCnxnFactory", "there is one client port"),
        warn("snapshotSizeFactor", "0.33", "whether missed transactions are sent from disk is decided differently"),
        warn("leader.ackLoggingFrequency", "1000", "acknowledgements are not sampled"),
        warn("follower.nodelay", "true", .bare, "peers always send at once"),
        warn("leader.nodelay", "true", .bare, "peers always send at once"),
        warn("learner.asyncSending", "false", "learners never block on sending"),
        warn("learner.closeSocketAsync", "false", "closing never blocks"),
        warn("leader.closeSocketAsync", "false", "closing never blocks"),
        warn("follower.skipLearnerRequestToNextProcessor", "false", threads),
        warn("forward_learner_requests_to_commit_processor_disabled", "false", threads),
        warn("messageTracker.*", "", "messages between servers are not recorded"),
        warn("quorum.cnxn.threads.size", "20", .none, threads),
        warn("nio.*", "", threads),
        warn("commitProcessor.*", "", threads),
        warn("netty.*", "", threads),
        warn("largeRequest*", "", throttle),
        warn("request_throttle*", "", throttle),
        warn("request_stale_*", "", throttle),
        warn("throttled_op_wait_time", "0", throttle),
        warn("connection_throttle_*", "", "connections are not throttled by tokens; maxCnxns bounds them"),
        warn("maxResponseCacheSize", "400", cache),
        warn("maxGetChildrenResponseCacheSize", "400", cache),
        warn("intBufferStartingSizeBytes", "1024", cache),
        warn("watchManagerName", "org.apache.zookeeper.server.watch.WatchManager", cache),
        warn("watcherClean*", "", cache),
        warn("maxInProcessingDeadWatchers", "-1", cache),
        warn("bitHashCacheSize", "10", cache),
        warn("pathStats.*", "", "requests are not counted per path"),
        warn("jvm.*", "", .none, java),
        warn("fips-mode", "true", java),
        warn("IPAuthenticationProvider.usexforwardedfor", "false", "the socket's address counts"),
        warn("X509AuthenticationProvider.*", "", tls),
        warn("client.certReload", "false", tls),
        warn("sslQuorumReloadCertFiles", "false", .none, tls),
        warn("ssl.*", "", tls),
        warn("superUser*", "", sasl),
        warn("ensembleAuthName", "", "the ensemble scheme is not offered"),
        warn("enforce.auth.schemes", "", "has a meaning only beside enforce.auth.enabled"),
        warn("allowSaslFailedClients", "false", sasl),
        warn("SASLAuthenticationProvider.*", "", sasl),
        warn("sasl.serverconfig", "Server", sasl),
        warn("kerberos.*", "", sasl),
        warn("security.auth_to_local", "DEFAULT", sasl),
        warn("quorum.auth.learner.saslLoginContext", "QuorumLearner", .none, sasl),
        warn("quorum.auth.server.saslLoginContext", "QuorumServer", .none, sasl),
        warn("quorum.auth.kerberos.servicePrincipal", "zkquorum/localhost", .none, sasl),
        warn("audit.impl.class", "", "no audit log is written"),
        warn("admin.portUnification", "false", tls),
        warn("admin.httpVersion", "11", "the admin port speaks HTTP/1.1"),
        warn("admin.rateLimiterIntervalInMS", "300000", "the snapshot and restore commands are not offered"),
        warn("admin.snapshot.enabled", "true", "the snapshot command is not offered"),
        warn("admin.restore.enabled", "true", "the restore command is not offered"),
        warn("metricsProvider.*", "", .none, "metrics are offered by mntr and the admin port"),
    ]

    private static func refuse(_ name: String, _ reason: String) -> Setting { refuse(name, "false", .prefixed, reason) }

    private static func warn(_ name: String, _ value: String, _ reason: String) -> Setting {
        warn(name, value, .prefixed, reason)
    }
}
