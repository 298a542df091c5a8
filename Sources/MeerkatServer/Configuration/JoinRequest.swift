// An observer without a zoo.cfg: what the operator says, and the configuration that follows once the ensemble has been
// asked for the rest.

import Glibc
import Jute
public import Logging

/// Why an ensemble could not be joined.
public struct JoinError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}

/// What `meerkat observer --join` was told.
public struct JoinRequest: Sendable {
    /// `host:quorumPort:electionPort`, comma-separated.
    public var addresses: String
    public var dataDirectory: String
    public var clientPort: Int
    public var clientPortAddress: String?
    public var id: Int64?
    public var tickTimeMs = 2000
    public var clientWorkers: Int?
    public var localSessions = false
    public var upgradesLocalSessions = false

    public init(addresses: String, dataDirectory: String, clientPort: Int) {
        self.addresses = addresses
        self.dataDirectory = dataDirectory
        self.clientPort = clientPort
    }

    /// Asks the servers named for their configuration and makes this observer's from it. Tries for a minute.
    public func resolve(log: Logger) throws(JoinError) -> ServerConfiguration {
        let voters = try parseAddresses()
        let kept = try keptID()
        if let id, let kept, id != kept {
            throw JoinError(description: "\(dataDirectory)/myid says \(kept), --id says \(id)")
        }
        var own = id ?? kept ?? Self.randomID()
        guard own > 0 else { throw JoinError(description: "--id \(own): expected a number greater than 0") }
        log.notice("asking for the ensemble", metadata: ["servers": "\(addresses)", "id": "\(own)"])
        let text = try EnsembleDiscovery.ask(voters, id: ServerID(own), log: log)
        let ensemble: EnsembleConfiguration
        do throws(ConfigurationError) {
            ensemble = try EnsembleConfiguration(parsing: text, file: "the ensemble's configuration")
        } catch {
            throw JoinError(description: "\(error)")
        }
        if id == nil, kept == nil { own = Self.avoiding(ensemble, own) }
        try check(own, ensemble)
        try keep(own)
        log.notice(
            "ensemble found",
            metadata: ["voters": "\(ensemble.voters.map(\.id))", "version": "\(ensemble.version)", "id": "\(own)"])
        return configuration(own, ensemble)
    }

    private func parseAddresses() throws(JoinError) -> [MemberAddress] {
        var parsed: [MemberAddress] = []
        for part in addresses.split(separator: ",") {
            guard let line = try? ServerLine(id: 1, parsing: String(part)), let address = line.addresses.first else {
                throw JoinError(description: "--join \(part): expected host:quorumPort:electionPort")
            }
            parsed.append(address)
        }
        if parsed.isEmpty { throw JoinError(description: "--join: expected at least one host:quorumPort:electionPort") }
        return parsed
    }

    // MARK: The id

    /// Far above what configurations list, so that this server is the one that dials and no list clashes with it.
    private static func randomID() -> Int64 { 1 << 30 | Int64.random(in: 0..<1 << 29) }

    /// The low byte is the top byte of this server's session ids: it must be no listed server's.
    private static func avoiding(_ ensemble: EnsembleConfiguration, _ id: Int64) -> Int64 {
        let taken = Set(ensemble.members.map { $0.id & 0xff })
        // 255 is left out: with TTL nodes it marks owners that are no sessions.
        let free = (1...254).filter { !taken.contains($0) }
        return id & ~0xff | (free.randomElement() ?? id & 0xff)
    }

    private func check(_ id: Int64, _ ensemble: EnsembleConfiguration) throws(JoinError) {
        for member in ensemble.members {
            if member.id == id {
                throw JoinError(description: "id \(id) is listed in the ensemble; use zoo.cfg and `meerkat server`")
            }
            if member.id & 0xff == id & 0xff {
                throw JoinError(
                    description: "id \(id) would give out session ids of server \(member.id): choose another low byte")
            }
            if member.role == .participant, member.id > id {
                throw JoinError(description: "id \(id) must be greater than the voters' ids, \(member.id) is one")
            }
        }
    }

    private var idFile: String { dataDirectory + "/myid" }

    private func keptID() throws(JoinError) -> Int64? {
        guard unsafe access(idFile, F_OK) == 0 else { return nil }
        guard let bytes = try? TextFile.read(idFile),
            let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first,
            let value = Int64(line)
        else { throw JoinError(description: "\(idFile) does not hold a server id") }
        return value
    }

    private func keep(_ id: Int64) throws(JoinError) {
        if unsafe mkdir(dataDirectory, 0o755) != 0, errno != EEXIST {
            throw JoinError(description: "cannot create \(dataDirectory): \(unsafe String(cString: strerror(errno)))")
        }
        guard let file = unsafe fopen(idFile, "w") else {
            throw JoinError(description: "cannot write \(idFile): \(unsafe String(cString: strerror(errno)))")
        }
        unsafe fputs("\(id)\n", file)
        unsafe fclose(file)
    }

    // MARK: The configuration

    private func configuration(_ id: Int64, _ ensemble: EnsembleConfiguration) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.file = "command line"
        configuration.serverID = id
        configuration.ensemble = ensemble
        configuration.quorum.role = .observer
        configuration.quorum.tickTimeMs = tickTimeMs
        configuration.quorum.initLimit = 10
        configuration.quorum.syncLimit = 5
        configuration.quorum.localSessions = localSessions
        configuration.quorum.upgradesLocalSessions = upgradesLocalSessions
        configuration.clientPort.port = clientPort
        configuration.clientPort.address = clientPortAddress
        configuration.clientPort.workers = clientWorkers ?? ServerConfiguration.onlineCores
        configuration.storage.dataDirectory = dataDirectory
        // Whether the ensemble allows TTL nodes cannot be asked. Their owners are no session ids of listed servers, whose
        // top bytes end at 254 where it does, so reading them as what they are is right either way.
        configuration.tree.extendedTypes = true
        return configuration
    }
}
