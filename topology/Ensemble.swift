// A topology on disk: the templates it comes from, the directories it lives in, the ports it uses.
import Foundation

/// One running or startable topology: `topology/examples/<name>` filled in below `.topology/<name>`.
struct Ensemble {
    let name: String
    let basePort: Int
    /// In order of their numbers.
    let members: [Member]

    private static let examples = "topology/examples"
    private static let home = ".topology"

    /// - Throws: a ``Failure`` when there is no such example.
    init(example name: String, basePort: Int) throws {
        let directory = Self.examples + "/" + name
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let root = FileManager.default.currentDirectoryPath
        members = files.compactMap { file in
            let parts = file.split(separator: ".")
            guard parts.count == 3, parts[2] == "cfg", let id = Int(parts[0]),
                let software = Software(rawValue: String(parts[1]))
            else { return nil }
            return Member(
                id: id, software: software, template: directory + "/" + file,
                directory: "\(root)/\(Self.home)/\(name)/\(id)", ports: Ports(base: basePort))
        }.sorted { $0.id < $1.id }
        guard !members.isEmpty else {
            let known = (try? FileManager.default.contentsOfDirectory(atPath: Self.examples)) ?? []
            throw Failure("there is no topology \"\(name)\"; known are \(known.sorted().joined(separator: ", "))")
        }
        self.name = name
        self.basePort = basePort
    }

    /// The topology started last.
    static func current() throws -> Ensemble {
        guard let text = try? String(contentsOfFile: home + "/current", encoding: .utf8) else {
            throw Failure("no topology has been started here; topology/up starts one")
        }
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2, let port = Int(words[1]) else { throw Failure("\(home)/current is damaged") }
        return try Ensemble(example: String(words[0]), basePort: port)
    }

    func member(_ id: Int) throws -> Member {
        guard let member = members.first(where: { $0.id == id }) else {
            let known = members.map { String($0.id) }.joined(separator: ", ")
            throw Failure("\(name) has no server \(id); it has \(known)")
        }
        return member
    }

    /// Writes every server's directory, zoo.cfg and myid, and remembers this topology as the current one.
    func prepare(fresh: Bool) throws {
        for member in members { try member.prepare(fresh: fresh) }
        try "\(name) \(basePort)\n".write(toFile: Self.home + "/current", atomically: true, encoding: .utf8)
    }

    func requireFreePorts(of chosen: [Member]) throws {
        let taken = chosen.flatMap(\.usedPorts).filter { !Probe.isFree(port: $0) }
        guard taken.isEmpty else {
            throw Failure(
                "somebody else listens on 127.0.0.1, port \(taken.map(String.init).joined(separator: ", ")). "
                    + "Choose other ports with --base-port, for example --base-port \(basePort + 10_000).")
        }
    }

    func states() -> [Int: ServerState] {
        members.reduce(into: [:]) { $0[$1.id] = $1.process == nil ? nil : Probe.state(port: $1.clientPort) }
    }

    /// Asks each server until it names its role.
    /// - Throws: a ``Failure`` with the end of the log of the first server that died or is late.
    func waitUntilServing(_ chosen: [Member], seconds: Int) throws -> [Int: ServerState] {
        let deadline = Date(timeIntervalSinceNow: Double(seconds))
        var states: [Int: ServerState] = [:]
        while true {
            for member in chosen {
                guard member.process != nil else { throw Failure(member.account("has ended")) }
                states[member.id] = Probe.state(port: member.clientPort)
            }
            guard let late = chosen.first(where: { states[$0.id]?.mode == nil }) else { return states }
            if Date() > deadline { throw Failure(late.account("does not serve after \(seconds) s")) }
            Thread.sleep(forTimeInterval: 0.1)
        }
    }
}

/// Every port of a topology, as offsets from that of the first server's clients. With the default of 2181 they are the
/// ones ZooKeeper's documentation uses.
struct Ports {
    let base: Int

    func port(_ purpose: String, of id: Int) -> Int? {
        switch purpose {
        case "client": base + id - 1
        case "quorum": base + 707 + id - 1
        case "election": base + 1707 + id - 1
        default: nil
        }
    }
}
