// One page about one run or several: self-contained, nothing is fetched when it is read.
import Foundation

/// Header, tables and plots.
struct HTMLReport: Sendable {
    struct Run: Sendable {
        /// What tells it from the others.
        var label: String
        var report: Report
    }

    /// At least one.
    let runs: [Run]

    var html: String {
        let title = "loadtest: " + unique(runs.map(\.report.workload)).joined(separator: ", ")
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>\(HTMLText.escaped(title))</title><style>\(Self.style)</style></head><body>
            <h1>\(HTMLText.escaped(title))</h1>
            <dl>\(facts)</dl>
            \(tiles)
            <section class="plots">\(plots.map(\.html).joined(separator: "\n"))</section>
            <h2>Figures</h2>
            \(figureTable)
            <h2>Latency in microseconds</h2>
            \(latencyTable)
            <p class="note">\(unique(runs.map(\.report.latencyNote)).map(HTMLText.escaped).joined(separator: "<br>"))</p>
            \(trouble)
            </body></html>

            """
    }

    private func unique(_ texts: [String]) -> [String] {
        texts.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    // MARK: Header

    private var facts: String {
        var rows: [(String, String)] = []
        for run in runs {
            let name = runs.count == 1 ? "Command" : run.label
            rows.append((name, "<code>\(HTMLText.escaped(run.report.command))</code>"))
        }
        rows.append(
            ("Machine", unique(runs.map { HTMLText.escaped($0.report.machine.text) }).joined(separator: "<br>")))
        rows.append(("Date", unique(runs.map(\.report.date)).joined(separator: ", ")))
        return rows.map { "<dt>\(HTMLText.escaped($0.0))</dt><dd>\($0.1)</dd>" }.joined(separator: "\n")
    }

    /// The figures to see first; only for a page about one run.
    private var tiles: String {
        guard runs.count == 1 else { return "" }
        let report = runs[0].report, latency = report.latency
        var tiles = report.figures.filter(\.isHeadline).map { figure in
            (
                figure.name,
                figure.unit == "ms" ? AxisLabel.duration(us: figure.value * 1000) : AxisLabel.count(figure.value)
            )
        }
        if report.events > 0 { tiles.append(("notifications per second", AxisLabel.count(report.eventsPerSecond))) }
        if tiles.isEmpty { tiles = [("replies per second", AxisLabel.count(report.repliesPerSecond))] }
        if latency.count > 0 {
            tiles.append(("median, \(latency.of)", AxisLabel.duration(us: latency.p50Us)))
            tiles.append(("99 %, \(latency.of)", AxisLabel.duration(us: latency.p99Us)))
        }
        for (index, server) in report.serverUsage.enumerated() {
            let name = report.serverUsage.count == 1 ? "server" : "server \(index + 1)"
            tiles.append(("CPU per operation, \(name)", AxisLabel.duration(us: server.cpuUsPerOperation)))
            tiles.append(("resident, \(name)", "\(AxisLabel.short(server.residentMiB)) MiB"))
        }
        tiles.append(("faults", "\(report.faults)"))
        let cells = tiles.map { "<div><b>\($0.1)</b><span>\(HTMLText.escaped($0.0))</span></div>" }
        return "<section class=\"tiles\">\(cells.joined())</section>"
    }

    // MARK: Tables

    private func table(head: [String], rows: [[String]]) -> String {
        let header = head.map { "<th>\(HTMLText.escaped($0))</th>" }.joined()
        let body = rows.map { row in
            "<tr>"
                + row.enumerated().map {
                    "<\($0 == 0 ? "th" : "td")>\(HTMLText.escaped($1))</\($0 == 0 ? "th" : "td")>"
                }
                .joined() + "</tr>"
        }
        return
            "<div class=\"scroll\"><table><thead><tr>\(header)</tr></thead><tbody>\(body.joined())</tbody></table></div>"
    }

    private var figureTable: String {
        let columns = runs.map { Self.figures($0.report) }
        let names = unique(columns.flatMap { $0.map(\.name) })
        let rows = names.map { name in
            [name] + columns.map { column in column.first { $0.name == name }?.value ?? "" }
        }
        return table(head: [""] + runs.map(\.label), rows: rows)
    }

    private static func figures(_ report: Report) -> [(name: String, value: String)] {
        var rows: [(String, String)] = [
            ("servers", report.servers.joined(separator: ", ")), ("sessions", "\(report.sessions)"),
            ("requests under way per session", "\(report.outstanding)"),
            ("znodes", "\(report.znodes) of \(report.valueBytes) bytes"), ("check of replies", report.check),
            ("measured", "\(Report.places(report.seconds, 2)) s"),
            ("replies", "\(report.replies) (\(Report.places(report.repliesPerSecond, 0)) /s)"),
        ]
        if let rate = report.targetRate { rows.append(("rate asked for", "\(AxisLabel.short(rate)) /s")) }
        if report.events > 0 {
            rows.append(("notifications", "\(report.events) (\(Report.places(report.eventsPerSecond, 0)) /s)"))
        }
        rows += report.figures.map { ($0.name, $0.text) }
        for (index, server) in report.serverUsage.enumerated() {
            let name = report.serverUsage.count == 1 ? "server" : "server \(index + 1)"
            rows.append(("\(name), process", "\(server.pid)"))
            rows.append((name + ", CPU", processor(server.cpuSeconds, server.cpuUsPerOperation)))
            let (now, peak) = (Report.places(server.residentMiB, 1), Report.places(server.peakResidentMiB, 1))
            rows.append((name + ", resident", "\(now) MiB, peak \(peak) MiB"))
        }
        rows.append(("generator, CPU", processor(report.generatorCpuSeconds, report.generatorCpuUsPerOperation)))
        rows.append(("connections lost", "\(report.reconnects)"))
        rows.append(("sessions expired", "\(report.sessionsExpired)"))
        rows.append(("requests lost", "\(report.requestsLost)"))
        rows.append(("faults", "\(report.faults)"))
        return rows.map { (name: $0.0, value: $0.1) }
    }

    private static func processor(_ seconds: Double, _ usPerOperation: Double) -> String {
        "\(Report.places(seconds, 2)) s, \(Report.places(usPerOperation, 2)) µs/op"
    }

    private var latencyTable: String {
        var rows: [[String]] = []
        for run in runs {
            for latency in [run.report.latency] + run.report.latencies where latency.count > 0 {
                let name = runs.count == 1 ? latency.of : "\(run.label): \(latency.of)"
                rows.append([name, "\(latency.count)"] + latency.columns.map { Report.places($0.us, 0) })
            }
        }
        return table(head: ["", "count"] + runs[0].report.latency.columns.map(\.name), rows: rows)
    }

    private var trouble: String {
        let lines = runs.flatMap { run in
            run.report.complaints.map { runs.count == 1 ? $0 : "\(run.label): \($0)" }
        }
        guard !lines.isEmpty else { return "" }
        return "<h2>Trouble</h2><ul>\(lines.map { "<li>\(HTMLText.escaped($0))</li>" }.joined())</ul>"
    }
}
