// One table of 'grow' or 'scale': the same measurement at several sizes of one thing.
import Foundation

/// What was measured at one size.
struct GrowthPoint: Encodable {
    /// How many, or how large; also the row's name.
    var at: String
    var result: LineResult

    private enum Key: String, CodingKey { case at, samples }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(at, forKey: .at)
        let named = Dictionary(uniqueKeysWithValues: result.samples.map { ($0.key.rawValue, $0.value) })
        try container.encode(named, forKey: .samples)
    }
}

/// Points in the order of their sizes.
struct GrowthSeries: Encodable {
    /// As `--only` takes it.
    var name: String
    var title: String
    /// What grows: the header of the first column.
    var parameter: String
    /// What is counted.
    var operation: String
    var quantity = Quantity.serverCPU
    /// Shown beside Meerkat; nil when no reference server does the same.
    var reference: Software?
    var points: [GrowthPoint] = []

    var table: TextTable {
        var table = TextTable(header: [parameter, "meerkat µs/\(operation)"])
        if let reference {
            table.header += ["\(reference.rawValue) µs/\(operation)", "meerkat / \(reference.rawValue)"]
        }
        table.header += ["\(operation)s/s", "resident MiB"]
        for point in points {
            let result = point.result
            var row = [point.at, TextTable.figure(result.value(.meerkat))]
            if let reference {
                row.append(TextTable.figure(result.value(reference)))
                row.append(TextTable.figure(result.ratio(.meerkat, to: reference)))
            }
            let resident = Spread((result.samples[.meerkat] ?? []).map(\.residentMiB))
            row.append(result.rate(.meerkat).map { TextTable.figure($0.median) } ?? "–")
            row.append(resident.map { TextTable.figure($0.median) } ?? "–")
            table.rows.append(row)
        }
        return table
    }
}

extension GrowthSeries {
    /// For the terminal, while more is to come.
    var lastPointText: String {
        guard let point = points.last else { return "" }
        return "\(name) \(point.at): \(TextTable.figure(point.result.value(.meerkat))) µs/\(operation)"
    }
}

/// All series of one command.
struct GrowthReport: Encodable {
    var circumstances: Circumstances
    var version: String?
    var rounds: Int
    var secondsPerRound: Double
    var clientWorkers: Int
    var series: [GrowthSeries] = []
    var failures = Failures()

    init(_ lab: LabOptions) {
        circumstances = Circumstances()
        rounds = lab.rounds
        secondsPerRound = lab.seconds
        clientWorkers = lab.clientWorkers
    }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    private var preamble: [String] {
        [
            circumstances.sentence + ".",
            "Meerkat \(version ?? "of unknown version"), clientWorkers \(clientWorkers). Rounds: \(rounds) of "
                + "\(TextTable.figure(secondsPerRound)) s, turn by turn; figures are medians (least–most).",
        ]
    }

    var text: String {
        let tables = series.flatMap { ["", $0.title, $0.table.text] }
        return (preamble + tables + (failures.isEmpty ? [] : [""] + failures.lines)).joined(separator: "\n")
    }

    var markdown: String {
        let parts = ["`\(circumstances.command)`", ""] + preamble
        let tables = series.flatMap { ["", "**\($0.title)**", "", $0.table.markdown] }
        return (parts + tables + (failures.isEmpty ? [] : [""] + failures.lines)).joined(separator: "\n") + "\n"
    }
}
