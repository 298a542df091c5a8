// The result of a run for people and for programs. Separate so that both show the same figures.
import Foundation
import Histogram

/// Figures of one run. Property names are the keys of the JSON form.
struct Report: Codable, Sendable {
    struct Latency: Codable, Sendable {
        /// What was timed: requests, pings, handshakes or notifications.
        var of: String
        var count: Int
        var meanUs: Double
        var p50Us: Double
        var p90Us: Double
        var p99Us: Double
        var p999Us: Double
        var maxUs: Double
        /// Latencies count from when a request was due, not from when it could be sent.
        var isFromDueTime: Bool
    }

    struct Server: Codable, Sendable {
        var pid: Int
        var cpuSeconds: Double
        /// Per reply; per notification, ping or handshake where those are what the run times.
        var cpuUsPerOperation: Double
        var residentMiB: Double
        var peakResidentMiB: Double
    }

    var workload: String
    var servers: [String]
    var sessions: Int
    var outstanding: Int
    var znodes: Int
    var valueBytes: Int
    var check: String
    var targetRate: Double?
    var seconds: Double
    var replies: Int
    var repliesPerSecond: Double
    var events: Int
    var eventsPerSecond: Double
    var handshakes: Int
    var latency: Latency
    var generatorCpuSeconds: Double
    var generatorCpuUsPerOperation: Double
    var serverUsage: [Server]
    /// Growth of the servers' resident memory since before the first connect, divided by the sessions.
    var residentKiBPerSession: Double
    var requestsLost: Int
    var reconnects: Int
    var faults: Int
    var complaints: [String]

    init(workload: String, plan: SwarmPlan, outcome: SwarmOutcome) {
        let seconds = Double(outcome.elapsedNs) / 1e9
        let counts = outcome.counts
        let operations = Double(max(1, outcome.operations))
        self.workload = workload
        servers = plan.endpoints.map(\.description)
        sessions = plan.sessions
        outstanding = plan.outstanding
        znodes = plan.shape.znodes
        valueBytes = plan.shape.valueBytes
        check = plan.check.rawValue
        targetRate = plan.rate
        self.seconds = seconds
        replies = counts.replies
        repliesPerSecond = Double(counts.replies) / seconds
        events = counts.events
        eventsPerSecond = Double(counts.events) / seconds
        handshakes = outcome.handshakes
        latency = Latency(outcome, isFromDueTime: plan.rate != nil && !plan.workloadPacesItself)
        generatorCpuSeconds = Double(outcome.generatorCpuNs) / 1e9
        generatorCpuUsPerOperation = Double(outcome.generatorCpuNs) / 1000 / operations
        serverUsage = outcome.servers.map { server in
            Server(
                pid: Int(server.pid), cpuSeconds: Double(server.cpuNs) / 1e9,
                cpuUsPerOperation: Double(server.cpuNs) / 1000 / operations,
                residentMiB: Double(server.residentBytes) / 1_048_576,
                peakResidentMiB: Double(server.peakResidentBytes) / 1_048_576)
        }
        residentKiBPerSession = Double(outcome.residentGrowth) / 1024 / Double(plan.sessions)
        requestsLost = counts.lost
        reconnects = counts.reconnects
        faults = counts.faults
        complaints = outcome.complaints
    }

    /// Several lines for a terminal.
    var text: String {
        var lines = [
            "\(workload)  \(servers.joined(separator: ","))  sessions \(sessions)  outstanding \(outstanding)"
                + "  znodes \(znodes)  value \(valueBytes) B  check \(check)",
            "replies     \(replies) in \(Self.places(seconds, 2)) s = \(Self.places(repliesPerSecond, 0)) /s"
                + (targetRate.map { " (asked for \(Self.places($0, 0)) /s)" } ?? ""),
        ]
        if events > 0 { lines.append("events      \(events) = \(Self.places(eventsPerSecond, 0)) /s") }
        if handshakes > sessions { lines.append("handshakes  \(handshakes) in the whole run") }
        lines.append(latency.text)
        for server in serverUsage {
            lines.append(
                "server      pid \(server.pid)  CPU \(Self.places(server.cpuSeconds, 2)) s"
                    + "  \(Self.places(server.cpuUsPerOperation, 3)) µs/op"
                    + "  RSS \(Self.places(server.residentMiB, 1)) MiB"
                    + "  peak \(Self.places(server.peakResidentMiB, 1)) MiB")
        }
        if workload == WorkloadName.idle.rawValue, !serverUsage.isEmpty {
            lines.append("per session \(Self.places(residentKiBPerSession, 1)) KiB more RSS than before connecting")
        }
        lines.append(
            "generator   CPU \(Self.places(generatorCpuSeconds, 2)) s"
                + "  \(Self.places(generatorCpuUsPerOperation, 3)) µs/op")
        if requestsLost + reconnects + faults > 0 {
            lines.append("trouble     faults \(faults)  reconnects \(reconnects)  requests lost \(requestsLost)")
        }
        lines += complaints.map { "            \($0)" }
        return lines.joined(separator: "\n")
    }

    /// Pretty-printed, keys sorted, so that two runs can be compared as text.
    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    static func places(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }
}

extension SwarmOutcome {
    /// What processor time is divided by.
    var operations: Int {
        switch subject {
        case .requests: counts.replies
        case .notifications: counts.events
        case .pings, .handshakes: Int(latency.totalCount)
        }
    }
}

extension Report.Latency {
    init(_ outcome: SwarmOutcome, isFromDueTime: Bool) {
        let latency = outcome.latency
        func us(_ percentile: Double) -> Double { Double(latency.valueAtPercentile(percentile)) / 1000 }
        of = outcome.subject.rawValue
        count = Int(latency.totalCount)
        let isEmpty = latency.totalCount == 0
        meanUs = isEmpty ? 0 : latency.mean / 1000
        p50Us = isEmpty ? 0 : us(50)
        p90Us = isEmpty ? 0 : us(90)
        p99Us = isEmpty ? 0 : us(99)
        p999Us = isEmpty ? 0 : us(99.9)
        maxUs = isEmpty ? 0 : Double(latency.maxRecorded) / 1000
        self.isFromDueTime = isFromDueTime
    }

    var text: String {
        guard count > 0 else { return "latency     no \(of) were timed" }
        let figures = [
            ("mean", meanUs), ("p50", p50Us), ("p90", p90Us), ("p99", p99Us), ("p99.9", p999Us), ("max", maxUs),
        ]
        return "latency µs  " + figures.map { "\($0.0) \(Report.places($0.1, 0))" }.joined(separator: "  ")
            + "  of \(count) \(of)" + (isFromDueTime ? ", from when due" : "")
    }
}
