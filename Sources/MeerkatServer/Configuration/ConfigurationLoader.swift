// From keys and values to a checked configuration: settings first, then membership, identity and the rules that tie
// them together. Gathers every problem. Files are read through a closure, so the rules can be tried without a disk.

/// Builds one ``ServerConfiguration``. Used once.
struct ConfigurationLoader {
    let file: String
    let cores: Int
    let readFile: (String) throws(TextFile.ReadError) -> [UInt8]
    private var result = ServerConfiguration()
    private var problems: [ConfigurationProblem] = []

    init(file: String, cores: Int, readFile: @escaping (String) throws(TextFile.ReadError) -> [UInt8]) {
        self.file = file
        self.cores = cores
        self.readFile = readFile
        result.file = file
    }

    mutating func load(_ cfg: ZooCfg, properties: [String] = []) throws(ConfigurationError) -> ServerConfiguration {
        receiveProperties(properties)
        receiveSettings(cfg)
        checkSettings(cfg)
        receiveMembership(cfg)
        // Identity and ports can only be judged against a membership that holds.
        if problems.isEmpty { settleMembership(cfg) }
        if !problems.isEmpty { throw ConfigurationError(problems) }
        settleWorkers()
        return result
    }

    // MARK: Settings

    private static let commandLine = "command line"

    private mutating func receiveProperties(_ properties: [String]) {
        for property in properties {
            let text = property.hasPrefix("-D") ? String(property.dropFirst(2)) : property
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let place = ConfigurationProblem(
                file: Self.commandLine, key: "-D" + parts[0], value: parts.count > 1 ? parts[1] : nil, message: "")
            guard parts.count == 2 else {
                complain(place, "expected -Dname=value")
                continue
            }
            if let setting = SettingTable.setting(property: parts[0]) {
                apply(setting, parts[1].trimmed, place)
            } else {
                warn(place, "is not a property this server reads")
            }
        }
    }

    private mutating func receiveSettings(_ cfg: ZooCfg) {
        for (index, entry) in cfg.entries.enumerated() {
            let place = ConfigurationProblem(
                file: file, line: entry.line, key: entry.key, value: entry.value, message: "")
            if let later = cfg.entries[(index + 1)...].last(where: { $0.key == entry.key }) {
                if later.value != entry.value { warn(place, "is given again in line \(later.line), which counts") }
                continue
            }
            if MembershipReader.owns(entry.key) { continue }
            if let setting = SettingTable.setting(key: entry.key) {
                apply(setting, entry.value, place)
            } else if let setting = SettingTable.setting(property: entry.key) {
                warn(place, "has no effect in this file, as in ZooKeeper; write \(setting.name)")
            } else {
                warn(place, "is not a key this server knows")
            }
        }
    }

    private mutating func apply(_ setting: Setting, _ value: String, _ place: ConfigurationProblem) {
        do {
            if let adjusted = try setting.store(value, in: &result) { warn(place, adjusted) }
        } catch {
            return complain(place, "expected \(setting.expectation)")
        }
        guard value.lowercased() != setting.defaultText.lowercased() else { return }
        switch setting.status {
        case .supported: break
        case .warned(let reason): warn(place, "has no effect: \(reason)")
        case .refused(let reason): complain(place, "not supported: \(reason)")
        }
    }

    private mutating func checkSettings(_ cfg: ZooCfg) {
        if cfg["dataDir"] == nil {
            complain(ConfigurationProblem(file: file, key: "dataDir", message: ""), "is required")
        }
        for key in ["dataDir", "dataLogDir"] {
            if let entry = cfg[key], !entry.value.hasPrefix("/") {
                warn(place(entry), "is relative to where the server is started")
            }
        }
        if result.clientPort.port == 0 { result.clientPort.port = nil }
        if result.clientPort.address != nil, result.clientPort.port == nil, let entry = cfg["clientPortAddress"] {
            complain(place(entry), "needs clientPort")
        }
        if result.minSessionTimeoutMs > result.maxSessionTimeoutMs {
            let entry = cfg["minSessionTimeout"] ?? cfg["maxSessionTimeout"] ?? cfg["tickTime"]
            let message =
                "minSessionTimeout (\(result.minSessionTimeoutMs) ms) is above maxSessionTimeout "
                + "(\(result.maxSessionTimeoutMs) ms)"
            complain(entry.map { place($0) } ?? ConfigurationProblem(file: file, message: ""), message)
        }
        let quorum = result.quorum
        if quorum.minNotificationIntervalMs > quorum.maxNotificationIntervalMs {
            let message = "fastleader.minNotificationInterval is above fastleader.maxNotificationInterval"
            complain(ConfigurationProblem(file: file, message: ""), message)
        }
    }

    // MARK: Membership

    private mutating func receiveMembership(_ cfg: ZooCfg) {
        let multiAddress = result.quorum.multiAddressEnabled
        var reader = MembershipReader(file: file, multiAddressAllowed: multiAddress)
        for entry in cfg.entries where MembershipReader.owns(entry.key) { reader.receive(entry) }
        var version: Int64 = 0
        if let path = result.dynamicFile {
            if !reader.isEmpty, let entry = cfg["dynamicConfigFile"] {
                return complain(place(entry), "server, group and weight lines belong into that file alone")
            }
            do {
                (reader, version) = try readDynamicFile(path, multiAddress)
            } catch {
                problems += error.problems
                return
            }
        } else if reader.isEmpty {
            result.isStandalone = true
            let nowhere = MemberAddress(host: "localhost", quorumPort: 0, electionPort: 0)
            result.ensemble = EnsembleConfiguration(members: [ServerLine(id: 1, addresses: [nowhere])])
            return
        }
        do {
            result.ensemble = try reader.finish(version: version)
        } catch {
            problems += error.problems
        }
    }

