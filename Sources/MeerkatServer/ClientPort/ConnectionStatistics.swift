// What `cons` and `stat` show about a connection, and what all connections of a worker add up to.
import Jute

/// The figures of one connection.
package struct ConnectionStatistics: Sendable, Equatable {
    /// Wall clock, milliseconds.
    package var establishedMs: Int64
    package var received: Int64 = 0
    package var sent: Int64 = 0
    /// -1 before the first request.
    package var lastXid: Int32 = -1
    package var lastZxid: Int64 = 0
    /// An operation number; nil before the first request.
    package var lastOperation: Int32?
    /// Monotonic milliseconds.
    package var lastResponseMs: Int64 = 0
    package var latency = LatencySummary()

    package init(establishedMs: Int64) { self.establishedMs = establishedMs }

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
    package mutating func reset() { self = ConnectionStatistics(establishedMs: establishedMs) }
}

/// Smallest, greatest and mean of some latencies in milliseconds.
package struct LatencySummary: Sendable, Equatable {
    package private(set) var count: Int64 = 0
    package private(set) var totalMs: Int64 = 0
    package private(set) var maximumMs: Int64 = 0
    private var leastMs = Int64.max
    package private(set) var lastMs: Int64 = 0

    package init() {}

    package var minimumMs: Int64 { count == 0 ? 0 : leastMs }
    package var meanMs: Double { count == 0 ? 0 : Double(totalMs) / Double(count) }

    /// `count` requests took `ms` each.
    package mutating func record(_ ms: Int64, count: Int64 = 1) {
        self.count += count
        totalMs += ms * count
        lastMs = ms
        if ms > maximumMs { maximumMs = ms }
        if ms < leastMs { leastMs = ms }
    }

    package mutating func merge(_ other: LatencySummary) {
        count += other.count
        totalMs += other.totalMs
        maximumMs = max(maximumMs, other.maximumMs)
        leastMs = min(leastMs, other.leastMs)
    }
}

/// The counters of one worker; only its own thread touches them, a report carries a copy.
package struct WorkerCounters: Sendable, Equatable {
    package var packetsReceived: Int64 = 0
    package var packetsSent: Int64 = 0
    package var bytesReceived: Int64 = 0
    package var bytesSent: Int64 = 0
    package var connectionsAccepted: Int64 = 0
    package var watchEvents: Int64 = 0
    package var authenticationFailures: Int64 = 0
    package var turns: Int64 = 0
    package var latency = LatencySummary()
    package var closed: [CloseReason: Int64] = [:]

    package init() {}

    mutating func noteWatchEvent() {
        watchEvents += 1
        packetsSent += 1
    }

    /// `srst`: packets and latencies start over.
    package mutating func resetServerStatistics() {
        packetsReceived = 0
        packetsSent = 0
        latency = LatencySummary()
    }
}
