// Collects server, group and weight lines, wherever they come from (zoo.cfg, a dynamic file, a peer), and checks that
// they fit together. Separate from the result, which is immutable and always consistent.

/// Turns membership lines into an ``EnsembleConfiguration``; gathers every problem before giving up.
struct MembershipReader {
    let file: String
    let multiAddressAllowed: Bool
    private(set) var problems: [ConfigurationProblem] = []
    private var members: [Int64: ServerLine] = [:]
    private var groups: [Int64: [Int64]] = [:]
    private var weights: [Int64: Int64] = [:]

    init(file: String, multiAddressAllowed: Bool) {
        self.file = file
        self.multiAddressAllowed = multiAddressAllowed
    }

    /// True for the keys this reader understands.
    static func owns(_ key: String) -> Bool {
        ["server.", "group.", "weight."].contains { key.hasPrefix($0) }
    }

    var isEmpty: Bool { members.isEmpty && groups.isEmpty && weights.isEmpty && problems.isEmpty }

    /// Takes one line; of duplicates the last wins, as for every other key.
    mutating func receive(_ entry: ZooCfg.Entry) {
        let dot = entry.key.firstIndex(of: ".") ?? entry.key.startIndex
        guard let id = Int64(entry.key[entry.key.index(after: dot)...]), id >= 0 else {
            return complain(entry, "expected a number after the dot")
        }
        switch entry.key[..<dot] {
        case "server": server(id, entry)
        case "group": group(id, entry)
        default:
            guard let weight = Int64(entry.value), weight >= 0 else {
                return complain(entry, "expected a weight of 0 or more")
            }
            weights[id] = weight
        }
    }

    private mutating func server(_ id: Int64, _ entry: ZooCfg.Entry) {
        do {
            let line = try ServerLine(id: id, parsing: entry.value)
            if line.addresses.count > 1, !multiAddressAllowed {
                return complain(entry, "several addresses need multiAddress.enabled=true")
            }
            members[id] = line
        } catch {
            complain(entry, error.message)
        }
    }

    private mutating func group(_ id: Int64, _ entry: ZooCfg.Entry) {
        let ids = entry.value.split(separator: ":").map { Int64(String($0).trimmed) }
        guard !ids.isEmpty, !ids.contains(nil) else { return complain(entry, "expected server ids joined by ':'") }
        groups[id] = ids.compactMap(\.self)
    }

    mutating func complain(_ entry: ZooCfg.Entry, _ message: String) {
        problems.append(
            ConfigurationProblem(
                file: file, line: entry.line, key: entry.key, value: entry.value, message: message))
    }

    /// - Throws: everything found wrong, in the order found.
    func finish(version: Int64) throws(ConfigurationError) -> EnsembleConfiguration {
        var problems = problems
        var quorum = QuorumKind.majority
        if !groups.isEmpty || !weights.isEmpty {
            problems += groupProblems()
            quorum = .hierarchical(groups: groups, weights: weights)
        }
        let configuration = EnsembleConfiguration(members: Array(members.values), quorum: quorum, version: version)
        if configuration.voters.isEmpty, problems.isEmpty {
            let message =
                configuration.observers.isEmpty
                ? "no server is listed" : "observers without a participant cannot form an ensemble"
            problems.append(ConfigurationProblem(file: file, message: message))
        }
        if !problems.isEmpty { throw ConfigurationError(problems) }
        return configuration
    }

    /// Every participant in exactly one group (ZooKeeper 3.9, QuorumHierarchical).
    private func groupProblems() -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        var seen: [Int64: Int64] = [:]
        for (group, ids) in groups.sorted(by: { $0.key < $1.key }) {
            for id in ids {
                if let other = seen.updateValue(group, forKey: id) {
                    let message = "server \(id) is already in group \(other)"
                    problems.append(ConfigurationProblem(file: file, key: "group.\(group)", message: message))
                }
            }
        }
        for member in members.values.sorted(by: { $0.id < $1.id })
        where member.role == .participant && seen[member.id] == nil {
            let message = "server \(member.id) votes but is in no group"
            problems.append(ConfigurationProblem(file: file, key: "server.\(member.id)", message: message))
        }
        return problems
    }
}
