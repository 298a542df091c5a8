// The result of a run, for programs: what stands in the JSON form, and what text and HTML are made from.
import Foundation

/// Figures of one run. Property names are the keys of the JSON form.
public struct Report: Codable, Sendable {
    struct Latency: Codable, Sendable {
        /// What was timed: requests, notifications, handshakes and so on.
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
        var curve: Curve
    }

    /// The distribution of a latency, finer towards its end: `us[i]` is not exceeded by `percentiles[i]` of 100.
    public struct Curve: Codable, Sendable, Equatable {
        var percentiles: [Double]
        var us: [Double]
    }

    struct Server: Codable, Sendable {
        var pid: Int
        var cpuSeconds: Double
        /// Per reply; per notification, ping or handshake where those are what the run times.
        var cpuUsPerOperation: Double
        var residentMiB: Double
        var peakResidentMiB: Double
    }

    /// A figure of one workload only.
    struct Figure: Codable, Sendable, Equatable {
        var name: String
        var value: Double
        /// Empty for counts.
        var unit: String
        /// What the workload is run for.
        var isHeadline = false
    }

    var workload: String
    /// As it was typed.
    var command: String
    var machine: Machine
    /// When measuring ended: ISO 8601, UTC.
    var date: String
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
    /// What the workload times beside that.
    var latencies: [Latency]
    var figures: [Figure]
    var generatorCpuSeconds: Double
    var generatorCpuUsPerOperation: Double
    var serverUsage: [Server]
    /// Growth of the servers' resident memory since before the first connect, divided by the sessions.
    var residentKiBPerSession: Double
    var requestsLost: Int
    var reconnects: Int
    var sessionsExpired: Int
    var faults: Int
    var complaints: [String]
    var course: Course

    /// Pretty-printed, keys sorted, so that two runs can be compared as text.
    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}
