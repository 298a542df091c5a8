// How a reign begins: the leader's walk through the three quorums of `EpochHandshake`.

import Jute
import Tree
import Zab

extension Replica {
    mutating func beginLeading() {
        let verifier = configuration.membership.verifier
        let summary = EpochHandshake.Summary(currentEpoch: currentEpoch, lastZxid: lastLogged)
        leading = Leading(
            handshake: EpochHandshake(leader: configuration.id, summary: summary, verifier: verifier),
            broadcast: LeaderBroadcast(epoch: .none, verifier: verifier),
            preparer: TxnPreparer(options: configuration.preparation),
            sessions: SessionExpiry(tickTime: Int32(configuration.tickTimeMs)), beganAtMs: now.monotonicMs,
            lastPingMs: now.monotonicMs, lastUnusedNodesCheckMs: now.monotonicMs)
        emit(.openQuorumPort)
        let promised = max(acceptedEpoch, promisedElsewhere)
        if leading!.handshake.receiveAcceptedEpoch(promised, from: configuration.id) { decideEpoch() }
    }

    /// The first quorum is complete. The epoch is announced once this server cannot forget it (I2).
    mutating func decideEpoch() {
        let epoch = leading!.handshake.epoch
        precondition(epoch > acceptedEpoch, "epoch \(epoch) after \(acceptedEpoch)")
        guard epoch.rawValue <= Int64(Int32.max) else { return emit(.halt("the epochs of this ensemble are used up")) }
        acceptedEpoch = epoch
        persist(.setAcceptedEpoch(epoch), then: .announceEpoch(epoch))
    }

    private mutating func announceEpoch(_ epoch: Epoch) {
        leading!.epochIsDurable = true
        for link in leading!.learners.links
        where leading!.learners[link].phase == .awaitingEpoch {
            sendLeaderInfo(to: link)
        }
        let own = EpochHandshake.Summary(currentEpoch: currentEpoch, lastZxid: lastLogged)
        let outcome = leading!.handshake.receiveEpochAck(own, from: configuration.id)
        if outcome == .quorum { beginEpoch() }
    }

    /// The second quorum is complete: this server's history is the ensemble's.
    mutating func beginEpoch() {
        let epoch = leading!.handshake.epoch
        leading!.broadcast = LeaderBroadcast(epoch: epoch, verifier: configuration.membership.verifier)
        currentEpoch = epoch
        // The history here is the ensemble's now.
        asksForTree = false
        persist(.setCurrentEpoch(epoch), then: .countNewLeader)
        for link in leading!.learners.links {
            if case .awaitingEpochQuorum(let lastZxid) = leading!.learners[link].phase {
                synchronise(link, endingAt: lastZxid)
            }
        }
    }

    mutating func leaderDidPersist(_ consequence: DiskLedger.Consequence) {
        switch consequence {
        case .announceEpoch(let epoch): announceEpoch(epoch)
        case .countNewLeader: countNewLeaderAck(from: configuration.id)
        case .ackProposal(let zxid): receiveAck(of: zxid, from: configuration.id)
        case .ackEpoch, .ackNewLeader: preconditionFailure("a learner's consequence at the leader")
        }
    }

    mutating func countNewLeaderAck(from server: ServerID) {
        if leading!.handshake.receiveNewLeaderAck(from: server) { establish() }
    }

    /// The third quorum is complete: the history up to here is committed, the reign has begun.
    private mutating func establish() {
        let epoch = leading!.handshake.epoch
        election.becameEstablished(epoch: epoch)
        leading!.lastPingMs = now.monotonicMs
        leading!.sessions.reset(sessions: tree.sessions.map { ($0.key, $0.value) }, now: now.monotonicMs)
        emit(.log(.leading(epoch)))
        emit(.startServing(.leader(epoch)))
        for link in leading!.learners.links
        where leading!.learners[link].phase == .awaitingEstablishment {
            activate(link)
        }
        endOrphanedSessions()
    }

    /// Ephemerals whose session is in no table have lost it to a crash of an old release: their owner is ended by a
    /// transaction, so that every server does the same.
    private mutating func endOrphanedSessions() {
        for session in tree.ephemeralOwners where tree.sessions[session] == nil {
            propose(
                WriteRequest(
                    session: session, cxid: Xid(0), opCode: OpCode.closeSession.rawValue, body: [], identities: []),
                from: nil, client: nil)
        }
    }
}
