// Workloads as processes: 'loadtest run' and 'loadtest prepare', their results read back from JSON. A process of its
// own keeps the generator of one measurement from disturbing the next.
import Foundation

/// The part of a run's JSON that comparisons use. Names are those of ``Report``.
struct LoadResult: Decodable, Sendable {
    struct Latency: Decodable, Sendable {
        var of: String
        var count: Int
        var p50Us: Double
        var p99Us: Double
        var p999Us: Double
        var maxUs: Double
    }

    struct Server: Decodable, Sendable {
        var pid: Int32
        var cpuSeconds: Double
        var cpuUsPerOperation: Double
        var residentMiB: Double
    }

    var seconds: Double
    var repliesPerSecond: Double
    var eventsPerSecond: Double
    var latency: Latency
    var serverUsage: [Server]
    var residentKiBPerSession: Double
    var requestsLost: Int
    var reconnects: Int
    var faults: Int

    /// Of what the run times.
    var operationsPerSecond: Double {
        switch latency.of {
        case "notifications": eventsPerSecond
        case "requests": repliesPerSecond
        default: Double(latency.count) / seconds
        }
    }

    /// Processor microseconds per operation of these processes together.
    func cpuUs(_ pids: [Int32]) -> Double {
        serverUsage.filter { pids.contains($0.pid) }.reduce(0) { $0 + $1.cpuUsPerOperation }
    }

    func residentMiB(_ pids: [Int32]) -> Double {
        serverUsage.filter { pids.contains($0.pid) }.reduce(0) { $0 + $1.residentMiB }
    }
}

/// Starts workloads, one at a time, each bounded.
struct LoadRunner: Sendable {
    let programs: Programs
    /// For results and logs.
    let directory: String

    /// Seconds a preparation may take.
    private static let preparePatience = 1800.0
    /// Seconds that connecting may take: each session of an ensemble is a write to all its disks.
    private static let connectSeconds = 120
    /// Seconds beyond a run's own plan: connecting, draining, closing.
    private static let runPatience = 150.0

    /// - Parameter singly: each znode by a transaction of its own; else many together, which is faster.
    func prepare(_ address: String, _ shape: KeyspaceShape, singly: Bool = false) throws {
        _ = try execute(
            ["prepare", "--servers", address] + (singly ? ["--singly"] : []) + Self.arguments(shape)
                + ["--limit-seconds", String(Int(Self.preparePatience) - 10)], seconds: Self.preparePatience)
    }

    /// Runs one workload.
    ///
    /// - Parameters:
    ///   - arguments: the subcommand and its options.
    ///   - addresses: `host:port`, several joined by commas.
    ///   - pids: whose processor time is wanted.
    func run(
        _ addresses: String, _ shape: KeyspaceShape, _ arguments: [String], seconds: Double, warmUp: Double,
        pids: [Int32]
    ) throws -> LoadResult {
        try execute(
            arguments + ["--servers", addresses] + Self.arguments(shape) + [
                "--seconds", String(seconds), "--warm-up", String(warmUp),
            ]
                + ["--pids", pids.map(String.init).joined(separator: ",")],
            seconds: seconds + warmUp + Self.runPatience)
    }

    /// Leaves a workload running beside others; the caller stops it.
    func start(_ address: String, _ shape: KeyspaceShape, _ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(
            [programs.loadtest] + arguments + ["--servers", address] + Self.arguments(shape),
            logFile: directory + "/background.log", directory: directory)
    }

    static func arguments(_ shape: KeyspaceShape) -> [String] {
        [
            "--znodes", String(shape.znodes), "--value-bytes", String(shape.valueBytes),
            "--connect-seconds", String(connectSeconds),
        ]
    }

    private func execute(_ arguments: [String], seconds: Double) throws -> LoadResult {
        try Interruption.check()
        let file = directory + "/result.json", log = directory + "/run.log"
        try? FileManager.default.removeItem(atPath: file)
        try? FileManager.default.removeItem(atPath: log)
        let process = try ChildProcess(
            [programs.loadtest] + arguments + ["--json", file], logFile: log, directory: directory)
        defer { process.kill() }
        let command = "loadtest " + arguments.joined(separator: " ")
        guard try process.waitForEnd(seconds: seconds) else {
            throw LabError("'\(command)' has not ended within \(Int(seconds)) s:\n\(process.logTail)")
        }
        guard process.status == 0 else { throw LabError("'\(command)' failed:\n\(process.logTail)") }
        return try JSONDecoder().decode(LoadResult.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
    }
}
