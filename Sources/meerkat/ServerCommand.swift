// `meerkat server`: any role, as a zoo.cfg says.

import ArgumentParser
import Logging
import MeerkatServer

struct ServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Run a server as a zoo.cfg describes it.",
        discussion: """
            The file's keys, defaults and meanings are Apache ZooKeeper's. A wrong value stops the start with its file, \
            line and key. Without server lines the server is an ensemble of its own. SIGTERM stops it cleanly.
            """)

    @Argument(help: "The configuration file.", completion: .file(extensions: ["cfg"]))
    var configuration: String

    @Option(
        name: .customShort("D", allowingJoined: true),
        help: ArgumentHelp("A system property, as Java's -D; the file overrides it.", valueName: "name=value"))
    var properties: [String] = []

    @OptionGroup var logging: LoggingOptions

    func run() throws {
        let log = logging.makeLogger()
        do {
            let configuration = try ServerConfiguration.load(path: configuration, properties: properties)
            try ServerProcess.run(configuration, log: log)
        } catch let error as ConfigurationError {
            ServerProcess.complain("\(error)")
            throw ExitCode(Fatal.Code.invalidInvocation.rawValue)
        }
    }
}
