// Servers that belong together: voters, observers, one configuration. A server alone is the smallest of them.
import Foundation

/// What stands in the lab for one software.
struct EnsembleShape: Sendable, Equatable {
    var voters: Int
    var observers: Int

    /// No quorum protocol at all.
    static let standalone = EnsembleShape(voters: 1, observers: 0)
    var isStandalone: Bool { voters == 1 && observers == 0 }

    var description: String {
        isStandalone
            ? "a server alone"
            : "\(voters) voter\(voters == 1 ? "" : "s"), \(observers) observer\(observers == 1 ? "" : "s")"
    }
}

/// A running ensemble. The load goes to the first observer where there is one.
final class Ensemble: Contestant {
    let software: Software
    let members: [Member]
    let directory: String
    private let loads: LoadRunner
    private let shared: [String]
    /// Znodes and values that are in place; nil before the first preparation.
    private var prepared: KeyspaceShape?

    /// Writes the servers' files below `parent`; nothing runs yet.
    ///
    /// - Parameter settings: further lines for every server's zoo.cfg.
    init(
        _ shape: EnsembleShape, _ software: Software, in parent: String, loads: LoadRunner, settings: [String] = []
    ) throws {
        self.software = software
        self.loads = loads
        let directory = "\(parent)/\(software.rawValue)-\(UInt32.random(in: .min ... .max))"
        self.directory = directory
        var ports: Set<UInt16> = []
        members = try (1...(shape.voters + shape.observers)).map { id in
            let role: MemberRole =
                shape.isStandalone ? .standalone : id <= shape.voters ? .participant : .observer
            return try Member(
                software, id: id, role: role, in: directory, programs: loads.programs, ports: &ports)
        }
        shared = Self.common + settings + (software == .apache ? ["admin.enableServer=false"] : [])
        try configure()
    }

    /// Those of ZooKeeper's sample configuration; no limit on connections from one address.
    private static let common = [
        "tickTime=2000", "initLimit=30", "syncLimit=10", "maxClientCnxns=0", "4lw.commands.whitelist=*",
        "standaloneEnabled=false",
    ]

    private func configure() throws {
        let lines = target.role == .standalone ? [] : members.map(\.line)
        let settings = target.role == .standalone ? shared.filter { !$0.hasPrefix("standalone") } : shared
        for member in members { try member.configure(shared: settings + lines) }
    }

    var voters: [Member] { members.filter { $0.role != .observer } }
    var observers: [Member] { members.filter { $0.role == .observer } }
    var target: Member { observers.first ?? members[0] }
    var address: String { target.address }
    var measuredPIDs: [Int32] { [target.pid] }
    var allPIDs: [Int32] { members.map(\.pid).filter { $0 > 0 } }

    /// The voter that leads, or the server alone.
    func leader() throws -> Member {
        let leading = voters.first { ["leader", "standalone"].contains($0.mode) }
        guard let leading else { throw LabError("no leader among \(software.rawValue)'s servers") }
        return leading
    }

    /// Starts every server that is down and waits until all serve.
    func start() throws {
        for member in members where member.pid == 0 { try member.start() }
        for member in members { try member.waitUntilServing() }
    }

    func restart() throws {
        target.stop()
        try target.start()
        try target.waitUntilServing()
    }

    /// Ends all servers and removes their files.
    func stop() {
        for member in members { member.kill() }
        try? FileManager.default.removeItem(atPath: directory)
    }

    func prepare(_ shape: KeyspaceShape) throws {
        if let prepared, prepared.valueBytes == shape.valueBytes, prepared.znodes >= shape.znodes { return }
        try loads.prepare(address, shape)
        prepared = shape
    }
}
