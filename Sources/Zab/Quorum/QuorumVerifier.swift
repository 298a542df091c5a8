// Which sets of voters may decide. Separate because election, recovery and broadcast all ask the same question
// and must never answer it differently.

public import Jute

/// The rule by which a set of voters is a quorum (ZooKeeper 3.9, `QuorumMaj` and `QuorumHierarchical`).
public enum QuorumVerifier: Equatable, Sendable {
    /// More than half of the voters.
    case majority(voters: Set<ServerID>)
    /// More than half of the weight in more than half of the groups that have any weight. Every voter is in exactly
    /// one group (`groups` maps voter to group); a voter without an entry in `weights` weighs 1.
    case hierarchical(groups: [ServerID: Int64], weights: [ServerID: Int64])

    public var voters: Set<ServerID> {
        switch self {
        case .majority(let voters): voters
        case .hierarchical(let groups, _): Set(groups.keys)
        }
    }

    public func contains(_ sid: ServerID) -> Bool {
        switch self {
        case .majority(let voters): voters.contains(sid)
        case .hierarchical(let groups, _): groups[sid] != nil
        }
    }

    /// What `sid` counts for. With majorities every server weighs 1, a stranger too, as upstream; in a hierarchy a
    /// stranger weighs nothing. A server of weight 0 is never elected.
    public func weight(of sid: ServerID) -> Int64 {
        switch self {
        case .majority: 1
        case .hierarchical(let groups, let weights): groups[sid] == nil ? 0 : weights[sid] ?? 1
        }
    }

    /// How many voters decide whichever they are; nil where groups and weights count.
    public var majority: Int? {
        switch self {
        case .majority(let voters): Self.majority(of: voters)
        case .hierarchical: nil
        }
    }

    private static func majority(of voters: Set<ServerID>) -> Int { voters.count / 2 + 1 }

    /// Whether `set` decides. Servers that are no voters count for nothing.
    public func isQuorum(_ set: some Sequence<ServerID>) -> Bool {
        switch self {
        case .majority(let voters):
            return Set(set).intersection(voters).count >= Self.majority(of: voters)
        case .hierarchical(let groups, _):
            return isHierarchicalQuorum(Set(set), groups: groups)
        }
    }

    private func isHierarchicalQuorum(_ set: Set<ServerID>, groups: [ServerID: Int64]) -> Bool {
        var total: [Int64: Int64] = [:]
        var present: [Int64: Int64] = [:]
        for (sid, group) in groups {
            let weight = weight(of: sid)
            precondition(weight >= 0, "weight \(weight) of server \(sid) is negative")
            total[group, default: 0] += weight
            if set.contains(sid) { present[group, default: 0] += weight }
        }
        let weighty = total.values.count { $0 != 0 }
        let won = present.count { group, weight in weight > total[group, default: 0] / 2 }
        return won > weighty / 2
    }
}
