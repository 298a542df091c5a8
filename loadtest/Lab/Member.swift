// One server of an ensemble: its files, its ports, its process.
import Foundation

/// Voter, observer, or a server alone.
enum MemberRole: String, Sendable {
    case participant, observer, standalone
}

/// A server with a directory of its own. Not running until ``start()``.
final class Member {
    let software: Software
    let id: Int
    let role: MemberRole
    let clientPort: UInt16
    private let quorumPort: UInt16
    private let electionPort: UInt16
    private let directory: String
    private let programs: Programs
    private(set) var process: ChildProcess?

    /// Seconds a server may take until it serves, restored tree included.
    static let patience = 300.0

    init(
        _ software: Software, id: Int, role: MemberRole, in parent: String, programs: Programs,
        ports: inout Set<UInt16>
    ) throws {
        self.software = software
        self.id = id
        self.role = role
        self.programs = programs
        clientPort = try Loopback.freePort(besides: &ports)
        quorumPort = try Loopback.freePort(besides: &ports)
        electionPort = try Loopback.freePort(besides: &ports)
        directory = "\(parent)/\(software.rawValue)-\(id)"
        try FileManager.default.createDirectory(atPath: directory + "/data", withIntermediateDirectories: true)
        try "\(id)\n".write(toFile: directory + "/data/myid", atomically: true, encoding: .utf8)
    }

    var address: String { "127.0.0.1:\(clientPort)" }
    var configurationFile: String { directory + "/zoo.cfg" }
    /// Of the running process; 0 while there is none.
    var pid: Int32 { process?.pid ?? 0 }

    /// How the ensemble's configuration names this server.
    var line: String { "server.\(id)=127.0.0.1:\(quorumPort):\(electionPort):\(role.rawValue)" }

    /// Writes zoo.cfg: what all servers share, then what is this one's.
    func configure(shared: [String]) throws {
        var lines = shared + ["dataDir=\(directory)/data", "clientPort=\(clientPort)", "clientPortAddress=127.0.0.1"]
        if role == .observer { lines.append("peerType=observer") }
        try (lines.joined(separator: "\n") + "\n").write(
            toFile: configurationFile, atomically: true, encoding: .utf8)
    }

    func start() throws {
        precondition(process == nil, "\(software.rawValue)-\(id) runs already")
        process = try ChildProcess(
            programs.command(software, configuration: configurationFile), logFile: directory + "/log",
            directory: directory)
    }

    func stop() {
        process?.stop()
        process = nil
    }

    /// Without warning.
    func kill() {
        process?.kill()
        process = nil
    }

    /// Forgets log and snapshots; the server must be down.
    func wipe() throws {
        precondition(process == nil, "\(software.rawValue)-\(id) still writes what is to be removed")
        try? FileManager.default.removeItem(atPath: directory + "/data/version-2")
    }

    /// `Mode:` of its `srvr` answer; nil while it does not serve.
    var mode: String? { srvr("Mode: ") }
    /// The version it gives itself.
    var version: String? { srvr("Zookeeper version: ").map { String($0.prefix { $0 != "-" && $0 != "," }) } }

    private func srvr(_ key: String) -> String? {
        guard let answer = Loopback.ask("srvr", clientPort) else { return nil }
        let line = answer.split(separator: "\n").first { $0.hasPrefix(key) }
        return line.map { String($0.dropFirst(key.count)) }
    }

    /// The last transaction it has applied, as a number that grows by one with each while there is one leader; nil while
    /// it does not serve.
    var zxid: Int64? { srvr("Zxid: 0x").flatMap { Int64($0, radix: 16) } }

    /// Whole numbers of its `mntr` answer, by their keys without `zk_`; nothing while it does not serve.
    var figures: [String: Int] {
        var found: [String: Int] = [:]
        for line in (Loopback.ask("mntr", clientPort) ?? "").split(separator: "\n") {
            let words = line.split(separator: "\t")
            guard words.count == 2, let value = Int(words[1]) else { continue }
            found[String(words[0].dropFirst(3))] = value
        }
        return found
    }

    /// Polls until it serves.
    /// - Throws: with the end of its log when it ends or is late.
    func waitUntilServing(pollSeconds: Double = 0.1) throws {
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        while mode == nil {
            try Interruption.check()
            guard let process, process.isRunning else { throw LabError(account("has ended")) }
            if Date() > deadline { throw LabError(account("does not serve after \(Int(Self.patience)) s")) }
            Thread.sleep(forTimeInterval: pollSeconds)
        }
    }

    private func account(_ what: String) -> String {
        "\(software.rawValue)-\(id) \(what). The end of its log:\n\(process?.logTail ?? "")"
    }
}
