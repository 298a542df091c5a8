// The turn-by-turn measurement: every round asks each contestant once, so that a disturbance of the machine falls on
// all of them alike.

/// One measurement of one contestant.
struct Sample: Codable, Sendable {
    var operationsPerSecond: Double
    /// Of the server under test, per operation.
    var serverCPUUs: Double
    /// Of all processes of the ensemble, per operation.
    var ensembleCPUUs: Double
    var p50Us: Double
    var p99Us: Double
    var residentMiB: Double
    var residentKiBPerSession: Double

    func value(_ quantity: Quantity) -> Double {
        switch quantity {
        case .serverCPU: serverCPUUs
        case .ensembleCPU: ensembleCPUUs
        case .sessionMemory: residentKiBPerSession
        }
    }
}

/// All rounds of one line.
struct LineResult: Sendable {
    var line: Line
    /// By contestant, in the order of rounds.
    var samples: [Software: [Sample]] = [:]

    func values(_ software: Software) -> [Double] { (samples[software] ?? []).map { $0.value(line.quantity) } }
    func value(_ software: Software) -> Spread? { Spread(values(software)) }
    func rate(_ software: Software) -> Spread? { Spread((samples[software] ?? []).map(\.operationsPerSecond)) }

    /// How many times as much as `other` this one needs.
    func ratio(_ software: Software, to other: Software) -> Spread? { .ratio(values(software), values(other)) }
}

/// Runs lines over contestants that are ready.
struct Comparison {
    let contestants: [any Contestant]
    let loads: LoadRunner
    let rounds: Int
    let seconds: Double
    /// Seconds of a line's load that Java gets before its first round, to compile what is hot.
    let javaWarmUp: Double

    func run(_ line: Line) throws -> LineResult {
        var result = LineResult(line: line)
        let taking = contestants.filter { line.contestants.contains($0.software) }
        for contestant in taking {
            try contestant.prepare(line.shape)
            if contestant.software == .apache, !line.needsFreshServer {
                _ = try measure(line, contestant, seconds: javaWarmUp)
            }
        }
        for round in 0..<min(rounds, line.mostRounds) {
            // Nobody is always the first.
            let first = round % max(1, taking.count)
            for contestant in taking[first...] + taking[..<first] {
                if line.needsFreshServer { try contestant.restart() }
                result.samples[contestant.software, default: []].append(
                    try measure(line, contestant, seconds: seconds))
            }
        }
        return result
    }

    private func measure(_ line: Line, _ contestant: any Contestant, seconds: Double) throws -> Sample {
        let load = try loads.run(
            contestant.address, line.shape, line.arguments, seconds: seconds, warmUp: line.warmUp,
            pids: contestant.allPIDs)
        guard load.operationsPerSecond > 0 || line.quantity == .sessionMemory else {
            throw LabError("\(contestant.software.rawValue) has answered nothing in line \(line.name)")
        }
        return Sample(
            operationsPerSecond: load.operationsPerSecond, serverCPUUs: load.cpuUs(contestant.measuredPIDs),
            ensembleCPUUs: load.cpuUs(contestant.allPIDs), p50Us: load.latency.p50Us, p99Us: load.latency.p99Us,
            residentMiB: load.residentMiB(contestant.measuredPIDs),
            residentKiBPerSession: load.residentKiBPerSession)
    }
}
