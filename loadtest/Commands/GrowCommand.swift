// 'loadtest grow': what a read or a commit costs as things become many or large.
import ArgumentParser
import Foundation

struct GrowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grow", abstract: "Measure how Meerkat's costs grow with znodes, connections, watches and sizes.",
        discussion: """
            Each series has servers of its own, one voter and the observer that is measured, on free loopback ports
            and in a directory of its own; reference servers stand beside where they do the same work.

            Series: \(GrowthQuestion.allCases.map(\.rawValue).joined(separator: ", ")).
            """)

    @OptionGroup var lab: LabOptions

    @Option(help: "Series to run, separated by commas (default: all).")
    var only: String?

    @Option(help: "Sizes beyond this many znodes are left out.")
    var mostZnodes = 3_000_000

    @Option(help: "Sizes beyond this many watches are left out.")
    var mostWatches = 5_000_000

    @Option(help: "Sizes beyond this many connections or sessions are left out; each needs a descriptor.")
    var mostConnections = 15_000

    func validate() throws {
        try TargetOptions.require(mostZnodes, in: 1...KeyspaceShape.maximumZnodes, "--most-znodes")
        try TargetOptions.require(mostWatches, in: 0...100_000_000, "--most-watches")
        try TargetOptions.require(mostConnections, in: 1...200_000, "--most-connections")
        for name in names {
            guard GrowthQuestion(rawValue: name) != nil else { throw ValidationError("there is no series '\(name)'") }
        }
    }

    private var names: [String] { (only ?? "").split(separator: ",").map(String.init) }

    func run() throws {
        let questions = only == nil ? GrowthQuestion.allCases : names.compactMap(GrowthQuestion.init)
        try lab.withLab { loads in
            var report = GrowthReport(lab)
            let growth = Growth(
                loads: loads, rounds: lab.rounds, seconds: lab.seconds, settings: lab.meerkatSettings,
                mostZnodes: mostZnodes, mostWatches: mostWatches, mostConnections: mostConnections)
            for question in questions {
                var series = question.series, version = report.version
                let goesOn = report.failures.attempt(question.rawValue) {
                    try growth.run(question, into: &series, &version)
                }
                report.version = version
                report.series.append(series)
                if !goesOn { break }
            }
            try lab.publish(text: report.text, json: report.json, markdown: report.markdown)
            if !report.failures.isEmpty { throw ExitCode.failure }
        }
    }
}
