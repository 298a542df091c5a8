// What is shown while a run goes on.
import Foundation

/// The last second of a run.
struct Progress: Sendable {
    /// Since measuring began.
    var seconds: Double
    var now: CountsSample
    /// At the last call.
    var before: CountsSample
    /// The newest second whose durations are known.
    var latest: Timeline.Second?

    var text: String {
        var parts = ["\(Report.places(seconds, 0)) s", "replies \(now.replies - before.replies)"]
        if now.events > 0 { parts.append("events \(now.events - before.events)") }
        parts.append("live \(now.live)")
        if let latest {
            parts.append("p50 \(Report.places(latest.p50Us, 0)) µs  p99 \(Report.places(latest.p99Us, 0)) µs")
        }
        if now.reconnects > 0 { parts.append("connections lost \(now.reconnects)") }
        if now.lost > 0 { parts.append("requests lost \(now.lost)") }
        if now.expired > 0 { parts.append("expired \(now.expired)") }
        if now.faults > 0 { parts.append("faults \(now.faults)") }
        return parts.joined(separator: "  ")
    }
}

/// One line per second, on standard error so that the report stands alone on standard output.
func showProgress(_ progress: Progress) {
    FileHandle.standardError.write(Data((progress.text + "\n").utf8))
}
