// What processes have used, from their clocks and /proc. Separate because it is the only thing the generator knows of a
// server beyond its replies.
import Foundation
import Glibc

/// Processor time and memory of one server process at one moment.
struct ServerUsage: Sendable, Equatable {
    let pid: Int32
    /// User and kernel time of all threads, ended ones included.
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
        guard let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
            let cpuNs = Self.cpuNs(pid: pid)
        else { return nil }
        self.pid = pid
        self.cpuNs = cpuNs
        residentBytes = Self.kibibytes("VmRSS:", status: status) * 1024
        peakResidentBytes = Self.kibibytes("VmHWM:", status: status) * 1024
        // A process that has ended and was not yet waited for has no memory.
        if residentBytes == 0 { return nil }
    }

    /// User and kernel time of all threads, ended ones included; nil when there is no such process.
    private static func cpuNs(pid: Int32) -> Int64? {
        var clock = clockid_t()
        var time = timespec()
        guard unsafe clock_getcpuclockid(pid, &clock) == 0, unsafe clock_gettime(clock, &time) == 0 else { return nil }
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The number behind `name` in a file like /proc/PID/status; 0 when it is not there.
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

    func server(_ pid: Int32) -> ServerUsage? { servers.first { $0.pid == pid } }

    init(pids: [Int32]) {
        var time = timespec()
        let result = unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        precondition(result == 0, "clock_gettime of the process failed with errno \(errno)")
        generatorNs = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
        servers = pids.compactMap { ServerUsage(pid: $0) }
    }
}
