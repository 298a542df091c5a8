// A process of this lab: its output in a file, its end by its own id, never outliving the lab.
import Foundation
import Glibc

/// One started command. Ended by ``stop()`` or ``kill()``; the kernel kills it should this process die first.
final class ChildProcess {
    let command: [String]
    let logFile: String
    private let process = Process()

    /// Seconds after SIGTERM before SIGKILL follows.
    private static let patience = 20.0
    private static let setpriv = "/usr/bin/setpriv"

    /// Starts `command`, output to `logFile` (appended) where given.
    init(_ command: [String], logFile: String, directory: String) throws {
        self.command = command
        self.logFile = logFile
        if !FileManager.default.fileExists(atPath: logFile) {
            _ = FileManager.default.createFile(atPath: logFile, contents: nil)
        }
        guard let log = FileHandle(forWritingAtPath: logFile) else { throw LabError("cannot write \(logFile)") }
        defer { try? log.close() }
        try log.seekToEnd()
        let canTie = FileManager.default.isExecutableFile(atPath: Self.setpriv)
        let words = (canTie ? [Self.setpriv, "--pdeathsig", "KILL"] : []) + command
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = log
        process.standardError = log
        do {
            try process.run()
        } catch {
            throw LabError("cannot start \(command[0]): \(error.localizedDescription)")
        }
    }

    var pid: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    /// Of a process that has ended.
    var status: Int32 { process.terminationStatus }

    /// Waits for its end.
    /// - Returns: whether it came within `seconds`.
    /// - Throws: when the lab is interrupted meanwhile.
    func waitForEnd(seconds: Double) throws -> Bool {
        let deadline = Date(timeIntervalSinceNow: seconds)
        while isRunning {
            try Interruption.check()
            if Date() > deadline { return false }
            Thread.sleep(forTimeInterval: 0.02)
        }
        return true
    }

    /// SIGTERM, and SIGKILL when that does not help in time.
    func stop() {
        if isRunning { process.terminate() }
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        while isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.02) }
        kill()
    }

    /// SIGKILL; returns when the process is gone.
    func kill() {
        while isRunning {
            Glibc.kill(pid, SIGKILL)
            Thread.sleep(forTimeInterval: 0.01)
        }
    }

    /// The end of its output, for a message about its failure.
    var logTail: String {
        let text = (try? String(contentsOfFile: logFile, encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").suffix(12)
        return lines.isEmpty ? "    (no output)" : lines.map { "    " + $0.prefix(240) }.joined(separator: "\n")
    }
}
