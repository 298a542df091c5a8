// 'loadtest hold': sessions and watches that stay, for measurements beside them.
import ArgumentParser

struct HoldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Hold idle sessions and watches until the time is over.",
        discussion: "Watching needs 'loadtest prepare' with the same --znodes.")

    @OptionGroup var target: TargetOptions

    @Option(help: "Data watches of each session.")
    var watches = 0

    @Option(help: "Number of the first znode that is watched.")
    var firstZnode = 0

    @Option(help: "Seconds to hold, from when every session is connected.")
    var seconds = 60.0

    func validate() throws {
        try TargetOptions.require(watches, in: 0...10_000_000, "--watches")
        try TargetOptions.require(firstZnode, in: 0...(target.znodes - 1), "--first-znode")
        try TargetOptions.require(seconds, in: 0.1...86_400, "--seconds")
    }

    func run() throws {
        var plan = try target.plan()
        plan.seconds = seconds
        let first = firstZnode, watches = watches
        var swarm = try Swarm(plan, subject: .pings) { share, keys in
            WatchHold(keys: keys, share: share, first: first, watchesPerSession: watches)
        }
        let outcome = try swarm.run { _ in }
        try target.publish(Report(workload: "hold", plan: plan, outcome: outcome))
    }
}
