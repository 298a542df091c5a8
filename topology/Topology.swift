// The launcher's commands. What a topology is stands in `Ensemble.swift`, what a process is in `ServerProcess.swift`.
import ArgumentParser

@main
struct Topology: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topology/up",
        abstract: "Runs an ensemble on this machine, each server a process of its own.",
        subcommands: [Up.self, Status.self, Kill.self, Start.self, Down.self],
        defaultSubcommand: Up.self)

    static let defaultName = "three-voters-two-observers"
}

/// What went wrong, in words for a person.
struct Failure: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

struct Up: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Start a topology and wait until it serves.")

    @Argument(help: "A directory in topology/examples.")
    var name = Topology.defaultName
    @Option(help: "Client port of server 1; all other ports follow from it.")
    var basePort = 2181
    @Option(help: "Start only these servers, as in 1,2,3.")
    var servers: String?
    @Option(help: "Seconds to wait until every server serves.")
    var patience = 60
    @Flag(help: "Forget the data of an earlier run.")
    var fresh = false

    func run() throws {
        guard (1024...59_000).contains(basePort) else { throw Failure("--base-port must be from 1024 to 59000") }
        let ensemble = try Ensemble(example: name, basePort: basePort)
        let chosen = try chosen(from: ensemble)
        // One at a time: status, kill, start and down mean the topology started last.
        for other in [ensemble] + ((try? [Ensemble.current()]) ?? []) {
            let running = other.members.filter { $0.process != nil }.map { String($0.id) }
            guard running.isEmpty else {
                throw Failure(
                    "\(other.name) is running already (servers \(running.joined(separator: ", "))). "
                        + "See topology/up status, or stop it with topology/up down.")
            }
        }
        try ensemble.requireFreePorts(of: chosen)
        try ensemble.prepare(fresh: fresh)
        do {
            for member in chosen { try member.start() }
            let states = try ensemble.waitUntilServing(chosen, seconds: patience)
            print(Table.text(ensemble, states))
            print(Advice.text(ensemble, chosen))
        } catch {
            for member in chosen { member.process?.stop() }
            throw error
        }
    }

    private func chosen(from ensemble: Ensemble) throws -> [Member] {
        guard let servers else { return ensemble.members }
        return try servers.split(separator: ",").map { text in
            guard let id = Int(text) else { throw Failure("--servers expects numbers joined by commas") }
            return try ensemble.member(id)
        }
    }
}

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show who runs and in which role.")

    func run() throws {
        let ensemble = try Ensemble.current()
        print(Table.text(ensemble, ensemble.states()))
    }
}

struct Kill: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Kill one server without warning (SIGKILL).")
    @Argument(help: "Number of the server.")
    var server: Int

    func run() throws {
        let member = try Ensemble.current().member(server)
        guard let process = member.process else { throw Failure("server \(server) is not running") }
        process.kill()
        print("killed server \(server), pid \(process.pid); topology/up start \(server) brings it back")
    }
}

struct Start: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Start one server again and wait until it serves.")
    @Argument(help: "Number of the server.")
    var server: Int
    @Option(help: "Seconds to wait until it serves.")
    var patience = 60

    func run() throws {
        let ensemble = try Ensemble.current()
        let member = try ensemble.member(server)
        if let process = member.process { throw Failure("server \(server) is running already, pid \(process.pid)") }
        try ensemble.requireFreePorts(of: [member])
        try member.start()
        _ = try ensemble.waitUntilServing([member], seconds: patience)
        print(Table.text(ensemble, ensemble.states()))
    }
}

struct Down: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Stop every server; their data stays.")

    func run() throws {
        let ensemble = try Ensemble.current()
        let running = ensemble.members.compactMap { member in member.process.map { (member, $0) } }
        // All are asked before the first is waited for: a lone survivor needs no time to notice.
        for (_, process) in running { process.ask() }
        for (member, process) in running {
            print("server \(member.id), pid \(process.pid): \(process.stop() ? "stopped" : "killed after 10 s")")
        }
        print(running.isEmpty ? "nothing of \(ensemble.name) was running" : "\(ensemble.name) is down")
    }
}
