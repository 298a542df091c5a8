// The result of a run for a terminal.
import Foundation

extension Report {
    /// Several lines.
    var text: String {
        var lines = [
            "\(workload)  \(servers.joined(separator: ","))  sessions \(sessions)  outstanding \(outstanding)"
                + "  znodes \(znodes)  value \(valueBytes) B  check \(check)",
            "replies     \(replies) in \(Self.places(seconds, 2)) s = \(Self.places(repliesPerSecond, 0)) /s"
                + (targetRate.map { " (asked for \(Self.places($0, 0)) /s)" } ?? ""),
        ]
        if events > 0 { lines.append("events      \(events) = \(Self.places(eventsPerSecond, 0)) /s") }
        if handshakes > sessions { lines.append("handshakes  \(handshakes) in the whole run") }
        lines += figures.map { "figure      \($0.name): \($0.text)" }
        lines += ([latency] + latencies).map(\.text)
        lines.append("            \(latencyNote)")
        lines += serverUsage.map(\.text)
        if workload == WorkloadName.idle.rawValue, !serverUsage.isEmpty {
            lines.append("per session \(Self.places(residentKiBPerSession, 1)) KiB more RSS than before connecting")
        }
        lines.append(
            "generator   CPU \(Self.places(generatorCpuSeconds, 2)) s"
                + "  \(Self.places(generatorCpuUsPerOperation, 3)) µs/op")
        if requestsLost + reconnects + faults > 0 {
            lines.append(
                "trouble     faults \(faults)  connections lost \(reconnects)  sessions expired \(sessionsExpired)"
                    + "  requests lost \(requestsLost)")
        }
        lines += complaints.map { "            \($0)" }
        return lines.joined(separator: "\n")
    }

    /// How the latencies are to be read.
    var latencyNote: String {
        latency.isFromDueTime
            ? "open load: latency counts from when each operation was due (corrected for coordinated omission)"
            : "closed load: each operation waits for those before it, latency counts from its sending"
    }

    static func places(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }
}

extension Report.Figure {
    /// Without the name.
    var text: String {
        let isWhole = value == value.rounded() && abs(value) < 1e15
        return Report.places(value, isWhole ? 0 : abs(value) < 10 ? 3 : 1) + (unit.isEmpty ? "" : " \(unit)")
    }
}

extension Report.Server {
    var text: String {
        "server      pid \(pid)  CPU \(Report.places(cpuSeconds, 2)) s  \(Report.places(cpuUsPerOperation, 3)) µs/op"
            + "  RSS \(Report.places(residentMiB, 1)) MiB  peak \(Report.places(peakResidentMiB, 1)) MiB"
    }
}

extension Report.Latency {
    /// Name and value in microseconds, in the order in which they are shown.
    var columns: [(name: String, us: Double)] {
        [("mean", meanUs), ("p50", p50Us), ("p90", p90Us), ("p99", p99Us), ("p99.9", p999Us), ("max", maxUs)]
    }

    var text: String {
        guard count > 0 else { return "latency     no \(of) were timed" }
        return "latency µs  " + columns.map { "\($0.name) \(Report.places($0.us, 0))" }.joined(separator: "  ")
            + "  of \(count) \(of)"
    }
}
