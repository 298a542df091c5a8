// What `cons` and `stat` show about a connection, and what all connections of a worker add up to.
import Jute

/// The figures of one connection.
public struct ConnectionStatistics: Sendable, Equatable {
    /// Wall clock, milliseconds.
    public var establishedMs: Int64
    public var received: Int64 = 0
    public var sent: Int64 = 0
    /// -1 before the first request.
    public var lastXid: Int32 = -1
    public var lastZxid: Int64 = 0
    /// An operation number; nil before the first request.
    public var lastOperation: Int32?
    /// Monotonic milliseconds.
    public var lastResponseMs: Int64 = 0
    public var latency = LatencySummary()

    public init(establishedMs: Int64) { self.establishedMs = establishedMs }

    /// A run of reads was answered at once.
    mutating func noteReads(
        _ count: Int64, lastXid: Int32, operation: Int32, zxid: Int64, latencyMs: Int64, nowMs: Int64
    ) {
        received += count
        sent += count
        self.lastXid = lastXid
        lastOperation = operation
        lastZxid = zxid
        lastResponseMs = nowMs
        latency.record(latencyMs, count: count)
    }

    /// `crst`: as if the connection were new, but for when it began.
    public mutating func reset() { self = ConnectionStatistics(establishedMs: establishedMs) }
}

/// Smallest, greatest and mean of some latencies in milliseconds.
public struct LatencySummary: Sendable, Equatable {
    public private(set) var count: Int64 = 0
    public private(set) var totalMs: Int64 = 0
    public private(set) var maximumMs: Int64 = 0
    private var leastMs = Int64.max
    public private(set) var lastMs: Int64 = 0

    public init() {}

    public var minimumMs: Int64 { count == 0 ? 0 : leastMs }
    public var meanMs: Double { count == 0 ? 0 : Double(totalMs) / Double(count) }

    /// `count` requests took `ms` each.
    public mutating func record(_ ms: Int64, count: Int64 = 1) {
        self.count += count
        totalMs += ms * count
        lastMs = ms
        if ms > maximumMs { maximumMs = ms }
        if ms < leastMs { leastMs = ms }
    }

    public mutating func merge(_ other: LatencySummary) {
        count += other.count
        totalMs += other.totalMs
        maximumMs = max(maximumMs, other.maximumMs)
        leastMs = min(leastMs, other.leastMs)
    }
}

/// The counters of one worker; only its own thread touches them, a report carries a copy.
public struct WorkerCounters: Sendable, Equatable {
    public var packetsReceived: Int64 = 0
    public var packetsSent: Int64 = 0
    public var bytesReceived: Int64 = 0
    public var bytesSent: Int64 = 0
    public var connectionsAccepted: Int64 = 0
    public var watchEvents: Int64 = 0
    public var authenticationFailures: Int64 = 0
    public var turns: Int64 = 0
    public var latency = LatencySummary()
    public var closed: [CloseReason: Int64] = [:]

    public init() {}

    mutating func noteWatchEvent() {
        watchEvents += 1
        packetsSent += 1
    }

    /// `srst`: packets and latencies start over.
    public mutating func resetServerStatistics() {
        packetsReceived = 0
        packetsSent = 0
        latency = LatencySummary()
    }
}
