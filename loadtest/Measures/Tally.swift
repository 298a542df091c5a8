// What one loop counts. Separate from the workloads, which only decide what is worth timing.
import Histogram
import Synchronization

/// The thing whose duration a run reports.
enum LatencySubject: String, Sendable {
    case requests, pings, handshakes
    /// From the sending of a change.
    case notifications
    /// From the sending of a change until a watcher, told of it, has read the new value.
    case rereads
    /// From the break of a connection until its session is back.
    case returns
}

/// Counts that other threads may watch while they grow; each is written by one loop only, and by its owner only, so
/// relaxed order is enough.
final class LiveCounts: Sendable {
    let replies = Atomic<Int>(0)
    let events = Atomic<Int>(0)
    let live = Atomic<Int>(0)
    let lost = Atomic<Int>(0)
    let faults = Atomic<Int>(0)
    let reconnects = Atomic<Int>(0)
    let expired = Atomic<Int>(0)
}

/// Counts and durations of one loop; own loop only. Durations of replies that arrive together and started together are
/// recorded in one step.
struct Tally {
    let subject: LatencySubject
    private(set) var replies = 0
    private(set) var events = 0
    private(set) var handshakes = 0
    private(set) var pings = 0
    private(set) var latency = LatencyHistogram.empty
    private var isMeasuring = false
    private var runStartNs: Int64 = 0
    private var runLength: UInt64 = 0

    init(subject: LatencySubject) { self.subject = subject }

    /// Durations from here on belong to the measurement.
    mutating func startMeasuring() {
        latency.reset()
        runLength = 0
        isMeasuring = true
    }

    mutating func stopMeasuring() { isMeasuring = false }

    /// The durations since the last call; further ones are recorded anew.
    mutating func takeSlice() -> LatencyHistogram {
        let slice = latency
        latency = .empty
        return slice
    }

    @inline(__always) mutating func replied(_ request: PendingRequest, nowNs: Int64) {
        replies += 1
        guard isMeasuring, subject == .requests else { return }
        if request.startNs == runStartNs, runLength > 0 {
            runLength += 1
        } else {
            endRun(nowNs: nowNs)
            runStartNs = request.startNs
            runLength = 1
        }
    }

    /// Records the replies of this wake-up that started together. Call when a batch has been taken.
    mutating func endRun(nowNs: Int64) {
        guard runLength > 0 else { return }
        record(nowNs - runStartNs, count: runLength)
        runLength = 0
    }

    mutating func notified(causeNs: Int64?, nowNs: Int64) {
        events += 1
        if subject == .notifications, isMeasuring, let causeNs { record(nowNs - causeNs, count: 1) }
    }

    /// Something that the workload follows has come to its end.
    mutating func settled(causeNs: Int64, nowNs: Int64) {
        if isMeasuring { record(nowNs - causeNs, count: 1) }
    }

    mutating func pinged(sentNs: Int64, nowNs: Int64) {
        pings += 1
        if subject == .pings, isMeasuring { record(nowNs - sentNs, count: 1) }
    }

    mutating func greeted(beganNs: Int64, nowNs: Int64) {
        handshakes += 1
        if subject == .handshakes, isMeasuring { record(nowNs - beganNs, count: 1) }
    }

    private mutating func record(_ durationNs: Int64, count: UInt64) {
        latency.record(durationNs: durationNs, count: count)
    }
}
