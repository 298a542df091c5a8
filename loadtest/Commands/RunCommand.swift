// 'loadtest run': one workload for a fixed time.
import ArgumentParser
import Foundation
import Synchronization

/// The workloads by their names on the command line.
enum WorkloadName: String, CaseIterable, ExpressibleByArgument {
    case get, exists, children, set, mixed, watch, idle, churn
}

enum KeyDistributionName: String, CaseIterable, ExpressibleByArgument {
    case uniform, zipf, hot
}

extension CheckDepth: ExpressibleByArgument {}

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run one workload for a fixed time and report.",
        discussion: """
            Workloads:
              get, exists  read znodes
              children     list groups of 100 znodes
              set          write znodes
              mixed        read and write in one session (--read-percent)
              watch        one session writes, all others are told (--watched)
              idle         only ping; see the server's memory
              churn        connect, read a little, close, again
            All but idle need 'loadtest prepare' with the same --znodes and --value-bytes.
            """)

    @OptionGroup var target: TargetOptions

    @Option(help: "What the sessions do: \(WorkloadName.allCases.map(\.rawValue).joined(separator: ", ")).")
    var workload = WorkloadName.get

    @Option(help: "Seconds to measure.")
    var seconds = 5.0

    @Option(help: "Seconds of load before measuring.")
    var warmUp = 1.0

    @Option(help: "Operations per second over all sessions; without it each session asks as fast as replies come.")
    var rate: Double?

    @Option(help: "Threads of the generator.")
    var loops = 1

    @Option(help: "How znodes are chosen: uniform, zipf or hot.")
    var keys = KeyDistributionName.uniform

    @Option(help: "Exponent for --keys zipf, between 0 and 1.")
    var zipfExponent = 0.99

    @Option(help: "Size of the hot set for --keys hot.")
    var hotKeys = 100

    @Option(help: "Share of requests that go to the hot set.")
    var hotPercent = 90

    @Option(help: "Share of reads in the mixed workload.")
    var readPercent = 95.0

    @Option(help: "Znodes that every watcher watches.")
    var watched = 1

    @Option(help: "Reads of each session in the churn workload.")
    var readsPerSession = 1

    @Option(help: "How closely replies are checked: header, length or content.")
    var check = CheckDepth.content

    func validate() throws {
        try TargetOptions.require(seconds, in: 0.1...86_400, "--seconds")
        try TargetOptions.require(warmUp, in: 0...3600, "--warm-up")
        try TargetOptions.require(loops, in: 1...min(64, target.connections), "--loops")
        if let rate { try TargetOptions.require(rate, in: 0.1...50_000_000, "--rate") }
        try TargetOptions.require(hotKeys, in: 1...KeyspaceShape.maximumZnodes, "--hot-keys")
        try TargetOptions.require(hotPercent, in: 0...100, "--hot-percent")
        try TargetOptions.require(readPercent, in: 0...100, "--read-percent")
        try TargetOptions.require(watched, in: 1...target.znodes, "--watched")
        try TargetOptions.require(readsPerSession, in: 0...1_000_000, "--reads-per-session")
        if keys == .zipf {
            guard zipfExponent > 0, zipfExponent < 1 else {
                throw ValidationError("--zipf-exponent \(zipfExponent) is not between 0 and 1")
            }
        }
        if rate != nil, workload == .idle || workload == .churn {
            throw ValidationError("--rate means nothing to the \(workload.rawValue) workload")
        }
        if workload == .watch, target.connections < 2 {
            throw ValidationError("the watch workload needs a writer and a watcher: --connections 2 or more")
        }
    }

    func run() throws {
        var plan = try target.plan()
        plan.loops = loops
        plan.check = check
        plan.rate = rate
        plan.warmUpSeconds = warmUp
        plan.seconds = seconds
        plan.workloadPacesItself = workload == .watch
        let outcome = try measure(plan)
        try target.publish(Report(workload: workload.rawValue, plan: plan, outcome: outcome))
    }

    private var distribution: KeyDistribution {
        switch keys {
        case .uniform: .uniform
        case .zipf: .zipf(exponent: zipfExponent)
        case .hot: .hot(keys: hotKeys, percent: hotPercent)
        }
    }

    private func measure(_ plan: SwarmPlan) throws -> SwarmOutcome {
        let distribution = distribution, readPercent = readPercent, readsPerSession = readsPerSession
        @Sendable func chooser(_ share: LoopShare) -> KeyChooser {
            KeyChooser(distribution, count: share.shape.znodes, seed: UInt64(share.loop + 1))
        }
        switch workload {
        case .get: return try read(.get, plan, chooser)
        case .exists: return try read(.exists, plan, chooser)
        case .children: return try read(.children, plan, chooser)
        case .set:
            return try drive(plan) { share, keys in WriteLoad(keys: keys, chooser: chooser(share)) }
        case .mixed:
            return try drive(plan) { share, keys in
                MixedLoad(keys: keys, chooser: chooser(share), readPercent: readPercent)
            }
        case .watch: return try fanOut(plan)
        case .idle:
            return try drive(plan, .pings) { _, _ in IdleSessions() }
        case .churn:
            return try drive(plan, .handshakes) { share, keys in
                SessionChurn(
                    keys: keys, chooser: chooser(share), sessions: share.sessions, readsPerSession: readsPerSession)
            }
        }
    }

    private func read(
        _ kind: ReadLoad.Kind, _ plan: SwarmPlan, _ chooser: @escaping @Sendable (LoopShare) -> KeyChooser
    ) throws -> SwarmOutcome {
        try drive(plan) { share, keys in ReadLoad(kind: kind, keys: keys, chooser: chooser(share)) }
    }

    private func fanOut(_ plan: SwarmPlan) throws -> SwarmOutcome {
        let board = FanOutBoard(expectedWatches: (plan.sessions - 1) * watched)
        let watched = watched, rate = rate
        let outcome = try drive(plan, .notifications) { share, keys in
            WatchFanOut(keys: keys, board: board, share: share, watched: watched, perSecond: rate)
        }
        let missed = board.missed.load(ordering: .relaxed)
        print("writes      \(board.writes.load(ordering: .relaxed)) in the whole run, notifications missed \(missed)")
        return outcome
    }

    private func drive<Load: Workload>(
        _ plan: SwarmPlan, _ subject: LatencySubject = .requests,
        _ load: @escaping @Sendable (LoopShare, Keyspace) -> Load
    ) throws -> SwarmOutcome {
        try Swarm(plan, subject: subject, load: load).run(progress: showProgress)
    }
}
