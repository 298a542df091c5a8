// The course of a run: what the loops had counted and the servers had used, several times a second, and the latency of
// each second. Separate from the totals, which need none of it.
import Histogram

/// Samples and seconds since measuring began, in order.
struct Timeline: Sendable {
    /// Everything is counted from the beginning of the process or run: differences are taken when all is over.
    struct Sample: Sendable {
        var atNs: Int64
        var counts: CountsSample
        var usage: Usage
    }

    /// Latency of what ended in one second.
    struct Second: Codable, Sendable, Equatable {
        /// From 0.
        var second: Int
        var count: Int
        var p50Us: Double
        var p99Us: Double
        var maxUs: Double
    }

    private(set) var samples: [Sample] = []
    private(set) var seconds: [Second] = []
    /// All durations of the measurement.
    private(set) var latency = LatencyHistogram.empty
    /// Seconds whose slices have not come from every loop.
    private var open: [Int: (latency: LatencyHistogram, parts: Int)] = [:]

    static let intervalSeconds = 0.1
    /// When reached, every second sample is dropped: long runs are sampled more coarsely.
    static let sampleLimit = 3000

    /// The newest second that is complete.
    var latest: Second? { seconds.last }
    var lastSeconds: Double { Double(elapsedNs(samples.last?.atNs ?? 0)) / 1e9 }

    func elapsedNs(_ nowNs: Int64) -> Int64 { samples.first.map { nowNs - $0.atNs } ?? 0 }

    mutating func begin(nowNs: Int64, counts: CountsSample, usage: Usage) {
        samples = [Sample(atNs: nowNs, counts: counts, usage: usage)]
    }

    /// Returns whether a second has come to its end.
    mutating func add(nowNs: Int64, counts: CountsSample, usage: Usage) -> Bool {
        let before = Int(lastSeconds)
        samples.append(Sample(atNs: nowNs, counts: counts, usage: usage))
        let isWhole = Int(lastSeconds) > before
        if samples.count == Self.sampleLimit {
            samples = samples.indices.filter { $0.isMultiple(of: 2) }.map { samples[$0] }
        }
        return isWhole
    }

    /// One loop's durations of a second.
    mutating func add(second: Int, _ part: LatencyHistogram, loops: Int) {
        latency.add(part)
        var entry = open[second] ?? (.empty, 0)
        entry.latency.add(part)
        entry.parts += 1
        open[second] = entry
        if entry.parts == loops { close(second) }
    }

    /// No slice will come any more.
    mutating func end() {
        for second in open.keys.sorted() { close(second) }
        seconds.sort { $0.second < $1.second }
    }

    private mutating func close(_ second: Int) {
        guard let durations = open.removeValue(forKey: second)?.latency, durations.totalCount > 0 else { return }
        seconds.append(
            Second(
                second: second, count: Int(durations.totalCount),
                p50Us: Double(durations.valueAtPercentile(50)) / 1000,
                p99Us: Double(durations.valueAtPercentile(99)) / 1000, maxUs: Double(durations.maxRecorded) / 1000))
    }
}
