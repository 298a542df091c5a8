// The command line's root. Each subcommand stands in its own file under Commands.
import ArgumentParser

@main
struct LoadTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loadtest",
        abstract: "Loads a coordination server with many sessions on few loops, and measures it.",
        discussion: """
            Speaks ZooKeeper's client protocol, so the target may be any compatible server.

            A first measurement:
              loadtest prepare --servers 127.0.0.1:2181 --znodes 1000 --value-bytes 100
              loadtest run --servers 127.0.0.1:2181 --workload get --znodes 1000 --value-bytes 100 --seconds 5
            'prepare' and 'run' must agree on --znodes and --value-bytes: replies are checked against them.

            What the figures mean:
              - Without --rate the load is closed: each session keeps --outstanding requests under way. Latency is then
                mostly queueing; throughput and CPU per operation are the figures to read.
              - With --rate the load is open: requests have a time at which they are due, and latency counts from that
                time even if the server kept the session from sending (no coordinated omission).
              - Server CPU and memory are those of the processes named with --pids.

            --json keeps a result, --html shows it with plots, 'loadtest report' lays several over each other.

            References to compare with: 'loadtest canned' and 'loadtest table' are minimal servers on raw events. They
            show what the kernel and the generator cost before a server does any work.

            'compare', 'grow', 'scale' and 'promptness' start all servers themselves, measure them turn by turn and end them again.
            """,
        subcommands: [
            RunCommand.self, BurstCommand.self, PrepareCommand.self, HoldCommand.self, ReportCommand.self,
            CannedCommand.self, TableCommand.self, CompareCommand.self, GrowCommand.self, ScaleCommand.self,
            PromptnessCommand.self,
        ])
}
