// Sessions and watches in the background of a measurement.
import Foundation

/// Runs 'loadtest hold' against one server until ``stop()``.
final class Idlers {
    private let process: ChildProcess

    /// Longer than any series takes.
    private static let holdSeconds = 7200
    /// Seconds until all have to be in place.
    private static let patience = 300.0

    /// Returns when the server counts all of them.
    ///
    /// - Parameters:
    ///   - sessions: connections of the holder.
    ///   - watches: of all sessions together; a multiple of `sessions`.
    ///   - first: number of the first znode watched.
    init(
        sessions: Int, watches: Int, first: Int, of shape: KeyspaceShape, at member: Member, loads: LoadRunner
    ) throws {
        process = try loads.start(
            member.address, shape,
            [
                "hold", "--connections", String(sessions), "--watches", String(watches / max(1, sessions)),
                "--first-znode", String(first), "--timeout-ms", "3600000", "--seconds", String(Self.holdSeconds),
            ])
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        do {
            while Self.connections(member) < sessions || watches > 0 && Self.watches(member) < watches {
                try Interruption.check()
                guard process.isRunning, Date() < deadline else {
                    throw LabError(
                        "\(sessions) idle sessions with \(watches) watches are not in place:\n\(process.logTail)")
                }
                Thread.sleep(forTimeInterval: 0.2)
            }
        } catch {
            process.kill()
            throw error
        }
    }

    func stop() { process.kill() }

    private static func connections(_ member: Member) -> Int {
        number(after: "Connections: ", Loopback.ask("srvr", member.clientPort))
    }

    private static func watches(_ member: Member) -> Int {
        number(after: "Total watches:", Loopback.ask("wchs", member.clientPort))
    }

    private static func number(after name: String, _ text: String?) -> Int {
        guard let text, let place = text.range(of: name) else { return 0 }
        return Int(text[place.upperBound...].prefix { $0.isNumber }) ?? 0
    }
}
