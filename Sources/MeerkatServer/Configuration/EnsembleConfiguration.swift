// Who belongs to the ensemble and how a quorum of it is counted: the part of the configuration every server must agree
// on. Its canonical text travels in election notifications and in NEWLEADER.

/// How votes are counted (ZooKeeper 3.9, QuorumMaj and QuorumHierarchical).
public enum QuorumKind: Equatable, Sendable {
    /// More than half of the voters.
    case majority
    /// More than half of the weight in more than half of the groups that have weight.
    /// `weights` holds only what was written; a server without one weighs 1.
    case hierarchical(groups: [Int64: [Int64]], weights: [Int64: Int64])
}

/// The members of an ensemble, as one version of its configuration lists them.
public struct EnsembleConfiguration: Equatable, Sendable {
    /// Ascending by id; ids are unique.
    public private(set) var members: [ServerLine]
    public var quorum: QuorumKind
    /// 0 until a leader has established one.
    public var version: Int64

    public init(members: [ServerLine], quorum: QuorumKind = .majority, version: Int64 = 0) {
        self.members = members.sorted { $0.id < $1.id }
        precondition(Set(members.map(\.id)).count == members.count, "a server id stands twice in \(members)")
        self.quorum = quorum
        self.version = version
    }

    public func member(_ id: Int64) -> ServerLine? { members.first { $0.id == id } }
    public var voters: [ServerLine] { members.filter { $0.role == .participant } }
    public var observers: [ServerLine] { members.filter { $0.role == .observer } }

    /// How much a vote of this server counts.
    public func weight(of id: Int64) -> Int64 {
        switch quorum {
        case .majority: return 1
        case .hierarchical(_, let weights): return weights[id] ?? 1
        }
    }

    /// The canonical text (quorum wire format): one line per server in id order, then groups and weights, then the
    /// version in lower-case hexadecimal; no final newline.
    public var text: String {
        var lines = members.map(\.description)
        if case .hierarchical(let groups, let weights) = quorum {
            lines += groups.sorted { $0.key < $1.key }.map { group, ids in
                "group.\(group)=" + ids.map(String.init).joined(separator: ":")
            }
            lines += weights.sorted { $0.key < $1.key }.map { "weight.\($0.key)=\($0.value)" }
        }
        lines.append("version=" + String(UInt64(bitPattern: version), radix: 16))
        return lines.joined(separator: "\n")
    }

    /// Reads a canonical text, as peers send it. Nothing in it is trusted: whatever is wrong is a typed error.
    public init(parsing text: String, file: String = "configuration") throws(ConfigurationError) {
        let lines = try ZooCfg(parsing: Array(text.utf8), file: file)
        var reader = MembershipReader(file: file, multiAddressAllowed: true)
        var version: Int64 = 0
        for entry in lines.entries {
            if entry.key == "version" {
                guard let value = UInt64(entry.value, radix: 16) else {
                    reader.complain(entry, "expected a version in hexadecimal")
                    continue
                }
                version = Int64(bitPattern: value)
            } else if MembershipReader.owns(entry.key) {
                reader.receive(entry)
            } else {
                reader.complain(entry, "expected only server, group, weight and version lines")
            }
        }
        self = try reader.finish(version: version)
    }
}
