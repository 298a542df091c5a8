// Where a run took place. Separate because figures mean nothing without it.
import Foundation
import Glibc

/// The machine of the generator; servers on loopback share it.
struct Machine: Codable, Sendable, Equatable {
    var cores: Int
    var processor: String
    var memoryGiB: Double
    var kernel: String

    static var current: Machine {
        var name = utsname()
        let isKnown = unsafe uname(&name) == 0
        let kernel = unsafe withUnsafeBytes(of: &name.release) {
            unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        let memory = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
        let processors = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        return Machine(
            cores: ProcessInfo.processInfo.activeProcessorCount, processor: model(cpuinfo: processors),
            memoryGiB: Double(ServerUsage.kibibytes("MemTotal:", status: memory)) / 1_048_576,
            kernel: isKnown ? kernel : "unknown")
    }

    /// What the first processor calls itself.
    static func model(cpuinfo: String) -> String {
        let line = cpuinfo.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
            ?? "unknown"
    }

    var text: String {
        "\(cores) cores (\(processor)), \(String(format: "%.1f", memoryGiB)) GiB, Linux \(kernel)"
    }
}
