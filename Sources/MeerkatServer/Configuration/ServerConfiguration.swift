// Everything one server is told before it starts, parsed once and passed down. Separate from how it is read, which is
// in `ConfigurationLoader`.
import Glibc

/// The configuration of one server. Immutable by habit: loaded once, then handed to the parts as values.
package struct ServerConfiguration: Equatable, Sendable {
    /// The file it was read from.
    package var file = ""
    /// This server's id: `myid`, or in a standalone server the listed id, or 1.
    package var serverID: Int64 = 1
    /// The members. A standalone server without server lines is the only member of its ensemble, with ports 0.
    package var ensemble = EnsembleConfiguration(members: [])
    /// True when no quorum protocol runs: no server line, or one voter and `standaloneEnabled`.
    package var isStandalone = false
    package var dynamicFile: String?
    package var clientPort = ClientPortSettings()
    package var quorum = QuorumSettings()
    package var storage = StorageSettings()
    package var tree = TreeSettings()
    package var admin = AdminSettings()
    /// What the operator should hear about although the server starts, in file order.
    package var warnings: [ConfigurationProblem] = []

    package init() {}

    /// Reads a zoo.cfg and everything it refers to (`myid`, the dynamic file).
    /// - Parameters:
    ///   - path: the configuration file.
    ///   - properties: `name=value`, as given with `-D`; the file overrides them.
    ///   - cores: what `clientWorkers` defaults to at an observer.
    /// - Throws: every problem found, not only the first.
    package static func load(
        path: String, properties: [String] = [], cores: Int = onlineCores
    ) throws(ConfigurationError) -> ServerConfiguration {
        let cfg = try ZooCfg(contentsOf: path)
        var loader = ConfigurationLoader(file: path, cores: cores, readFile: TextFile.read)
        return try loader.load(cfg, properties: properties)
    }

    /// Processors the system reports, at least one.
    package static var onlineCores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}

// MARK: Derived values

extension ServerConfiguration {
    package var role: MemberRole { ensemble.member(serverID)?.role ?? quorum.role }

    /// Where clients are served. The port is 0 only before loading.
    package var clientAddress: ClientAddress {
        ClientAddress(host: clientPort.address ?? ClientAddress.anyHost, port: clientPort.port ?? 0)
    }

    /// The id that goes into new session ids. ZooKeeper uses 1 in every standalone server.
    package var sessionServerID: Int64 { isStandalone ? 1 : serverID }

    /// The id that `conf` prints. ZooKeeper prints 0 in every standalone server.
    package var reportedServerID: Int64 { isStandalone ? 0 : serverID }

    package var clientWorkers: Int { clientPort.workers ?? 1 }
    package var minSessionTimeoutMs: Int {
        clientPort.minSessionTimeoutMs < 0 ? quorum.tickTimeMs * 2 : clientPort.minSessionTimeoutMs
    }
    package var maxSessionTimeoutMs: Int {
        clientPort.maxSessionTimeoutMs < 0 ? quorum.tickTimeMs * 20 : clientPort.maxSessionTimeoutMs
    }
    /// Largest record accepted from another server or from a file: maxbuffer with its allowance.
    package var maxRecordBytes: Int {
        clientPort.maxFrameBytes + (clientPort.extraFrameBytes ?? max(1024, clientPort.maxFrameBytes))
    }

    package var initLimitMs: Int { quorum.tickTimeMs * (quorum.initLimit ?? 0) }
    package var syncLimitMs: Int { quorum.tickTimeMs * (quorum.syncLimit ?? 0) }
    package var leaderConnectLimitMs: Int {
        quorum.connectToLearnerMasterLimit > 0
            ? quorum.tickTimeMs * quorum.connectToLearnerMasterLimit : initLimitMs
    }
    package var electionHandshakeTimeoutMs: Int {
        quorum.electionHandshakeTimeoutMs > 0 ? quorum.electionHandshakeTimeoutMs : syncLimitMs
    }
    package var maxWriteQueuePollTimeMs: Int { storage.maxWriteQueuePollTimeMs ?? storage.flushDelayMs / 3 }
}
