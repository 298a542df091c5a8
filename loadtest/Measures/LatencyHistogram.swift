// Durations and how they are recorded. Separate from the tally: workloads time things of their own.
import Histogram

/// Durations in nanoseconds, to three digits.
typealias LatencyHistogram = Histogram<UInt64>

extension Histogram<UInt64> {
    /// Longer durations count as this long.
    static var longestNs: UInt64 { 600_000_000_000 }

    static var empty: LatencyHistogram {
        LatencyHistogram(highestTrackableValue: longestNs, numberOfSignificantValueDigits: .three)
    }

    /// A duration that the clock could not tell from nothing counts as 1 ns: 0 is below what the histogram tells apart.
    mutating func record(durationNs: Int64, count: UInt64 = 1) {
        _ = record(Swift.min(Self.longestNs, UInt64(Swift.max(1, durationNs))), count: count)
    }
}

/// Durations of one kind, beside the subject of the run.
struct Timing: Sendable {
    /// What was timed; the same on all loops.
    let name: String
    private(set) var durations = LatencyHistogram.empty

    init(_ name: String) { self.name = name }

    mutating func record(fromNs: Int64, toNs: Int64) { durations.record(durationNs: toNs - fromNs) }

    mutating func reset() { durations.reset() }

    /// Those of several loops together, by name, in the order in which names first occur.
    static func merged(_ parts: [Timing]) -> [Timing] {
        var whole: [Timing] = []
        for part in parts {
            if let index = whole.firstIndex(where: { $0.name == part.name }) {
                whole[index].durations.add(part.durations)
            } else {
                whole.append(part)
            }
        }
        return whole
    }
}
