// Where and when figures were taken: they mean nothing without.
import Foundation

/// The circumstances of a measurement.
struct Circumstances: Codable, Sendable {
    var date: String
    var processor: String
    var cores: Int
    var memoryGiB: Double
    var kernel: String
    /// Load average of the last minute when the measurement began: neighbours show here.
    var loadAverage: Double
    /// As given.
    var command: String

    /// Here and now.
    init() {
        date = ISO8601DateFormatter().string(from: Date())
        let cpu = Self.field("model name", "/proc/cpuinfo") ?? "unknown processor"
        processor = cpu
        cores = ProcessInfo.processInfo.activeProcessorCount
        memoryGiB = Double(ProcessInfo.processInfo.physicalMemory) / 1_073_741_824
        kernel = Self.text("/proc/sys/kernel/osrelease")
        loadAverage = Double(Self.text("/proc/loadavg").prefix { $0 != " " }) ?? 0
        let words = CommandLine.arguments.dropFirst().map { $0.contains(" ") ? "'\($0)'" : $0 }
        command = (["loadtest"] + words).joined(separator: " ")
    }

    private static func text(_ path: String) -> String {
        ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func field(_ name: String, _ path: String) -> String? {
        let line = text(path).split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// One sentence.
    var sentence: String {
        let memory = String(format: "%.0f GiB", memoryGiB), load = String(format: "%.1f", loadAverage)
        return "\(date), \(processor), \(cores) cores, \(memory), Linux \(kernel), load average at the start \(load)"
    }
}
