// What a replica tells people who ask: figures, nothing that decides anything.

import Jute
public import Tree
import Zab

/// A leader's figures.
public struct LeadingFigures: Hashable, Sendable {
    public var learners = 0
    public var syncedFollowers = 0
    public var syncedNonVotingFollowers = 0
    public var syncedObservers = 0
    public var pendingSyncs = 0
    public var uptimeMs: Int64 = 0
    public var proposalBytes = Leading.ProposalBytes()

    public init() {}
}

extension Replica {
    /// In what role clients are served; nil while they are not.
    public var service: Service? {
        if let leading, leading.isEstablished { return .leader(leading.handshake.epoch) }
        guard let learning, learning.isActive else { return nil }
        return learning.isObserver
            ? .observer(of: learning.leader, learning.epoch) : .follower(of: learning.leader, learning.epoch)
    }

    public var leadingFigures: LeadingFigures? {
        guard let leading else { return nil }
        var figures = LeadingFigures()
        let voters = configuration.membership.voters
        figures.learners = leading.learners.count
        for learner in leading.learners.values where learner.phase == .active {
            if learner.isObserver {
                figures.syncedObservers += 1
            } else if voters.contains(learner.server) {
                figures.syncedFollowers += 1
            } else {
                figures.syncedNonVotingFollowers += 1
            }
        }
        figures.pendingSyncs = leading.pendingSyncs.count
        figures.uptimeMs = now.monotonicMs - leading.beganAtMs
        figures.proposalBytes = leading.proposalBytes
        return figures
    }

    /// When which global sessions expire, on the clock of `Moment.monotonicMs`; nil where another server decides.
    public var sessionDeadlines: [SessionDeadline]? { leading?.sessions.deadlines(local: false) }

    /// The same of the sessions that this server alone knows.
    public var localSessionDeadlines: [SessionDeadline] { sessions?.deadlines(local: true) ?? [] }

    public var localSessionCount: Int { sessions?.localCount ?? 0 }
}
