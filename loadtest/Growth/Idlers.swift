// Sessions and watches in the background of a measurement.
import Foundation

/// Runs 'loadtest hold' against one server until ``stop()``.
final class Idlers {
    private let process: ChildProcess

    /// Longer than any series takes.
    private static let holdSeconds = 7200
    /// Seconds until all have to be in place.
    private static let patience = 300.0
    private static let noteSeconds = 5.0

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
        do {
            try wait(for: member, sessions: sessions, watches: watches)
        } catch {
            process.kill()
            throw error
        }
    }

    private func wait(for member: Member, sessions: Int, watches: Int) throws {
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        var nextNote = Date(timeIntervalSinceNow: Self.noteSeconds)
        while true {
            let figures = member.figures
            let present = figures["num_alive_connections"] ?? 0, set = figures["watch_count"] ?? 0
            if present >= sessions, set >= watches { return }
            try Interruption.check()
            let state = "\(present) of \(sessions) idle sessions, \(set) of \(watches) watches"
            guard process.isRunning, Date() < deadline else {
                throw LabError("only \(state) after \(Int(Self.patience)) s:\n\(process.logTail)")
            }
            if Date() > nextNote {
                note(state)
                nextNote = Date(timeIntervalSinceNow: Self.noteSeconds)
            }
            Thread.sleep(forTimeInterval: 0.2)
        }
    }

    func stop() { process.kill() }
}
