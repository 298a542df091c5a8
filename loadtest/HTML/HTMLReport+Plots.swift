// Which plots a page has. Separate from the page: these are choices of what to show of a run.

extension HTMLReport {
    /// Those with something to show.
    var plots: [Plot] {
        [percentiles, throughput, latencyPerSecond, processors, memory, live].compactMap { $0 }
    }

    private func plot(
        _ title: String, _ xTitle: String, _ yTitle: String, _ lines: [PlotLine], x: Axis? = nil,
        y: ([Double]) -> Axis
    ) -> Plot? {
        let points = lines.flatMap(\.points)
        let values = points.compactMap(\.y)
        guard !values.isEmpty else { return nil }
        let end = runs.compactMap(\.report.course.seconds.last).max() ?? 0
        return Plot(
            title: title, xTitle: xTitle, yTitle: yTitle,
            x: x ?? .span(0...max(end, 0.1), label: AxisLabel.short), y: y(values), lines: lines)
    }

    private static func countAxis(_ values: [Double]) -> Axis { .linear(to: values.max() ?? 1, label: AxisLabel.count) }

    private static func durationAxis(_ values: [Double]) -> Axis {
        .logarithmic(around: values) { AxisLabel.duration(us: $0) }
    }

    /// Run and line, or the line alone when there is one run.
    private func label(_ run: Run, _ line: String) -> String {
        runs.count == 1 ? line : line.isEmpty ? run.label : "\(run.label), \(line)"
    }

    private var percentiles: Plot? {
        var lines: [PlotLine] = []
        for (index, run) in runs.enumerated() {
            let shown = runs.count == 1 ? [run.report.latency] + run.report.latencies : [run.report.latency]
            for (number, latency) in shown.enumerated() where latency.count > 0 {
                let points = zip(latency.curve.percentiles, latency.curve.us).map { (x: $0, y: Double?($1)) }
                lines.append(
                    PlotLine(
                        label: label(run, runs.count == 1 ? latency.of : ""), points: points, colour: index + number))
            }
        }
        let highest = lines.flatMap(\.points).map(\.x).max() ?? 99
        return plot(
            "Latency by percentile", "percentile (logarithmic in what remains)", "latency", lines,
            x: .percentile(to: highest), y: Self.durationAxis)
    }

    private var throughput: Plot? {
        var lines: [PlotLine] = []
        for (index, run) in runs.enumerated() {
            let course = run.report.course
            let replies = zip(course.seconds, course.repliesPerSecond).map { (x: $0, y: Double?($1)) }
            lines.append(
                PlotLine(
                    label: label(run, runs.count == 1 || run.report.events > 0 ? "replies" : ""), points: replies,
                    colour: index))
            guard run.report.events > 0 else { continue }
            let events = zip(course.seconds, course.eventsPerSecond).map { (x: $0, y: Double?($1)) }
            lines.append(
                PlotLine(
                    label: label(run, "notifications"), points: events, colour: runs.count == 1 ? 1 : index,
                    isDashed: true))
        }
        return plot("Throughput", "time (s)", "operations per second", lines, y: Self.countAxis)
    }

    private var latencyPerSecond: Plot? {
        var lines: [PlotLine] = []
        for (index, run) in runs.enumerated() {
            let seconds = run.report.course.latency
            guard seconds.count > 1 else { continue }
            let median = seconds.map { (x: Double($0.second) + 0.5, y: Double?($0.p50Us)) }
            let tail = seconds.map { (x: Double($0.second) + 0.5, y: Double?($0.p99Us)) }
            lines.append(PlotLine(label: label(run, "p50"), points: median, colour: index))
            lines.append(PlotLine(label: label(run, "p99"), points: tail, colour: index, isDashed: true))
        }
        return plot(
            "Latency of each second (\(runs[0].report.latency.of))", "time (s)", "latency", lines, y: Self.durationAxis)
    }

    private var processors: Plot? {
        var lines = serverLines { $0.cpuPercent }
        if runs.count == 1, let course = runs.first?.report.course {
            let own = zip(course.seconds, course.generatorCpuPercent).map { (x: $0, y: Double?($1)) }
            lines.append(PlotLine(label: "generator", points: own, colour: 7, isDashed: true))
        }
        return plot("Processor time", "time (s)", "% of one core", lines, y: Self.countAxis)
    }

    private var memory: Plot? {
        plot("Resident memory", "time (s)", "MiB", serverLines { $0.residentMiB }, y: Self.countAxis)
    }

    /// One line per server; of several runs one line each, the sum of its servers.
    private func serverLines(_ column: (Course.Server) -> [Double?]) -> [PlotLine] {
        var lines: [PlotLine] = []
        for (index, run) in runs.enumerated() {
            let (seconds, columns) = (run.report.course.seconds, run.report.course.servers.map(column))
            if runs.count == 1 {
                for (number, values) in columns.enumerated() {
                    let label = "server \(number + 1), process \(run.report.course.servers[number].pid)"
                    lines.append(
                        PlotLine(label: label, points: zip(seconds, values).map { (x: $0, y: $1) }, colour: number))
                }
            } else if !columns.isEmpty {
                let sums = seconds.indices.map { at in columns.compactMap { $0[at] }.reduce(0, +) }
                lines.append(
                    PlotLine(label: run.label, points: zip(seconds, sums).map { (x: $0, y: $1) }, colour: index))
            }
        }
        return lines
    }

    /// Only where sessions come and go.
    private var live: Plot? {
        let lines = runs.enumerated().compactMap { index, run -> PlotLine? in
            let course = run.report.course
            guard Set(course.liveSessions).count > 1 else { return nil }
            let points = zip(course.seconds, course.liveSessions).map { (x: $0, y: Double?(Double($1))) }
            return PlotLine(
                label: label(run, runs.count == 1 ? "live sessions" : ""), points: points, colour: index,
                isStepped: true)
        }
        return plot("Live sessions", "time (s)", "sessions", lines, y: Self.countAxis)
    }
}
