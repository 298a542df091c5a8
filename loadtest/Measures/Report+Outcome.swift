// From what the loops have counted to the figures of a report.
import Foundation
import Histogram

extension Report {
    init(
        workload: String, plan: SwarmPlan, outcome: SwarmOutcome, figures: [Figure] = [], complaints: [String] = []
    ) {
        let seconds = Double(outcome.elapsedNs) / 1e9
        let counts = outcome.counts
        let operations = Double(max(1, outcome.operations))
        self.workload = workload
        command = CommandLine.arguments.joined(separator: " ")
        machine = .current
        date = ISO8601DateFormatter().string(from: Date())
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
        let isFromDueTime = plan.rate != nil
        latency = Latency(of: outcome.subject.rawValue, outcome.latency, isFromDueTime: isFromDueTime)
        latencies = outcome.timings.map { Latency(of: $0.name, $0.durations, isFromDueTime: isFromDueTime) }
        self.figures = figures
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
        sessionsExpired = counts.expired
        faults = counts.faults + complaints.count
        self.complaints = complaints + outcome.complaints.lines
        course = Course(outcome.timeline)
    }
}

extension SwarmOutcome {
    /// What processor time is divided by.
    var operations: Int {
        switch subject {
        case .requests: counts.replies
        case .notifications: counts.events
        case .pings, .handshakes, .rereads, .returns: Int(latency.totalCount)
        }
    }
}

extension Report.Latency {
    init(of name: String, _ durations: LatencyHistogram, isFromDueTime: Bool) {
        func us(_ percentile: Double) -> Double { Double(durations.valueAtPercentile(percentile)) / 1000 }
        of = name
        count = Int(durations.totalCount)
        let isEmpty = durations.totalCount == 0
        meanUs = isEmpty ? 0 : durations.mean / 1000
        p50Us = isEmpty ? 0 : us(50)
        p90Us = isEmpty ? 0 : us(90)
        p99Us = isEmpty ? 0 : us(99)
        p999Us = isEmpty ? 0 : us(99.9)
        maxUs = isEmpty ? 0 : Double(durations.maxRecorded) / 1000
        self.isFromDueTime = isFromDueTime
        curve = Report.Curve(durations)
    }
}

extension Report.Curve {
    /// Some points each time the remainder up to 100 % halves, and no finer than the count supports.
    init(_ durations: LatencyHistogram) {
        percentiles = []
        us = []
        guard durations.totalCount > 0 else { return }
        percentiles = Self.percentiles(count: Int(durations.totalCount))
        us = percentiles.dropLast().map { Double(durations.valueAtPercentile($0)) / 1000 }
        us.append(Double(durations.maxRecorded) / 1000)
    }

    /// Those of `count` durations, at least one; the last, still below 100, is that of the longest.
    public static func percentiles(count: Int) -> [Double] {
        let steps = Int(log2(Double(count)) * pointsPerHalving)
        let last = 100 * (1 - 1 / Double(count + 1))
        return (0...steps).map { step -> Double in 100 * (1 - exp2(-Double(step) / pointsPerHalving)) } + [last]
    }

    private static var pointsPerHalving: Double { 8 }
}
