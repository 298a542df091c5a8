// The reference servers as contestants: processes of this very program.
import Foundation

/// 'loadtest canned' or 'loadtest table'. Holds one shape of znodes at a time; another shape means another process.
final class ReferenceServer: Contestant {
    let software: Software
    private let port: UInt16
    private let directory: String
    private let programs: Programs
    private var process: ChildProcess?
    private var shape: KeyspaceShape?

    /// Filling a table of millions takes seconds.
    private static let patience = 120.0

    init(_ software: Software, in directory: String, programs: Programs) throws {
        precondition(software.isReference, "\(software.rawValue) is no reference server")
        self.software = software
        self.directory = directory
        self.programs = programs
        var ports: Set<UInt16> = []
        port = try Loopback.freePort(besides: &ports)
    }

    var address: String { "127.0.0.1:\(port)" }
    var measuredPIDs: [Int32] { process.map { [$0.pid] } ?? [] }
    var allPIDs: [Int32] { measuredPIDs }

    func prepare(_ shape: KeyspaceShape) throws {
        if process != nil, shape == self.shape { return }
        self.shape = shape
        try restart()
    }

    func restart() throws {
        guard let shape else { return }
        stop()
        var command = [
            programs.loadtest, software.rawValue, "--port", String(port), "--value-bytes", String(shape.valueBytes),
        ]
        if software == .table { command += ["--znodes", String(shape.znodes)] }
        let started = try ChildProcess(command, logFile: "\(directory)/\(software.rawValue).log", directory: directory)
        process = started
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        while !Loopback.listens(port) {
            try Interruption.check()
            guard started.isRunning, Date() < deadline else {
                throw LabError("\(software.rawValue) does not listen. The end of its log:\n\(started.logTail)")
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
    }

    func stop() {
        process?.kill()
        process = nil
    }
}
