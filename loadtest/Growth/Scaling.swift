// More observers behind one leader, more event loops in one observer.

/// A table of 'loadtest scale', by its name for `--only`.
enum ScalingQuestion: String, CaseIterable, Sendable {
    case reads, writes, workers

    var series: GrowthSeries {
        switch self {
        case .reads:
            GrowthSeries(
                name: rawValue, title: "getData, 16 × 64, 1,000 znodes, over all observers; their processor time",
                parameter: "observers", operation: "read")
        case .writes:
            GrowthSeries(
                name: rawValue, title: "setData, 16 × 16 at the leader; processor time of the leader",
                parameter: "observers", operation: "write")
        case .workers:
            GrowthSeries(
                name: rawValue, title: "getData, 16 × 64, 1,000 znodes, one observer", parameter: "clientWorkers",
                operation: "read")
        }
    }
}

/// Measures one size; each has servers of its own.
struct Scaling {
    let loads: LoadRunner
    let rounds: Int
    let seconds: Double
    /// Of each server, unless they are what grows.
    let workers: Int
    /// Threads of the generator.
    let loops: Int

    /// - Parameter version: what the server calls itself, learned by the way.
    func measure(_ question: ScalingQuestion, _ size: Int, _ version: inout String?) throws -> GrowthPoint {
        let shape = EnsembleShape(voters: 1, observers: question == .workers ? 1 : size)
        let settings = ["clientWorkers=\(question == .workers ? size : workers)"]
        let ensemble = try Ensemble(shape, .meerkat, in: loads.directory, loads: loads, settings: settings)
        defer { ensemble.stop() }
        try ensemble.start()
        version = ensemble.target.version
        let leader = try ensemble.leader()
        let isWrite = question == .writes
        let view = EnsembleView(
            ensemble, asked: isWrite ? [leader] : ensemble.observers,
            measured: isWrite ? [leader] : ensemble.observers)
        let series = question.series
        let line = Line(
            name: question.rawValue, title: series.title, operation: series.operation,
            shape: KeyspaceShape(znodes: 1000, valueBytes: 100),
            arguments: (isWrite ? Line.load("set", 16, 16) : Line.load("get", 16, 64)) + ["--loops", String(loops)],
            contestants: [.meerkat])
        let comparison = Comparison(
            contestants: [view], loads: loads, rounds: rounds, seconds: seconds, javaWarmUp: 0)
        return GrowthPoint(at: String(size), result: try comparison.run(line))
    }
}
