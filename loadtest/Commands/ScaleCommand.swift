// 'loadtest scale': what more observers, or more event loops in one, bring and cost.
import ArgumentParser
import Foundation

struct ScaleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale", abstract: "Measure Meerkat with more and more observers, and with more event loops.",
        discussion: """
            Tables: reads (sessions spread over 1, 2, 4 … observers of one leader; processor time of all observers),
            writes (at the leader; processor time of the leader), workers (one observer with 1, 2, 4 … event loops).
            On a machine with few cores the rates say little, the processor time per operation does.
            """)

    @OptionGroup var lab: LabOptions

    @Option(help: "Tables, separated by commas (default: all).")
    var only: String?

    @Option(help: "Observers in the last row of reads and writes.")
    var mostObservers = 4

    @Option(help: "Event loops in the last row of workers.")
    var mostWorkers = 2

    @Option(help: "Threads of the generator.")
    var loops = 1

    func validate() throws {
        try TargetOptions.require(mostObservers, in: 1...64, "--most-observers")
        try TargetOptions.require(mostWorkers, in: 1...64, "--most-workers")
        try TargetOptions.require(loops, in: 1...16, "--loops")
        for name in names {
            guard ScalingQuestion(rawValue: name) != nil else { throw ValidationError("there is no table '\(name)'") }
        }
    }

    private var names: [String] { (only ?? "").split(separator: ",").map(String.init) }

    func run() throws {
        let questions = only == nil ? ScalingQuestion.allCases : names.compactMap(ScalingQuestion.init)
        try lab.withLab { loads in
            var report = GrowthReport(lab)
            let scaling = Scaling(
                loads: loads, rounds: lab.rounds, seconds: lab.seconds, workers: lab.clientWorkers, loops: loops)
            for question in questions {
                var series = question.series, version = report.version
                let most = question == .workers ? mostWorkers : mostObservers
                let goesOn = report.failures.attempt(question.rawValue) {
                    for size in sequence(first: 1, next: { $0 * 2 <= most ? $0 * 2 : nil }) {
                        series.points.append(try scaling.measure(question, size, &version))
                        note(series.lastPointText)
                    }
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
