// When, where and how figures were taken: they mean nothing without.
import Foundation

/// The circumstances of a measurement.
struct Circumstances: Codable, Sendable {
    /// ISO 8601, UTC.
    var date: String
    var machine: Machine
    /// Load average of the last minute when the measurement began: neighbours show here.
    var loadAverage: Double
    /// As it was typed.
    var command: String

    /// Here and now.
    init() {
        date = ISO8601DateFormatter().string(from: Date())
        machine = Machine.current
        let load = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        loadAverage = Double(load.prefix { $0 != " " }) ?? 0
        let words = CommandLine.arguments.dropFirst().map { $0.contains(" ") ? "'\($0)'" : $0 }
        command = (["loadtest"] + words).joined(separator: " ")
    }

    /// One sentence.
    var sentence: String {
        "\(date), \(machine.text), load average at the start \(String(format: "%.1f", loadAverage))"
    }
}
