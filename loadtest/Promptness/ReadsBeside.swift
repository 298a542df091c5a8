// Reads at a steady rate, alone and beside others, turn by turn.
import Foundation

/// One measurement of reads beside one neighbour.
struct ReadSample: Encodable, Sendable {
    var readsPerSecond: Double
    var p50Us: Double
    var p99Us: Double
    var p999Us: Double
    var maxUs: Double
    /// All that the observer has used, divided by the reads.
    var observerCPUUs: Double
    /// What the observer has applied meanwhile: whether the neighbour did what it should.
    var commitsPerSecond: Double
}

/// All rounds beside one neighbour.
struct ReadsRow: Encodable {
    var neighbour: Neighbour
    var title: String
    var samples: [ReadSample] = []
    /// Of the observer, over all rounds.
    var waits: LongestWaits?

    func spread(_ value: (ReadSample) -> Double) -> Spread? { Spread(samples.map(value)) }
}

/// Measures every neighbour in every round; each has servers of its own, whose longest waits are then its doing.
struct ReadsBeside {
    let loads: LoadRunner
    let rounds: Int
    let seconds: Double
    /// For Meerkat's zoo.cfg.
    let settings: [String]
    let plan: PromptnessPlan

    /// Adds a row for each neighbour; those of a run that fails hold what was measured before.
    ///
    /// - Parameter version: what the server calls itself, learned by the way.
    func run(into rows: inout [ReadsRow], _ version: inout String?) throws {
        var ensembles: [Ensemble] = []
        defer { for ensemble in ensembles { ensemble.stop() } }
        for neighbour in Neighbour.allCases {
            let ensemble = try Ensemble(
                EnsembleShape(voters: 1, observers: 1), .meerkat, in: loads.directory, loads: loads,
                settings: settings + [PromptnessPlan.rareTicks])
            ensembles.append(ensemble)
            try ensemble.start()
            try ensemble.prepare(PromptnessPlan.shape)
            // Forgets what it has noted meanwhile.
            try ensemble.restart()
            version = ensemble.target.version
            rows.append(ReadsRow(neighbour: neighbour, title: neighbour.title(plan)))
        }
        for round in 0..<rounds {
            for turn in rows.indices {
                let index = (round + turn) % rows.count
                let sample = try measure(rows[index].neighbour, ensembles[index])
                rows[index].samples.append(sample)
                rows[index].waits = LongestWaits(of: ensembles[index].target)
                note("\(rows[index].title): p99.9 \(TextTable.figure(sample.p999Us)) µs")
            }
        }
    }

    private func measure(_ neighbour: Neighbour, _ ensemble: Ensemble) throws -> ReadSample {
        let background = try neighbour.begin(plan, ensemble, loads)
        defer { background?.stop() }
        let (zxid, began) = (try zxid(ensemble), Date())
        let load = try loads.run(
            ensemble.address, PromptnessPlan.shape, plan.reads, seconds: seconds, warmUp: 1,
            pids: ensemble.measuredPIDs)
        let commits = Double(try self.zxid(ensemble) - zxid) / Date().timeIntervalSince(began)
        if let background, background.hasEnded { throw LabError("\(neighbour.rawValue) has ended before the reads") }
        return ReadSample(
            readsPerSecond: load.repliesPerSecond, p50Us: load.latency.p50Us, p99Us: load.latency.p99Us,
            p999Us: load.latency.p999Us, maxUs: load.latency.maxUs,
            observerCPUUs: load.cpuUs(ensemble.measuredPIDs), commitsPerSecond: commits)
    }

    private func zxid(_ ensemble: Ensemble) throws -> Int64 {
        guard let zxid = ensemble.target.zxid else { throw LabError("the observer does not say its zxid") }
        return zxid
    }
}
