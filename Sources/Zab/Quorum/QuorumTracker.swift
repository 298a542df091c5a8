// Counts acknowledgements. Separate from the rule itself because while a reconfiguration is under way every decision
// needs a quorum of the old configuration and of the new one.

public import Jute

/// Who has acknowledged one thing, under one or two configurations.
public struct QuorumTracker: Equatable, Sendable {
    private struct Count: Equatable, Sendable {
        var verifier: QuorumVerifier
        var acks: Set<ServerID> = []
    }

    private var counts: [Count]

    /// `next` is a configuration that was proposed but is not active yet.
    public init(_ committed: QuorumVerifier, next: QuorumVerifier? = nil) {
        counts = [Count(verifier: committed)]
        if let next { counts.append(Count(verifier: next)) }
    }

    /// A tracker for a decision under `committed`, and under `lastSeen` too if that is newer.
    public init(committed: Membership, lastSeen: Membership? = nil) {
        let isPending = lastSeen.map { $0.version > committed.version } ?? false
        self.init(committed.verifier, next: isPending ? lastSeen?.verifier : nil)
    }

    /// Counts `sid` in every configuration in which it votes. Returns whether it votes in any.
    @discardableResult
    public mutating func add(_ sid: ServerID) -> Bool {
        var votes = false
        for index in counts.indices where counts[index].verifier.contains(sid) {
            counts[index].acks.insert(sid)
            votes = true
        }
        return votes
    }

    /// Further decisions need a quorum of `verifier` as well: a reconfiguration was proposed. Acknowledgements
    /// already counted are carried over to it.
    public mutating func require(_ verifier: QuorumVerifier) {
        precondition(counts.count == 1, "only one reconfiguration may be under way")
        counts.append(Count(verifier: verifier, acks: acks.filter { verifier.contains($0) }))
    }

    /// Every configuration has its quorum.
    public var isComplete: Bool { counts.allSatisfy { $0.verifier.isQuorum($0.acks) } }

    public func contains(_ sid: ServerID) -> Bool { counts.contains { $0.acks.contains(sid) } }

    /// Every voter counted under any of the configurations.
    public var acks: Set<ServerID> { counts.reduce(into: []) { $0.formUnion($1.acks) } }
}
