// What goes on in the background of a measurement: idle sessions and watches, or a workload.
import Foundation

/// A process of the generator that runs beside others until ``stop()``.
final class BackgroundLoad {
    private let process: ChildProcess

    /// Longer than anything that is measured beside it takes.
    private static let holdSeconds = 7200
    /// Seconds until all have to be in place.
    private static let patience = 300.0
    private static let noteSeconds = 5.0

    /// Returns when `member` counts all of its sessions and watches.
    ///
    /// - Parameter arguments: the subcommand and its options.
    init(
        _ arguments: [String], sessions: Int, watches: Int = 0, of shape: KeyspaceShape, at member: Member,
        loads: LoadRunner
    ) throws {
        process = try loads.start(
            member.address, shape, arguments + ["--connections", String(sessions), "--timeout-ms", "3600000"])
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
            let state = "\(present) of \(sessions) sessions, \(set) of \(watches) watches"
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

    var hasEnded: Bool { !process.isRunning }

    /// Sessions that only exist, with so many watches together, a multiple of `sessions`.
    ///
    /// - Parameter first: number of the first znode watched.
    static func idle(
        sessions: Int, watches: Int, first: Int, of shape: KeyspaceShape, at member: Member, loads: LoadRunner
    ) throws -> BackgroundLoad {
        try BackgroundLoad(
            [
                "hold", "--watches", String(watches / max(1, sessions)), "--first-znode", String(first),
                "--seconds", String(holdSeconds),
            ], sessions: sessions, watches: watches, of: shape, at: member, loads: loads)
    }

    /// A workload of 'loadtest run' at a steady rate.
    static func run(
        _ workload: String, sessions: Int, watches: Int = 0, perSecond: Double, of shape: KeyspaceShape,
        at member: Member, loads: LoadRunner
    ) throws -> BackgroundLoad {
        try BackgroundLoad(
            ["run", "--workload", workload, "--rate", String(perSecond), "--seconds", String(holdSeconds)],
            sessions: sessions, watches: watches, of: shape, at: member, loads: loads)
    }
}
