// One run of the election as a step function: what a notification or silence does to the votes gathered.

import Jute

extension Election {
    /// Tells every voter what this server proposes, itself included, and waits from now.
    mutating func broadcast(now: Int64) -> [ElectionAction] {
        guard let canvass else { preconditionFailure("broadcast without an election") }
        var actions: [ElectionAction] = []
        for sid in voters.sorted() where sid != myID {
            actions.append(answer(canvass.proposal, round: round, to: sid))
        }
        self.canvass?.deadline = now + canvass.intervalMs
        voteForSelf(now: now)
        return actions
    }

    /// A voter's notification, this server looking.
    mutating func gather(_ notification: Notification, from sid: ServerID, now: Int64) -> [ElectionAction] {
        guard var run = canvass else { preconditionFailure("votes gathered without an election") }
        let wasFinalizing = run.phase == .finalizing
        let isCandidate = isVoter(notification.leader)
        if wasFinalizing, !isCandidate || !isBetter(Vote(notification), than: run.proposal) {
            run.deadline = now + timing.finalizeWaitMs
            canvass = run
            return []
        }
        run.phase = .gathering
        run.deadline = now + run.intervalMs
        canvass = run
        guard isCandidate else { return [] }

        var actions: [ElectionAction] = []
        switch notification.state {
        case .looking: actions = gatherLooking(notification, from: sid, now: now)
        case .following, .leading: actions = gatherSettled(notification, from: sid)
        case .observing: break
        }
        if wasFinalizing { finalizeIfDecided(now: now) }
        return actions
    }

    private mutating func gatherLooking(
        _ notification: Notification, from sid: ServerID, now: Int64
    ) -> [ElectionAction] {
        guard var run = canvass else { preconditionFailure("votes gathered without an election") }
        // A server without a database neither votes nor is voted for.
        if run.initial.zxid == .none || notification.zxid == .none { return [] }
        let vote = Vote(notification)
        var isNewProposal = false
        if notification.electionEpoch > round {
            round = notification.electionEpoch
            run.votes = [:]
            run.proposal = isBetter(vote, than: run.initial) ? vote : run.initial
            isNewProposal = true
        } else if notification.electionEpoch < round {
            return []
        } else if isBetter(vote, than: run.proposal) {
            run.proposal = vote
            isNewProposal = true
        }
        run.votes[sid] = vote
        canvass = run
        finalizeIfDecided(now: now)
        return isNewProposal ? tellProposal(now: now) : []
    }

    /// Follows a leader that a quorum follows and that itself says it leads.
    private mutating func gatherSettled(_ notification: Notification, from sid: ServerID) -> [ElectionAction] {
        guard var run = canvass else { preconditionFailure("votes gathered without an election") }
        let vote = Vote(notification)
        var isSettled = false
        if notification.electionEpoch == round {
            // Kept without its form, as upstream: within a round settled votes need to agree on the leader only.
            var stripped = vote
            stripped.version = 0
            run.votes[sid] = stripped
            isSettled = supporters(of: vote, in: run.votes).isComplete && isConfirmed(vote, by: run.votes)
        }
        if !isSettled {
            run.settledVotes[sid] = vote
            if supporters(of: vote, in: run.settledVotes).isComplete, isConfirmed(vote, by: run.settledVotes) {
                round = vote.electionEpoch
                isSettled = true
            }
        }
        canvass = run
        return isSettled ? finish(vote) : []
    }

    mutating func finish(_ vote: Vote) -> [ElectionAction] {
        precondition(isVoter(vote.leader), "server \(vote.leader) was elected but does not vote")
        if vote.leader == myID {
            state = .leading
        } else {
            state = role == .participant ? .following : .observing
        }
        currentVote = Vote(
            leader: vote.leader, zxid: vote.zxid, electionEpoch: round, peerEpoch: vote.peerEpoch)
        canvass = nil
        return [.elected(currentVote)]
    }

    /// Like `broadcast`, but in the middle of a step: the phase decides how long to wait.
    private mutating func tellProposal(now: Int64) -> [ElectionAction] {
        guard let before = canvass else { preconditionFailure("broadcast without an election") }
        let actions = broadcast(now: now)
        if before.phase == .finalizing { canvass?.deadline = before.deadline }
        return actions
    }

    /// A server's own vote reaches it like anybody's; a decided election no longer needs it.
    private mutating func voteForSelf(now: Int64) {
        guard var run = canvass, run.phase == .gathering, isVoter(myID), isVoter(run.proposal.leader) else { return }
        if run.initial.zxid == .none { return }
        run.votes[myID] = ballot(for: run.proposal)
        canvass = run
        finalizeIfDecided(now: now)
    }

    private mutating func finalizeIfDecided(now: Int64) {
        guard var run = canvass, run.phase == .gathering else { return }
        guard supporters(of: ballot(for: run.proposal), in: run.votes).isComplete else { return }
        run.phase = .finalizing
        // Where nobody else votes, nothing better can be on its way.
        run.deadline = voters == [myID] ? now : now + timing.finalizeWaitMs
        canvass = run
    }

    /// Whoever may vote, in the committed configuration or in the one last seen.
    private var voters: Set<ServerID> { membership.voters.union(lastSeen?.voters ?? []) }

    /// The proposal as a vote of this round.
    private func ballot(for proposal: Vote) -> Vote {
        Vote(
            leader: proposal.leader, zxid: proposal.zxid, electionEpoch: round, peerEpoch: proposal.peerEpoch)
    }

    private func isBetter(_ vote: Vote, than other: Vote) -> Bool {
        membership.verifier.weight(of: vote.leader) != 0 && other.precedes(vote)
    }

    private func supporters(of vote: Vote, in votes: [ServerID: Vote]) -> QuorumTracker {
        var tracker = QuorumTracker(committed: membership, lastSeen: lastSeen)
        for (sid, cast) in votes where cast.agrees(with: vote) { tracker.add(sid) }
        return tracker
    }

    /// The leader itself says that it leads; if it is this server, the round must be the current one.
    private func isConfirmed(_ vote: Vote, by votes: [ServerID: Vote]) -> Bool {
        vote.leader == myID ? vote.electionEpoch == round : votes[vote.leader]?.state == .leading
    }
}
