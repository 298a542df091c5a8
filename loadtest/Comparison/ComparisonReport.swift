// The comparison's result for people, for documents and for programs. Separate so that all show the same figures.
import Foundation

/// Everything 'loadtest compare' has found.
struct ComparisonReport: Encodable {
    /// Medians and ranges of one line; rounds beneath.
    struct Entry: Encodable {
        struct Contestant: Encodable {
            var operationsPerSecond: Spread?
            /// In the entry's unit.
            var value: Spread?
            var rounds: [Sample]
        }

        var name: String
        var title: String
        var quantity: Quantity
        var unit: String
        /// 'µs' and 'KiB' are per this.
        var operation: String
        var contestants: [String: Contestant]
        var meerkatToCanned: Spread?
        var meerkatToTable: Spread?
        var apacheToMeerkat: Spread?
    }

    var circumstances: Circumstances
    /// What each software says of itself.
    var versions: [String: String]
    /// In words.
    var topology: String
    var rounds: Int
    var secondsPerRound: Double
    var entries: [Entry] = []
    var million: MillionReport?
    var failures = Failures()

    init(
        circumstances: Circumstances, versions: [String: String], topology: String, rounds: Int, secondsPerRound: Double
    ) {
        self.circumstances = circumstances
        self.versions = versions
        self.topology = topology
        self.rounds = rounds
        self.secondsPerRound = secondsPerRound
    }

    mutating func add(_ result: LineResult) {
        var contestants: [String: Entry.Contestant] = [:]
        for (software, samples) in result.samples {
            contestants[software.rawValue] = Entry.Contestant(
                operationsPerSecond: result.rate(software), value: result.value(software), rounds: samples)
        }
        entries.append(
            Entry(
                name: result.line.name, title: result.line.title, quantity: result.line.quantity,
                unit: result.line.quantity.unit, operation: result.line.operation, contestants: contestants,
                meerkatToCanned: result.ratio(.meerkat, to: .canned),
                meerkatToTable: result.ratio(.meerkat, to: .table),
                apacheToMeerkat: result.ratio(.apache, to: .meerkat)))
    }

    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    // MARK: Tables

    private static let order = Software.allCases

    /// What an operation costs, and how contestants relate.
    func costs(markdown: Bool) -> TextTable {
        var table = TextTable(
            header: ["line", "per"] + Self.order.map(\.rawValue) + [
                "meerkat / canned", "meerkat / table", "apache / meerkat",
            ])
        for entry in entries {
            let whose = entry.quantity == .ensembleCPU ? ", whole ensemble" : ""
            let values = Self.order.map { entry.contestants[$0.rawValue]?.value.map { TextTable.figure($0.median) } }
            let ratios = [entry.meerkatToCanned, entry.meerkatToTable, entry.apacheToMeerkat]
            table.rows.append(
                [markdown ? "`\(entry.name)` \(entry.title)" : entry.name, "\(entry.unit)/\(entry.operation)\(whose)"]
                    + values.map { $0 ?? "–" } + ratios.map { TextTable.figure($0) })
        }
        return table
    }

    /// How many operations passed, generator and server sharing this machine.
    var rates: TextTable {
        var table = TextTable(header: ["operations/s"] + Self.order.map(\.rawValue) + ["meerkat / apache"])
        for entry in entries where entry.quantity != .sessionMemory {
            let rates = Self.order.map { entry.contestants[$0.rawValue]?.operationsPerSecond }
            func rounds(_ software: Software) -> [Double] {
                entry.contestants[software.rawValue]?.rounds.map(\.operationsPerSecond) ?? []
            }
            table.rows.append(
                [entry.name] + rates.map { $0.map { TextTable.figure($0.median) } ?? "–" }
                    + [TextTable.figure(Spread.ratio(rounds(.meerkat), rounds(.apache)))])
        }
        return table
    }

    /// The block that is printed when a line is done.
    static func text(_ result: LineResult) -> String {
        var lines = ["\(result.line.name): \(result.line.title)"]
        for software in order where result.samples[software] != nil {
            let name = software.rawValue + String(repeating: " ", count: 8 - software.rawValue.count)
            let rate = result.line.quantity == .sessionMemory ? "" : "\(TextTable.figure(result.rate(software))) /s   "
            lines.append(
                "  \(name) \(rate)\(TextTable.figure(result.value(software))) \(result.line.quantity.unit)"
                    + " per \(result.line.operation)")
        }
        let ratios: [(Software, Software)] = [(.meerkat, .canned), (.meerkat, .table), (.apache, .meerkat)]
        let shown = ratios.compactMap { one, other in
            result.ratio(one, to: other).map { "\(one.rawValue)/\(other.rawValue) \(TextTable.figure($0))" }
        }
        if !shown.isEmpty { lines.append("  " + shown.joined(separator: "   ")) }
        return lines.joined(separator: "\n")
    }

    private var preamble: [String] {
        let names = versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return [
            circumstances.sentence + ".", names.isEmpty ? "" : "Versions: \(names).", "Topology: \(topology).",
            "Rounds: \(rounds) of \(TextTable.figure(secondsPerRound)) s, turn by turn; figures are medians, ratios "
                + "are medians of the rounds' ratios (least–most).",
        ].filter { !$0.isEmpty }
    }

    var text: String {
        var parts = preamble
        if !entries.isEmpty { parts += ["", costs(markdown: false).text, "", rates.text] }
        if let million { parts += ["", million.table.text] }
        if !failures.isEmpty { parts += [""] + failures.lines }
        return parts.joined(separator: "\n")
    }

    var markdown: String {
        var parts = ["`\(circumstances.command)`", "", preamble.joined(separator: "\n")]
        if !entries.isEmpty { parts += ["", costs(markdown: true).markdown, "", rates.markdown] }
        if let million { parts += ["", million.table.markdown] }
        if !failures.isEmpty { parts += [""] + failures.lines }
        return parts.joined(separator: "\n") + "\n"
    }
}
