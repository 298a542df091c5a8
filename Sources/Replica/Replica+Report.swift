// What a replica tells people who ask: figures, nothing that decides anything.

import Jute
package import Tree
import Zab

/// A leader's figures.
package struct LeadingFigures: Hashable, Sendable {
    package var learners = 0
    package var syncedFollowers = 0
    package var syncedNonVotingFollowers = 0
    package var syncedObservers = 0
    package var pendingSyncs = 0
    package var uptimeMs: Int64 = 0
    /// Bytes of proposals; -1 before the first.
    package var lastProposalBytes = -1
    package var minimumProposalBytes = -1
    package var maximumProposalBytes = -1
}

extension Replica {
    /// In what role clients are served; nil while they are not.
    package var service: Service? {
        if let leading, leading.isEstablished { return .leader(leading.handshake.epoch) }
        guard let learning, learning.isActive else { return nil }
        return learning.isObserver
            ? .observer(of: learning.leader, learning.epoch) : .follower(of: learning.leader, learning.epoch)
    }

    package var leadingFigures: LeadingFigures? {
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
        figures.lastProposalBytes = leading.proposalBytes.last
        figures.minimumProposalBytes = leading.proposalBytes.minimum
        figures.maximumProposalBytes = leading.proposalBytes.maximum
        return figures
    }

    /// When which global sessions expire, on the clock of `Moment.monotonicMs`; nil where another server decides.
    package var sessionDeadlines: [SessionDeadline]? { leading?.sessions.deadlines(local: false) }

    /// The same of the sessions that this server alone knows.
    package var localSessionDeadlines: [SessionDeadline] { sessions?.deadlines(local: true) ?? [] }

    package var localSessionCount: Int { sessions?.localCount ?? 0 }
}
