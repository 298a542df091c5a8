// The command people run. One file per subcommand.

import ArgumentParser

@main
enum Main {
    /// Java's `-Dname=value` is one word; the parser knows options of one letter with a word of their own.
    static func main() {
        let arguments = CommandLine.arguments.dropFirst().flatMap { argument in
            argument.hasPrefix("-D") && argument.count > 2 ? ["-D", String(argument.dropFirst(2))] : [argument]
        }
        Meerkat.main(arguments)
    }
}

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
