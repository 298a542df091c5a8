// What processes have used, from /proc. Separate because it is the only thing the generator knows of a server beyond
// its replies.
import Foundation
import Glibc

/// Processor time and memory of one server process at one moment.
struct ServerUsage: Sendable, Equatable {
    let pid: Int32
    /// User and kernel time of all threads, in ticks of 10 ms.
    let cpuNs: Int64
    let residentBytes: Int
    let peakResidentBytes: Int

    /// Between two moments.
    struct Difference: Sendable, Equatable {
        let pid: Int32
        let cpuNs: Int64
        /// At the second moment.
        let residentBytes: Int
        let peakResidentBytes: Int
    }

    /// Nil when there is no such process.
    init?(pid: Int32) {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
            let ticks = Self.ticks(stat: stat)
        else { return nil }
        self.pid = pid
        cpuNs = Int64(ticks) * 1_000_000_000 / Int64(sysconf(Int32(_SC_CLK_TCK)))
        residentBytes = Self.kibibytes("VmRSS:", status: status) * 1024
        peakResidentBytes = Self.kibibytes("VmHWM:", status: status) * 1024
    }

    /// utime plus stime; the command's name before them may contain spaces and parentheses.
    static func ticks(stat: String) -> Int? {
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Int(fields[11]), let kernel = Int(fields[12]) else { return nil }
        return user + kernel
    }

    static func kibibytes(_ name: String, status: String) -> Int {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return 0 }
        return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0
    }

    /// Of the processes that are in both samples.
    static func differences(from: [ServerUsage], to: [ServerUsage]) -> [Difference] {
        to.compactMap { after in
            guard let before = from.first(where: { $0.pid == after.pid }) else { return nil }
            return Difference(
                pid: after.pid, cpuNs: after.cpuNs - before.cpuNs, residentBytes: after.residentBytes,
                peakResidentBytes: after.peakResidentBytes)
        }
    }
}

/// The generator and the servers at one moment.
struct Usage: Sendable {
    /// Processor time of this process.
    let generatorNs: Int64
    let servers: [ServerUsage]

    /// Of all servers.
    var residentBytes: Int { servers.reduce(0) { $0 + $1.residentBytes } }

    init(pids: [Int32]) {
        var time = timespec()
        let result = unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        precondition(result == 0, "clock_gettime of the process failed with errno \(errno)")
        generatorNs = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        servers = pids.compactMap { ServerUsage(pid: $0) }
    }
}