    private func readDynamicFile(
        _ path: String, _ multiAddress: Bool
    ) throws(ConfigurationError) -> (MembershipReader, Int64) {
        let bytes: [UInt8]
        do {
            bytes = try readFile(path)
        } catch {
            throw ConfigurationError(file: path, message: "cannot be read: \(error)")
        }
        let dynamic = try ZooCfg(parsing: bytes, file: path)
        var reader = MembershipReader(file: path, multiAddressAllowed: multiAddress)
        for entry in dynamic.entries {
            if MembershipReader.owns(entry.key) {
                reader.receive(entry)
            } else {
                reader.complain(entry, "expected only server, group and weight lines")
            }
        }
        // zoo.cfg.dynamic.100000000: what follows the last dot, when it is a number, is the version.
        let suffix = path.split(separator: ".").last.flatMap { UInt64($0, radix: 16) } ?? 0
        return (reader, Int64(bitPattern: suffix))
    }

    /// The rules of ZooKeeper 3.9, QuorumPeerConfig, on how many members make which kind of server.
    private mutating func settleMembership(_ cfg: ZooCfg) {
        let ensemble = result.ensemble
        let aboutFile = ConfigurationProblem(file: file, message: "")
        if ensemble.voters.count == 1, result.quorum.standaloneEnabled, !result.isStandalone {
            if !ensemble.observers.isEmpty {
                return complain(aboutFile, "observers of a single voter need standaloneEnabled=false")
            }
            result.isStandalone = true
        }
        if result.isStandalone {
            result.serverID = ensemble.voters[0].id
        } else {
            for (key, value) in [("initLimit", result.quorum.initLimit), ("syncLimit", result.quorum.syncLimit)]
            where value == nil {
                complain(ConfigurationProblem(file: file, key: key, message: ""), "is required in an ensemble")
            }
            if ensemble.quorum == .majority, ensemble.voters.count % 2 == 0 {
                warn(aboutFile, "\(ensemble.voters.count) voters survive no more failures than one fewer would")
            }
            guard let id = readMyID() else { return }
            result.serverID = id
        }
        if result.tree.extendedTypes, !(0...254).contains(result.serverID) {
            complain(aboutFile, "extendedTypesEnabled needs a server id up to 254, this is \(result.serverID)")
        }
        settleRole(cfg)
        settleClientPort(cfg)
    }

    /// The first line of `dataDir/myid`, which must be a listed id. nil after complaining.
    private mutating func readMyID() -> Int64? {
        let directory = result.storage.dataDirectory
        let path = directory + (directory.hasSuffix("/") ? "myid" : "/myid")
        let place = ConfigurationProblem(file: path, message: "")
        let bytes: [UInt8]
        do {
            bytes = try readFile(path)
        } catch {
            complain(place, "the id of this server cannot be read: \(error)")
            return nil
        }
        let first = bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }).first ?? []
        let text = String(decoding: first, as: UTF8.self).trimmed
        guard let id = Int64(text), (0...255).contains(id) else {
            complain(place, "expected a server id from 0 to 255 in the first line, not \"\(text)\"")
            return nil
        }
        guard result.ensemble.member(id) != nil else {
            complain(place, "id \(id) has no server.\(id) line in \(result.dynamicFile ?? file)")
            return nil
        }
        return id
    }

    private mutating func settleRole(_ cfg: ZooCfg) {
        guard let entry = cfg["peerType"] else { return result.quorum.role = result.role }
        if result.quorum.role != result.role {
            let message = "differs from the line of server \(result.serverID), which makes it \(result.role.rawValue)"
            warn(place(entry), message)
        }
        result.quorum.role = result.role
    }

    private mutating func settleClientPort(_ cfg: ZooCfg) {
        let listed = result.ensemble.member(result.serverID)?.client
        guard let port = result.clientPort.port else {
            guard let listed else {
                return complain(ConfigurationProblem(file: file, key: "clientPort", message: ""), "is required")
            }
            result.clientPort.port = listed.port
            result.clientPort.address = listed.host
            return
        }
        guard let listed, let entry = cfg["clientPort"] else { return }
        let own = ClientAddress(host: result.clientPort.address ?? ClientAddress.anyHost, port: port)
        if port != listed.port || !own.isWildcard && own != listed {
            complain(place(entry), "\(own) differs from \(listed) in the line of server \(result.serverID)")
        }
    }

    private mutating func settleWorkers() {
        if result.clientPort.workers == nil { result.clientPort.workers = result.role == .observer ? cores : 1 }
    }

    // MARK: Complaints

    private func place(_ entry: ZooCfg.Entry) -> ConfigurationProblem {
        ConfigurationProblem(file: file, line: entry.line, key: entry.key, value: entry.value, message: "")
    }

    private mutating func complain(_ place: ConfigurationProblem, _ message: String) {
        problems.append(Self.filled(place, message))
    }

    private mutating func warn(_ place: ConfigurationProblem, _ message: String) {
        result.warnings.append(Self.filled(place, message))
    }

    /// Values of secrets stay out of messages, which end up in logs.
    private static func filled(_ place: ConfigurationProblem, _ message: String) -> ConfigurationProblem {
        var problem = place
        problem.message = message
        let key = problem.key?.lowercased() ?? ""
        if ["password", "digest"].contains(where: key.hasSuffix) { problem.value = problem.value.map { _ in "***" } }
        return problem
    }
}
