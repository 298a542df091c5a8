// What goes on beside timed reads.

/// How much of everything.
struct PromptnessPlan: Sendable {
    /// Due over all readers together.
    var readsPerSecond: Double
    var watchers: Int
    var changesPerSecond: Double
    var writesPerSecond: Double

    /// Few enough for the generator, with enough connections to meet a pause on some of them.
    static let readers = 16
    static let shape = KeyspaceShape(znodes: 1000, valueBytes: 100)
    /// Idle sessions must not ping while something else is measured, nor expire.
    static let rareTicks = "maxSessionTimeout=3600000"

    /// Timed reads: an open load, so that latency counts from when a read was due.
    var reads: [String] {
        Line.load("get", Self.readers, 64) + ["--rate", String(readsPerSecond)]
    }
}

/// What an observer has to do besides answering reads.
enum Neighbour: String, CaseIterable, Sendable, Encodable {
    case nothing, storm, writes

    func title(_ plan: PromptnessPlan) -> String {
        switch self {
        case .nothing: "nothing else"
        case .storm:
            "\(TextTable.grouped(plan.watchers)) watchers told, and reading anew, "
                + "\(TextTable.figure(plan.changesPerSecond)) times a second"
        case .writes: "\(TextTable.figure(plan.writesPerSecond)) writes a second at the leader"
        }
    }

    /// Returns when it goes on.
    func begin(_ plan: PromptnessPlan, _ ensemble: Ensemble, _ loads: LoadRunner) throws -> BackgroundLoad? {
        switch self {
        case .nothing: nil
        case .storm:
            try BackgroundLoad.run(
                "storm", sessions: plan.watchers + 1, watches: plan.watchers, perSecond: plan.changesPerSecond,
                of: PromptnessPlan.shape, at: ensemble.target, loads: loads)
        case .writes:
            try BackgroundLoad.run(
                "set", sessions: PromptnessPlan.readers, perSecond: plan.writesPerSecond, of: PromptnessPlan.shape,
                at: ensemble.leader(), loads: loads)
        }
    }
}
