// Options that 'run' and 'prepare' share.
import ArgumentParser
import Foundation

struct TargetOptions: ParsableArguments {
    @Option(help: "Comma-separated host:port list; sessions are spread over it in turn.")
    var servers: String

    @Flag(help: "Permit targets that are not on this machine's loopback.")
    var allowRemote = false

    @Option(help: "Sessions, each with a connection of its own.")
    var connections = 16

    @Option(help: "Requests under way per session.")
    var outstanding = 64

    @Option(help: "Znodes, in groups of 100 below /loadtest.")
    var znodes = 1000

    @Option(help: "Data bytes of each znode.")
    var valueBytes = 100

    @Option(help: "Session timeout asked for, in milliseconds.")
    var timeoutMs = 30_000

    @Option(help: "Seconds that connecting may take (default: 10 and one more per 500 sessions).")
    var connectSeconds: Double?

    @Option(help: "Comma-separated process ids whose CPU time and memory are reported.")
    var pids: String?

    @Option(help: "Also write the result to this file, as JSON.")
    var json: String?

    @Option(help: "Also write the result to this file, as one HTML page with plots.")
    var html: String?

    func validate() throws {
        try Self.require(connections, in: 1...200_000, "--connections")
        try Self.require(outstanding, in: 1...65_536, "--outstanding")
        try Self.require(znodes, in: 1...KeyspaceShape.maximumZnodes, "--znodes")
        try Self.require(valueBytes, in: 0...KeyspaceShape.maximumValueBytes, "--value-bytes")
        try Self.require(timeoutMs, in: 1...3_600_000, "--timeout-ms")
        if let connectSeconds { try Self.require(connectSeconds, in: 0.1...3600, "--connect-seconds") }
        _ = try Endpoint.list(servers, allowRemote: allowRemote)
        _ = try processIDs()
    }

    static func write(_ data: Data, to path: String) throws {
        do {
            try data.write(to: URL(fileURLWithPath: path))
        } catch {
            throw SwarmError("cannot write \(path): \(error.localizedDescription)")
        }
    }

    static func require<Value: Comparable>(_ value: Value, in range: ClosedRange<Value>, _ name: String) throws {
        guard range.contains(value) else {
            throw ValidationError("\(name) \(value) is outside \(range.lowerBound) ... \(range.upperBound)")
        }
    }

    private func processIDs() throws -> [Int32] {
        try (pids ?? "").split(separator: ",").map { text in
            guard let pid = Int32(text), pid > 0 else { throw ValidationError("'\(text)' is not a process id") }
            guard ServerUsage(pid: pid) != nil else { throw ValidationError("there is no process \(pid)") }
            return pid
        }
    }

    /// A closed load without a time limit of its own; the caller sets the rest.
    func plan() throws -> SwarmPlan {
        SwarmPlan(
            endpoints: try Endpoint.list(servers, allowRemote: allowRemote), loops: 1, sessions: connections,
            outstanding: outstanding, timeoutMs: Int32(timeoutMs),
            shape: KeyspaceShape(znodes: znodes, valueBytes: valueBytes), check: .content, rate: nil,
            warmUpSeconds: 0, seconds: 1, connectSeconds: connectSeconds ?? 10 + Double(connections) / 500,
            pids: try processIDs())
    }

    /// Prints the report, writes the JSON form where asked, and fails the process when the run was not clean.
    func publish(_ report: Report) throws {
        print(report.text)
        if let json { try Self.write(try report.json(), to: json) }
        if let html {
            let run = HTMLReport.Run(label: report.workload, report: report)
            try Self.write(Data(HTMLReport(runs: [run]).html.utf8), to: html)
        }
        if report.faults > 0 { throw ExitCode.failure }
    }
}
