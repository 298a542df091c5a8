// What a large tree costs: memory, the time a server needs to come back with it, and the time a fresh observer needs
// to get it from its leader. Procedures instead of workloads, so they stand apart from the lines.
import Foundation

/// What can be asked about a large tree, by its name for `--only`.
enum MillionQuestion: String, CaseIterable, Sendable {
    case memory, start, sync
}

/// Figures of one software.
struct MillionFigures: Codable, Sendable {
    /// Seconds that creating the znodes took.
    var createSeconds: Double
    /// Of the server that took the writes.
    var residentMiB: Double
    var startSeconds: [Double] = []
    /// After the last of these starts.
    var residentAfterStartMiB: Double?
    /// From the start of an empty observer until it serves.
    var syncSeconds: [Double] = []
}

struct MillionReport: Codable, Sendable {
    var znodes: Int
    var valueBytes: Int
    var bySoftware: [String: MillionFigures] = [:]

    var table: TextTable {
        let order = [Software.meerkat, .apache].filter { bySoftware[$0.rawValue] != nil }
        var table = TextTable(
            header: ["\(TextTable.grouped(znodes)) znodes of \(valueBytes) bytes"] + order.map(\.rawValue)
                + ["apache / meerkat"])
        func add(_ name: String, _ value: (MillionFigures) -> [Double]) {
            let values = order.map { bySoftware[$0.rawValue].map(value) ?? [] }
            guard !values.joined().isEmpty else { return }
            let ratio = values.count == 2 ? Spread.ratio(values[1], values[0]) : nil
            table.rows.append([name] + values.map { TextTable.figure(Spread($0)) } + [TextTable.figure(ratio)])
        }
        add("resident after creating them, MiB") { [$0.residentMiB] }
        add("resident after a start, MiB") { $0.residentAfterStartMiB.map { [$0] } ?? [] }
        add("start until serving, s") { $0.startSeconds }
        add("empty observer until serving, s") { $0.syncSeconds }
        return table
    }
}

/// Makes one server alone, fills it, starts it again; then one voter with that history and an empty observer.
struct MillionZnodes {
    let shape: KeyspaceShape
    let questions: Set<MillionQuestion>
    let loads: LoadRunner
    let rounds: Int

    private static let pollSeconds = 0.005

    func run(_ software: Software) throws -> MillionFigures {
        let ensemble = try Ensemble(
            EnsembleShape(voters: 1, observers: 1), software, in: loads.directory, loads: loads)
        defer { ensemble.stop() }
        let voter = ensemble.voters[0], observer = ensemble.observers[0]
        try voter.start()
        try voter.waitUntilServing()
        let began = Date()
        try loads.prepare(voter.address, shape, singly: true)
        var figures = MillionFigures(
            createSeconds: Date().timeIntervalSince(began), residentMiB: try resident(voter))
        if questions.contains(.start) {
            for _ in 0..<rounds {
                voter.stop()
                figures.startSeconds.append(try secondsToServe(voter))
            }
            figures.residentAfterStartMiB = try resident(voter)
        }
        if questions.contains(.sync) {
            for _ in 0..<rounds {
                figures.syncSeconds.append(try secondsToServe(observer))
                observer.kill()
                try observer.wipe()
            }
        }
        return figures
    }

    private func secondsToServe(_ member: Member) throws -> Double {
        let began = Date()
        try member.start()
        try member.waitUntilServing(pollSeconds: Self.pollSeconds)
        return Date().timeIntervalSince(began)
    }

    private func resident(_ member: Member) throws -> Double {
        guard let usage = ServerUsage(pid: member.pid) else {
            throw LabError("\(member.software.rawValue)-\(member.id) has ended")
        }
        return Double(usage.residentBytes) / 1_048_576
    }
}
