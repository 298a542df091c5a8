// 'loadtest promptness': how long a read may take while the server has other things to do.
import ArgumentParser

/// A table of 'loadtest promptness', by its name for `--only`.
enum PromptnessQuestion: String, CaseIterable, Sendable {
    case reads, pauses
}

struct PromptnessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promptness", abstract: "Measure how long reads take beside watchers, writes and snapshots.",
        discussion: """
            Tables: reads (at a steady rate at an observer: alone, beside a crowd of watchers that are told of changes \
            and read anew, beside a burst of writes), pauses (reads at a voter while a large tree is made, written to \
            a snapshot, and sent to an observer). Both show the longest waits between readers and writer of the tree \
            as the server counts them. Each table has servers of its own, one voter and one observer.

            Latency counts from when a read was due. Choose a rate that the machine carries beside everything else.
            """)

    @OptionGroup var lab: LabOptions

    @Option(help: "Tables, separated by commas (default: all).")
    var only: String?

    @Option(help: "Reads per second that are timed.")
    var rate = 20_000.0

    @Option(help: "reads: sessions that watch one znode.")
    var watchers = 10_000

    @Option(help: "reads: changes of that znode per second.")
    var changes = 2.0

    @Option(help: "Writes per second, where there are any.")
    var writes = 10_000.0

    @Option(help: "pauses: znodes of the large tree.")
    var znodes = 1_000_000

    func validate() throws {
        try TargetOptions.require(rate, in: 1...10_000_000, "--rate")
        try TargetOptions.require(watchers, in: 1...100_000, "--watchers")
        try TargetOptions.require(changes, in: 0.1...1000, "--changes")
        try TargetOptions.require(writes, in: 1...10_000_000, "--writes")
        try TargetOptions.require(znodes, in: 10_000...KeyspaceShape.maximumZnodes, "--znodes")
        for name in names {
            guard PromptnessQuestion(rawValue: name) != nil else {
                throw ValidationError("there is no table '\(name)'")
            }
        }
    }

    private var names: [String] { (only ?? "").split(separator: ",").map(String.init) }

    func run() throws {
        let questions = only == nil ? PromptnessQuestion.allCases : names.compactMap(PromptnessQuestion.init)
        let plan = PromptnessPlan(
            readsPerSecond: rate, watchers: watchers, changesPerSecond: changes, writesPerSecond: writes)
        try lab.withLab { loads in
            var report = PromptnessReport(lab, plan)
            for question in questions {
                var version = report.version, reads = report.reads, pauses = report.pauses
                let goesOn = report.failures.attempt(question.rawValue) {
                    switch question {
                    case .reads:
                        try ReadsBeside(
                            loads: loads, rounds: lab.rounds, seconds: lab.seconds, settings: lab.meerkatSettings,
                            plan: plan
                        ).run(into: &reads, &version)
                    case .pauses:
                        try Pauses(loads: loads, settings: lab.meerkatSettings, plan: plan, znodes: znodes)
                            .run(into: &pauses, &version)
                    }
                }
                (report.version, report.reads, report.pauses) = (version, reads, pauses)
                if !goesOn { break }
            }
            try lab.publish(text: report.text, json: report.json, markdown: report.markdown)
            if !report.failures.isEmpty { throw ExitCode.failure }
        }
    }
}
