// Options that only some workloads look at.
import ArgumentParser

struct WorkloadOptions: ParsableArguments {
    @Option(help: "How znodes are chosen: uniform, zipf or hot.")
    var keys = KeyDistributionName.uniform

    @Option(help: "Exponent for --keys zipf, between 0 and 1.")
    var zipfExponent = 0.99

    @Option(help: "Size of the hot set for --keys hot.")
    var hotKeys = 100

    @Option(help: "Share of requests that go to the hot set.")
    var hotPercent = 90

    @Option(help: "mixed: share of reads.")
    var readPercent = 95.0

    @Option(help: "watch, storm: znodes that every watcher watches.")
    var watched = 1

    @Option(help: "watch: \(WatchKind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var watchKind = WatchKind.persistent

    @Option(help: "watch, storm: end after so many changes, even before --seconds are over.")
    var changes: Int?

    @Option(help: "churn: reads of each session.")
    var readsPerSession = 1

    @Option(
        help: "herd: who breaks the connections: generator (when measuring begins), or server (end or restart it).")
    var breakBy = BreakCause.generator

    @Option(help: "herd: data watches of each session, restored by setWatches2 when it is back.")
    var watchesPerSession = 0

    @Option(help: "failover: how many of the sessions write (default: half of them).")
    var writers: Int?

    var distribution: KeyDistribution {
        switch keys {
        case .uniform: .uniform
        case .zipf: .zipf(exponent: zipfExponent)
        case .hot: .hot(keys: hotKeys, percent: hotPercent)
        }
    }

    func validate() throws {
        try TargetOptions.require(hotKeys, in: 1...KeyspaceShape.maximumZnodes, "--hot-keys")
        try TargetOptions.require(hotPercent, in: 0...100, "--hot-percent")
        try TargetOptions.require(readPercent, in: 0...100, "--read-percent")
        try TargetOptions.require(readsPerSession, in: 0...1_000_000, "--reads-per-session")
        try TargetOptions.require(watchesPerSession, in: 0...100_000, "--watches-per-session")
        if let changes { try TargetOptions.require(changes, in: 1...1_000_000_000, "--changes") }
        if keys == .zipf {
            guard zipfExponent > 0, zipfExponent < 1 else {
                throw ValidationError("--zipf-exponent \(zipfExponent) is not between 0 and 1")
            }
        }
    }

    /// What depends on the other options.
    func validate(for workload: WorkloadName, _ target: TargetOptions, loops: Int) throws {
        try TargetOptions.require(watched, in: 1...target.znodes, "--watched")
        try TargetOptions.require(watchesPerSession, in: 0...target.znodes, "--watches-per-session")
        switch workload {
        case .watch, .storm:
            guard target.connections >= 2 else {
                throw ValidationError("\(workload.rawValue) needs a writer and a watcher: --connections 2 or more")
            }
        case .failover:
            guard target.connections >= 2, loops == 1 else {
                throw ValidationError("failover needs a writer and a reader, on one loop")
            }
            try TargetOptions.require(
                writers ?? 1, in: 1...min(target.connections - 1, target.znodes), "--writers")
        case .get, .exists, .children, .set, .mixed, .idle, .churn, .herd: break
        }
    }
}
