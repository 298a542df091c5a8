// 'loadtest compare': Meerkat beside Apache ZooKeeper and beside the reference servers.
import ArgumentParser
import Foundation

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "Measure Meerkat beside Apache ZooKeeper and the reference servers.",
        discussion: """
            Starts everything itself, on free loopback ports and in a directory of its own, and ends it again: an
            ensemble of Meerkat, one of Apache (Debian's package), and the two reference servers. Every line is run
            turn by turn. What is compared is the processor time of the server that answers, per operation; in lines
            that write, that of all servers of the ensemble.

            Lines: \(Line.table.map(\.name).joined(separator: ", ")).
            With a large tree: memory, start, sync (only when named, or with --million).
            """)

    @OptionGroup var lab: LabOptions

    @Option(help: "Lines to run, separated by commas (default: all but memory, start, sync).")
    var only: String?

    @Flag(help: "Single servers instead of three voters and an observer.")
    var standalone = false

    @Flag(help: "Leave Apache ZooKeeper out.")
    var withoutApache = false

    @Option(help: "Heap limit of Apache's servers, as Java's -Xmx takes it.")
    var javaHeap = "2g"

    @Option(help: "Seconds of load that Apache gets before the first round of a line.")
    var javaWarmUp = 10.0

    @Option(help: "Znodes of the large tree; naming it adds the lines memory, start and sync.")
    var million: Int?

    func validate() throws {
        try TargetOptions.require(javaWarmUp, in: 0.1...600, "--java-warm-up")
        if let million { try TargetOptions.require(million, in: 1...KeyspaceShape.maximumZnodes, "--million") }
        for name in names where !Line.table.contains(where: { $0.name == name }) {
            guard MillionQuestion(rawValue: name) != nil else { throw ValidationError("there is no line '\(name)'") }
        }
    }

    private var names: [String] { (only ?? "").split(separator: ",").map(String.init) }
    private var lines: [Line] { only == nil ? Line.table : Line.table.filter { names.contains($0.name) } }
    private var questions: Set<MillionQuestion> {
        let named = names.compactMap(MillionQuestion.init)
        return Set(million != nil && named.isEmpty ? MillionQuestion.allCases : named)
    }

    private var shape: EnsembleShape { standalone ? .standalone : EnsembleShape(voters: 3, observers: 1) }

    private var software: [Software] {
        if withoutApache { return [.meerkat] }
        guard let missing = Programs.missingForApache else { return [.meerkat, .apache] }
        note("Apache ZooKeeper is left out: \(missing) is missing (apt-get install zookeeper default-jre-headless)")
        return [.meerkat]
    }

    func run() throws {
        try lab.withLab(javaHeap: javaHeap) { loads in
            var report = ComparisonReport(
                circumstances: Circumstances(), versions: [:],
                topology: "for each software \(shape.description)"
                    + (standalone ? "" : ", asked at the observer") + "; references are single servers",
                rounds: lab.rounds, secondsPerRound: lab.seconds)
            let software = software
            if !lines.isEmpty { try run(lines, software, loads, &report) }
            if !questions.isEmpty, !Interruption.hasCome { measureLargeTree(software, loads, &report) }
            try lab.publish(text: report.text, json: report.json, markdown: report.markdown)
            if !report.failures.isEmpty { throw ExitCode.failure }
        }
    }

    /// Lines that ask for the same settings share their ensembles.
    private func run(
        _ lines: [Line], _ software: [Software], _ loads: LoadRunner, _ report: inout ComparisonReport
    ) throws {
        var failures = Failures()
        var waiting = lines
        while let settings = waiting.first?.settings, !Interruption.hasCome {
            try run(waiting.filter { $0.settings == settings }, settings, software, loads, &report, &failures)
            waiting.removeAll { $0.settings == settings }
        }
        report.failures = failures
    }

    private func run(
        _ lines: [Line], _ settings: [String], _ software: [Software], _ loads: LoadRunner,
        _ report: inout ComparisonReport, _ failures: inout Failures
    ) throws {
        var contestants: [any Contestant] = []
        defer { for contestant in contestants { contestant.stop() } }
        for software in [Software.canned, .table] {
            contestants.append(try ReferenceServer(software, in: loads.directory, programs: loads.programs))
        }
        for software in software {
            let own = software == .meerkat ? lab.meerkatSettings : []
            let ensemble = try Ensemble(shape, software, in: loads.directory, loads: loads, settings: own + settings)
            contestants.append(ensemble)
            note((["starting \(software.rawValue)", shape.description] + settings).joined(separator: ", "))
            try ensemble.start()
            report.versions[software.rawValue] = ensemble.target.version
        }
        let comparison = Comparison(
            contestants: contestants, loads: loads, rounds: lab.rounds, seconds: lab.seconds, javaWarmUp: javaWarmUp)
        for line in lines {
            let goesOn = failures.attempt(line.name) {
                let result = try comparison.run(line)
                note(ComparisonReport.text(result))
                report.add(result)
            }
            if !goesOn { break }
        }
    }

    private func measureLargeTree(
        _ software: [Software], _ loads: LoadRunner, _ report: inout ComparisonReport
    ) {
        let shape = KeyspaceShape(znodes: million ?? 1_000_000, valueBytes: 100)
        let tree = MillionZnodes(shape: shape, questions: questions, loads: loads, rounds: min(lab.rounds, 3))
        var found = MillionReport(znodes: shape.znodes, valueBytes: shape.valueBytes)
        for software in software {
            note("\(software.rawValue): \(TextTable.grouped(shape.znodes)) znodes")
            let goesOn = report.failures.attempt("\(software.rawValue), large tree") {
                found.bySoftware[software.rawValue] = try tree.run(software)
            }
            if !goesOn { break }
        }
        report.million = found
    }
}
