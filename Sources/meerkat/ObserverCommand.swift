// `meerkat observer`: joins a running ensemble that knows nothing of it.

import ArgumentParser
import MeerkatServer

struct ObserverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "observer",
        abstract: "Join a running ensemble as an observer, without a zoo.cfg.",
        discussion: """
            Nothing is changed on the ensemble's servers. The ensemble's members and the leader are learned from the \
            servers named here; the observer's id is chosen so that neither it nor its session ids clash with theirs, \
            and kept in the data directory.
            """)

    @Option(help: ArgumentHelp("Voters to ask, comma-separated.", valueName: "host:quorumPort:electionPort,…"))
    var join: String

    @Option(help: "Where clients are served.")
    var clientPort = 2181

    @Option(help: "Address clients are served on; every address if not given.")
    var clientPortAddress: String?

    @Option(help: "Where the log, snapshots and the id are kept.")
    var dataDir = "./meerkat-observer"

    @Option(help: "The server id, if it is not to be chosen. It must be greater than those of the ensemble.")
    var id: Int64?

    @Option(help: "The ensemble's tick, milliseconds.")
    var tickTime = 2000

    @Option(help: "Event loops that serve clients; one per core if not given.")
    var clientWorkers: Int?

    @Flag(help: "New sessions are known to the observer alone; its leader must have localSessionsEnabled, too.")
    var localSessions = false

    @Flag(help: "A local session becomes global before it creates an ephemeral; otherwise it may not.")
    var localSessionsUpgrading = false

    @OptionGroup var logging: LoggingOptions

    func run() throws {
        let log = logging.makeLogger()
        do {
            var request = JoinRequest(addresses: join, dataDirectory: dataDir, clientPort: clientPort)
            request.clientPortAddress = clientPortAddress
            request.id = id
            request.tickTimeMs = tickTime
            request.clientWorkers = clientWorkers
            request.localSessions = localSessions
            request.upgradesLocalSessions = localSessionsUpgrading
            let configuration = try request.resolve(log: log)
            try ServerProcess.run(configuration, log: log)
        } catch let error as JoinError {
            ServerProcess.complain("\(error)")
            throw ExitCode(Fatal.Code.invalidInvocation.rawValue)
        }
    }
}
