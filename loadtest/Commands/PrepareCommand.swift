// 'loadtest prepare': makes the znodes that the workloads use.
import ArgumentParser

struct PrepareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prepare", abstract: "Create the znodes below /loadtest, many with one multi, deeply pipelined.",
        discussion: "Znodes that exist already get the right value. Safe to repeat.")

    @OptionGroup var target: TargetOptions

    @Option(help: "Seconds after which to give up.")
    var limitSeconds = 600.0

    @Flag(help: "Create each znode by a transaction of its own, as applications do.")
    var singly = false

    func validate() throws { try TargetOptions.require(limitSeconds, in: 1...86_400, "--limit-seconds") }

    func run() throws {
        var plan = try target.plan()
        plan.seconds = limitSeconds
        plan.needsEveryReply = true
        let board = PrepareBoard()
        let isSingly = singly
        var swarm = try Swarm(plan, subject: .requests) { share, keys in
            PrepareLoad(keys: keys, board: board, share: share, isSingly: isSingly)
        }
        let outcome = try swarm.run(progress: showProgress)
        try target.publish(Report(workload: "prepare", plan: plan, outcome: outcome))
        guard board.isDone else {
            throw SwarmError(
                "not all znodes are in place: \(outcome.complaints.first ?? "the time limit has passed"); run it again")
        }
    }
}
