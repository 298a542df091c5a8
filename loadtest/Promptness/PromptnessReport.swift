// What 'loadtest promptness' has found, for people, for documents and for programs.
import Foundation

/// Both tables, and what belongs to them.
struct PromptnessReport: Encodable {
    var circumstances = Circumstances()
    var version: String?
    var rounds: Int
    var secondsPerRound: Double
    var clientWorkers: Int
    var readsPerSecond: Double
    var reads: [ReadsRow] = []
    var pauses: [PausesRow] = []
    var failures = Failures()

    init(_ lab: LabOptions, _ plan: PromptnessPlan) {
        rounds = lab.rounds
        secondsPerRound = lab.seconds
        clientWorkers = lab.clientWorkers
        readsPerSecond = plan.readsPerSecond
    }

    private var readsTable: TextTable {
        TextTable(
            header: [
                "\(TextTable.figure(readsPerSecond)) reads/s of \(PromptnessPlan.readers) sessions beside", "p50",
                "p99", "p99.9", "observer µs/read", "commits/s",
            ] + LongestWaits.treeHeader,
            rows: reads.map { row in
                let spreads = [
                    row.spread(\.p50Us), row.spread(\.p99Us), row.spread(\.p999Us), row.spread(\.observerCPUUs),
                    row.spread(\.commitsPerSecond),
                ]
                return [row.title] + spreads.map { TextTable.figure($0) } + (row.waits?.treeCells ?? [])
            })
    }

    private var pausesTable: TextTable {
        TextTable(
            header: ["longest, µs", "read", "p99.9 of reads"] + LongestWaits.treeHeader + LongestWaits.sliceHeader,
            rows: pauses.map { row in
                let reads = [row.readMaxUs, row.readP999Us].map { $0.map { TextTable.figure($0) } ?? "–" }
                return [row.title] + reads + row.waits.treeCells + row.waits.sliceCells
            })
    }

    private var tables: [TextTable] {
        (reads.isEmpty ? [] : [readsTable]) + (pauses.isEmpty ? [] : [pausesTable])
    }

    private var preamble: [String] {
        [
            circumstances.sentence + ".",
            "Meerkat \(version ?? "of unknown version"), clientWorkers \(clientWorkers). Rounds: \(rounds) of "
                + "\(TextTable.figure(secondsPerRound)) s, turn by turn; latencies in µs from when a read was due, "
                + "medians (least–most); waits are the longest of all rounds, µs.",
        ]
    }

    var text: String {
        (preamble + tables.flatMap { ["", $0.text] } + (failures.isEmpty ? [] : [""] + failures.lines))
            .joined(separator: "\n")
    }

    var markdown: String {
        (["`\(circumstances.command)`", ""] + preamble + tables.flatMap { ["", $0.markdown] }
            + (failures.isEmpty ? [] : [""] + failures.lines)).joined(separator: "\n") + "\n"
    }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
