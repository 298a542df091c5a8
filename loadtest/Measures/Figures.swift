// The figures that only some workloads have, from what their loops share. Separate: the workloads do not know reports.
import Histogram
import Synchronization

extension HerdBoard {
    /// - Parameter returns: time from the break until a session was back.
    func figures(_ returns: LatencyHistogram) -> [Report.Figure] {
        let brokenNs = brokenNs.load(ordering: .relaxed), back = back.load(ordering: .relaxed)
        let first = Double(firstBackNs.load(ordering: .relaxed) - brokenNs) / 1e9
        let last = Double(lastBackNs.load(ordering: .relaxed) - brokenNs) / 1e9
        var figures = [
            Report.Figure(
                name: "sessions that lost their connection", value: Double(gone.load(ordering: .relaxed)), unit: ""),
            Report.Figure(name: "sessions back", value: Double(back), unit: ""),
            Report.Figure(name: "sessions expired", value: Double(renewed.load(ordering: .relaxed)), unit: ""),
        ]
        guard back > 0 else { return figures }
        figures += [
            Report.Figure(
                name: "back per second, from the break to the last", value: Double(back) / last, unit: "/s",
                isHeadline: true),
            Report.Figure(name: "first back after", value: first * 1000, unit: "ms"),
            Report.Figure(name: "median back after", value: Double(returns.valueAtPercentile(50)) / 1e6, unit: "ms"),
            Report.Figure(name: "last back after", value: last * 1000, unit: "ms"),
        ]
        if back > 1, last > first {
            let rate = Double(back - 1) / (last - first)
            figures.append(Report.Figure(name: "back per second, from the first to the last", value: rate, unit: "/s"))
        }
        return figures
    }
}

extension WriteLedger {
    var figures: [Report.Figure] {
        let records = records.withLock { $0 }
        let acknowledged = records.reduce(0) { $0 + $1.acknowledgements }
        let unknown = records.reduce(0) { $0 + $1.unknown + $1.unanswered }
        return reads.withLock { $0.figures("reads") } + writes.withLock { $0.figures("writes") } + [
            Report.Figure(name: "writes acknowledged", value: Double(acknowledged), unit: ""),
            Report.Figure(name: "writes of unknown outcome", value: Double(unknown), unit: ""),
            Report.Figure(name: "requests refused", value: Double(refused.load(ordering: .relaxed)), unit: ""),
            Report.Figure(
                name: "writers that miss an acknowledged write", value: Double(findings.withLock { $0.count }), unit: ""
            ),
        ]
    }
}

extension Gaps {
    func figures(_ what: String) -> [Report.Figure] {
        [
            Report.Figure(
                name: "longest time without successful \(what)", value: Double(longestNs) / 1e6, unit: "ms",
                isHeadline: true),
            Report.Figure(
                name: "longest time between \(what) of one session", value: Double(worstSessionNs) / 1e6, unit: "ms"),
            Report.Figure(
                name: "the same for the median session, \(what)", value: Double(medianSessionNs) / 1e6, unit: "ms"),
        ]
    }
}
