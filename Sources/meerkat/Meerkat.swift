// The command people run. One file per subcommand.

import ArgumentParser

@main
struct Meerkat: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "meerkat",
        abstract: "A coordination server that speaks Apache ZooKeeper's protocols.",
        discussion: """
            Runs as a voter or an observer of an ensemble, beside other Meerkat servers or Apache's, or alone. Existing \
            clients, zoo.cfg files and data directories work unchanged.
            """,
        subcommands: [ServerCommand.self, ObserverCommand.self])
}
