// 'loadtest burst': several znodes change at once, all of them watched by everyone.
import ArgumentParser

struct BurstCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "burst", abstract: "Change watched znodes many at a time and time the notifications.",
        discussion: "Needs 'loadtest prepare' with the same --znodes and --value-bytes.")

    @OptionGroup var target: TargetOptions

    @Option(help: "Znodes that every watcher watches and that are written at once.")
    var watched = 100

    @Option(help: "Seconds to measure.")
    var seconds = 5.0

    @Option(help: "Seconds of load before measuring.")
    var warmUp = 1.0

    func validate() throws {
        try TargetOptions.require(watched, in: 1...min(target.znodes, 65_536), "--watched")
        try TargetOptions.require(seconds, in: 0.1...86_400, "--seconds")
        try TargetOptions.require(warmUp, in: 0...3600, "--warm-up")
        guard target.connections >= 2 else {
            throw ValidationError("a burst needs a writer and a watcher: --connections 2 or more")
        }
    }

    func run() throws {
        var plan = try target.plan()
        plan.seconds = seconds
        plan.warmUpSeconds = warmUp
        plan.outstanding = watched
        let watched = watched
        let board = BurstBoard(expectedWatches: (plan.sessions - 1) * watched)
        var swarm = try Swarm(plan, subject: .notifications) { share, keys in
            BurstFanOut(keys: keys, board: board, share: share, watched: watched)
        }
        let outcome = try swarm.run(progress: showProgress)
        try target.publish(Report(workload: "burst", plan: plan, outcome: outcome))
    }
}
