// 'loadtest run': one workload for a fixed time. How each workload is set up stands in `Measurement`.
import ArgumentParser

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run one workload for a fixed time and report.",
        discussion: WorkloadName.explanation)

    @OptionGroup var target: TargetOptions

    @Option(help: "What the sessions do: \(WorkloadName.allCases.map(\.rawValue).joined(separator: ", ")).")
    var workload = WorkloadName.get

    @Option(help: "Seconds to measure; herd may end earlier, and watch and storm with --changes.")
    var seconds = 5.0

    @Option(help: "Seconds of load before measuring.")
    var warmUp = 1.0

    @Option(
        help: """
            Operations (watch, storm: changes) per second over all sessions; without it each session asks as fast as \
            replies come (failover: 20 per session).
            """)
    var rate: Double?

    @Option(help: "Threads of the generator.")
    var loops = 1

    @Option(help: "How closely replies are checked: header, length or content.")
    var check = CheckDepth.content

    @OptionGroup var options: WorkloadOptions

    func validate() throws {
        try TargetOptions.require(seconds, in: 0.1...86_400, "--seconds")
        try TargetOptions.require(warmUp, in: 0...3600, "--warm-up")
        try TargetOptions.require(loops, in: 1...min(64, target.connections), "--loops")
        if let rate {
            try TargetOptions.require(rate, in: 0.1...50_000_000, "--rate")
            guard workload.takesRate else {
                throw ValidationError("--rate means nothing to the \(workload.rawValue) workload")
            }
        }
        try options.validate(for: workload, target, loops: loops)
    }

    func run() throws {
        var plan = try target.plan()
        plan.loops = loops
        plan.check = check
        plan.rate = rate
        plan.warmUpSeconds = warmUp
        plan.seconds = seconds
        plan.workloadPacesItself = workload.pacesItself
        if workload == .failover { plan.rate = rate ?? 20 * Double(plan.sessions) }
        try target.publish(try Measurement(workload: workload, plan: plan, options: options).report())
    }
}
