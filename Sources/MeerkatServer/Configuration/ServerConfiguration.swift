// Everything one server is told before it starts, parsed once and passed down. Separate from how it is read, which is
// in `ConfigurationLoader`.
import Glibc

/// The configuration of one server. Immutable by habit: loaded once, then handed to the parts as values.
public struct ServerConfiguration: Equatable, Sendable {
    /// The file it was read from.
    public var file = ""
    /// This server's id: `myid`, or in a standalone server the listed id, or 1.
    public var serverID: Int64 = 1
    /// The members. A standalone server without server lines is the only member of its ensemble, with ports 0.
    public var ensemble = EnsembleConfiguration(members: [])
    /// True when no quorum protocol runs: no server line, or one voter and `standaloneEnabled`.
    public var isStandalone = false
    public var dynamicFile: String?
    public var clientPort = ClientPortSettings()
    public var quorum = QuorumSettings()
    public var storage = StorageSettings()
    public var tree = TreeSettings()
    public var admin = AdminSettings()
    /// What the operator should hear about although the server starts, in file order.
    public var warnings: [ConfigurationProblem] = []

    public init() {}

    /// Reads a zoo.cfg and everything it refers to (`myid`, the dynamic file).
    /// - Parameters:
    ///   - path: the configuration file.
    ///   - properties: `name=value`, as given with `-D`; the file overrides them.
    ///   - cores: what `clientWorkers` defaults to at an observer.
    /// - Throws: every problem found, not only the first.
    public static func load(
        path: String, properties: [String] = [], cores: Int = onlineCores
    ) throws(ConfigurationError) -> ServerConfiguration {
        let cfg = try ZooCfg(contentsOf: path)
        var loader = ConfigurationLoader(file: path, cores: cores, readFile: TextFile.read)
        return try loader.load(cfg, properties: properties)
    }

    /// Processors the system reports, at least one.
    public static var onlineCores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}

// MARK: Derived values

extension ServerConfiguration {
    public var role: MemberRole { ensemble.member(serverID)?.role ?? quorum.role }

    /// Where clients are served. The port is 0 only before loading.
    public var clientAddress: ClientAddress {
        ClientAddress(host: clientPort.address ?? ClientAddress.anyHost, port: clientPort.port ?? 0)
    }

    /// The id that goes into new session ids. ZooKeeper uses 1 in every standalone server.
    public var sessionServerID: Int64 { isStandalone ? 1 : serverID }

    /// The id that `conf` prints. ZooKeeper prints 0 in every standalone server.
    public var reportedServerID: Int64 { isStandalone ? 0 : serverID }

    public var clientWorkers: Int { clientPort.workers ?? 1 }
    public var minSessionTimeoutMs: Int {
        clientPort.minSessionTimeoutMs < 0 ? quorum.tickTimeMs * 2 : clientPort.minSessionTimeoutMs
    }
    public var maxSessionTimeoutMs: Int {
        clientPort.maxSessionTimeoutMs < 0 ? quorum.tickTimeMs * 20 : clientPort.maxSessionTimeoutMs
    }
    /// Largest record accepted from another server or from a file: maxbuffer with its allowance.
    public var maxRecordBytes: Int {
        clientPort.maxFrameBytes + (clientPort.extraFrameBytes ?? max(1024, clientPort.maxFrameBytes))
    }

    public var initLimitMs: Int { quorum.tickTimeMs * (quorum.initLimit ?? 0) }
    public var syncLimitMs: Int { quorum.tickTimeMs * (quorum.syncLimit ?? 0) }
    public var leaderConnectLimitMs: Int {
        quorum.connectToLearnerMasterLimit > 0
            ? quorum.tickTimeMs * quorum.connectToLearnerMasterLimit : initLimitMs
    }
    public var electionHandshakeTimeoutMs: Int {
        quorum.electionHandshakeTimeoutMs > 0 ? quorum.electionHandshakeTimeoutMs : syncLimitMs
    }
    public var maxWriteQueuePollTimeMs: Int { storage.maxWriteQueuePollTimeMs ?? storage.flushDelayMs / 3 }
}
