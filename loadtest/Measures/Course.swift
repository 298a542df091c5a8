// The course of a run as a report has it: differences between samples, column by column. Separate from the timeline,
// which collects while the run goes on.

/// Columns of equal length, one entry per interval between samples.
struct Course: Codable, Sendable, Equatable {
    struct Server: Codable, Sendable, Equatable {
        var pid: Int
        /// Of one core; nil while the process is not there.
        var cpuPercent: [Double?]
        var residentMiB: [Double?]
    }

    /// The end of each interval, since measuring began.
    var seconds: [Double] = []
    var repliesPerSecond: [Double] = []
    var eventsPerSecond: [Double] = []
    var liveSessions: [Int] = []
    var generatorCpuPercent: [Double] = []
    var servers: [Server] = []
    /// Not a column: latency of each whole second.
    var latency: [Timeline.Second] = []

    init(_ timeline: Timeline) {
        latency = timeline.seconds
        let samples = timeline.samples
        let pids = samples.first?.usage.servers.map(\.pid) ?? []
        servers = pids.map { Server(pid: Int($0), cpuPercent: [], residentMiB: []) }
        for (before, after) in zip(samples, samples.dropFirst()) {
            let span = Double(after.atNs - before.atNs) / 1e9
            guard span > 0.02 else { continue }
            seconds.append(Double(timeline.elapsedNs(after.atNs)) / 1e9)
            repliesPerSecond.append(Double(after.counts.replies - before.counts.replies) / span)
            eventsPerSecond.append(Double(after.counts.events - before.counts.events) / span)
            liveSessions.append(after.counts.live)
            generatorCpuPercent.append(Double(after.usage.generatorNs - before.usage.generatorNs) / span / 1e7)
            for (index, pid) in pids.enumerated() {
                let earlier = before.usage.server(pid), later = after.usage.server(pid)
                let cpuNs = earlier.flatMap { from in later.map { $0.cpuNs - from.cpuNs } }
                servers[index].cpuPercent.append(cpuNs.map { Double($0) / span / 1e7 })
                servers[index].residentMiB.append(later.map { Double($0.residentBytes) / 1_048_576 })
            }
        }
    }
}
