// The leader and its learners: introduction, synchronisation, service, silence.

import DequeModule
import Jute
import Tree
import Zab

extension Replica {
    // MARK: Connections

    mutating func learnerConnected(_ link: LearnerLinkID) {
        guard leading != nil else { return emit(.disconnectLearner(link, reason: "this server does not lead")) }
        leading!.learners.insert(link, LearnerPeer(connectedAtMs: now.monotonicMs))
    }

    mutating func learnerDisconnected(_ link: LearnerLinkID) {
        guard let learner = leading?.learners.remove(link) else { return }
        leading!.refreshRecipients()
        if learner.phase != .awaitingInfo { emit(.log(.learnerLost(learner.server))) }
    }

    /// Part of a snapshot went out: who takes it in is not silent.
    mutating func sentToLearner(_ link: LearnerLinkID) {
        guard let index = leading?.learners.index(of: link) else { return }
        leading!.learners[index].heardAtMs = now.monotonicMs
    }

    private mutating func disconnect(_ link: LearnerLinkID, _ reason: String) {
        emit(.disconnectLearner(link, reason: reason))
        learnerDisconnected(link)
    }

    // MARK: Packets

    mutating func receive(_ packet: QuorumPacket, from link: LearnerLinkID) {
        guard let index = leading?.learners.index(of: link) else { return }
        leading!.learners[index].heardAtMs = now.monotonicMs
        let phase = leading!.learners[index].phase
        let type = PacketType(rawValue: packet.type)
        switch phase {
        case .awaitingInfo:
            guard type == .followerInfo || type == .observerInfo else {
                return disconnect(link, "first packet is of type \(packet.type)")
            }
            introduce(link, packet, isObserver: type == .observerInfo)
        case .awaitingEpochAck:
            guard type == .ackEpoch else { return disconnect(link, "expected ACKEPOCH, got type \(packet.type)") }
            receiveEpochAck(packet, from: link)
        case .awaitingEpoch, .awaitingEpochQuorum:
            disconnect(link, "packet of type \(packet.type) out of turn")
        case .awaitingNewLeaderAck:
            // Followers of 3.8.0 may acknowledge single proposals first (ZOOKEEPER-4685): those acknowledgements count
            // for the proposals, not for NEWLEADER.
            if type == .ack, packet.zxid == leading!.handshake.epoch.start {
                receiveNewLeaderAck(from: link)
            } else if type == .ack {
                receiveAck(packet.zxid, from: link)
            }
        case .awaitingEstablishment, .active:
            receiveInService(packet, type, from: link)
        }
    }

    private mutating func receiveInService(_ packet: QuorumPacket, _ type: PacketType?, from link: LearnerLinkID) {
        switch type {
        case .ack: receiveAck(packet.zxid, from: link)
        case .ping: receiveTouches(packet.data, from: link)
        case .revalidate: revalidate(packet.data, from: link)
        case .request: receiveRequest(packet, from: link)
        case .proposal, .commit, .sync, .inform, .commitAndActivate, .newLeader, .followerInfo, .upToDate, .diff,
            .trunc, .snap, .observerInfo, .leaderInfo, .ackEpoch, .informAndActivate, nil:
            // Upstream ignores what it does not expect in the steady state.
            break
        }
    }

    private mutating func receiveAck(_ zxid: Zxid, from link: LearnerLinkID) {
        guard let server = leading!.learners[link].noteAck(of: zxid) else { return }
        receiveAck(of: zxid, from: server)
    }

    // MARK: Discovery

    private mutating func introduce(_ link: LearnerLinkID, _ packet: QuorumPacket, isObserver: Bool) {
        guard let data = packet.data, let info = try? LearnerInfo(decoding: data) else {
            return disconnect(link, "unreadable introduction")
        }
        guard info.protocolVersion >= LearnerInfo.currentVersion else {
            return disconnect(link, "protocol version \(info.protocolVersion) of server \(info.serverid) is too old")
        }
        guard info.configVersion <= configuration.membership.version else {
            return disconnect(link, "server \(info.serverid) knows a later configuration than this leader")
        }
        guard info.serverid != configuration.id else { return disconnect(link, "it claims this server's id") }
        guard (-1..<Int64(Int32.max) - 1).contains(packet.zxid.epoch.rawValue) else {
            return disconnect(link, "its epoch \(packet.zxid.epoch) is out of bounds")
        }
        leading!.learners[link].server = info.serverid
        leading!.learners[link].isObserver = isObserver
        leading!.learners[link].phase = .awaitingEpoch
        dropOlderLinks(of: info.serverid, than: link)
        let accepted = packet.zxid.epoch
        let voter = isObserver ? ServerID(-1) : info.serverid
        if leading!.isEstablished, accepted > leading!.handshake.epoch,
            configuration.membership.verifier.voters.contains(voter)
        {
            return makeWay(for: voter, promised: accepted, link)
        }
        if leading!.handshake.receiveAcceptedEpoch(accepted, from: voter) {
            decideEpoch()
        } else if leading!.epochIsDurable {
            sendLeaderInfo(to: link)
        }
    }

    /// How many epochs may come to nothing in a row before a promise is taken for a foreign one.
    private static let promisesWithoutReign: Int64 = 64

    /// A voter has promised its part to a reign that came to nothing, and may not follow this one. Left alone it would
    /// stay outside for as long as this reign lasts, and the ensemble would have one voter less than it seems
    /// (ZooKeeper 3.9 leaves it there). A reign above its promise takes it in.
    ///
    /// One that votes for a history beyond this leader's has not got it from this ensemble, nor an epoch that is far
    /// away: for those no reign ends.
    private mutating func makeWay(for voter: ServerID, promised: Epoch, _ link: LearnerLinkID) {
        let epoch = leading!.handshake.epoch
        let isNear = promised.rawValue - epoch.rawValue <= Self.promisesWithoutReign
        guard isNear, let candidacy = leading!.candidacies[voter], candidacy <= (currentEpoch, lastLogged) else {
            let question = "is its data this ensemble's?"
            return disconnect(
                link, "server \(voter) has promised epoch \(promised), this is epoch \(epoch): \(question)")
        }
        promisedElsewhere = max(promisedElsewhere, promised)
        abandonLeadership("server \(voter) has promised epoch \(promised), a later one is needed")
    }

    /// A voter without a leader has sent its vote; one for itself shows how far its own history goes.
    mutating func noteCandidacy(_ notification: Notification, of sender: ServerID) {
        guard leading != nil, notification.state == .looking, notification.leader == sender,
            configuration.membership.verifier.voters.contains(sender)
        else { return }
        leading!.candidacies[sender] = (notification.peerEpoch, notification.zxid)
    }

    /// A server that connects again has lost its former connection, whether or not this side has noticed.
    private mutating func dropOlderLinks(of server: ServerID, than link: LearnerLinkID) {
        let learners = leading!.learners
        let older = learners.indices.filter {
            learners.links[$0] != link && learners[$0].server == server && learners[$0].phase != .awaitingInfo
        }
        for old in older { disconnect(learners.links[old], "server \(server) has connected again") }
    }

    mutating func sendLeaderInfo(to link: LearnerLinkID) {
        var version = JuteEncoder(capacity: 4)
        version.write(LearnerInfo.currentVersion)
        leading!.learners[link].phase = .awaitingEpochAck
        let packet = QuorumPacket(.leaderInfo, zxid: leading!.handshake.epoch.start, data: version.bytes)
        emit(.send(packet, to: [link]))
    }

    private mutating func receiveEpochAck(_ packet: QuorumPacket, from link: LearnerLinkID) {
        let learner = leading!.learners[link]
        guard let data = packet.data, data.count >= 4 else { return disconnect(link, "unreadable ACKEPOCH") }
        var decoder = JuteDecoder(data.span)
        let value = (try? decoder.readInt32()) ?? -1
        let summary =
            value == -1
            ? nil : EpochHandshake.Summary(currentEpoch: Epoch(Int64(value)), lastZxid: packet.zxid)
        let voter = learner.isObserver ? ServerID(-1) : learner.server
        let wasDecided = leading!.handshake.phase > .awaitingEpochAcks
        switch leading!.handshake.receiveEpochAck(summary, from: voter) {
        case .ahead:
            disconnect(link, "server \(learner.server) has a history ahead of this leader's")
        case .quorum:
            leading!.learners[link].phase = .awaitingEpochQuorum(lastZxid: packet.zxid)
            beginEpoch()
        case .noted:
            leading!.learners[link].phase = .awaitingEpochQuorum(lastZxid: packet.zxid)
            if wasDecided { synchronise(link, endingAt: packet.zxid) }
        }
    }

    // MARK: Synchronisation

    /// Queues what the learner lacks, registers it for live traffic in the same step, then queues NEWLEADER: nothing
    /// can fall between history and live traffic.
    mutating func synchronise(_ link: LearnerLinkID, endingAt peer: Zxid) {
        let plan = SyncPlan(
            peer: peer, last: lastApplied, window: window, forceSnapshot: configuration.forceSnapshotSync)
        let server = leading!.learners[link].server
        if !leading!.learners[link].isObserver { leading!.broadcast.forgetAcks(of: server) }
        switch plan.operation {
        case .diff(let zxid): emit(.send(QuorumPacket(.diff, zxid: zxid), to: [link]))
        case .trunc(let zxid): emit(.send(QuorumPacket(.trunc, zxid: zxid), to: [link]))
        case .snap:
            emit(.send(QuorumPacket(.snap, zxid: lastApplied), to: [link]))
            emit(.sendSnapshot(to: link))
        }
        for proposal in plan.history {
            emit(.send(QuorumPacket(.proposal, zxid: proposal.zxid, data: proposal.payload), to: [link]))
            emit(.send(QuorumPacket(.commit, zxid: proposal.zxid), to: [link]))
        }
        if !leading!.learners[link].isObserver {
            for proposal in leading!.broadcast.outstanding {
                emit(.send(QuorumPacket(.proposal, zxid: proposal.zxid, data: proposal.payload), to: [link]))
            }
        }
        leading!.learners[link].phase = .awaitingNewLeaderAck
        leading!.learners[link].heardAtMs = now.monotonicMs
        leading!.refreshRecipients()
        let epoch = leading!.handshake.epoch
        emit(.send(QuorumPacket(.newLeader, zxid: epoch.start, data: configuration.membership.text), to: [link]))
        emit(
            .log(
                .learnerSynchronising(
                    server, operation: plan.operation.name, history: plan.history.count)))
    }

    private mutating func receiveNewLeaderAck(from link: LearnerLinkID) {
        let learner = leading!.learners[link]
        leading!.learners[link].phase = .awaitingEstablishment
        if leading!.isEstablished {
            activate(link)
        } else if !learner.isObserver {
            countNewLeaderAck(from: learner.server)
        }
    }

    /// UPTODATE, then the commits that were held back for it.
    mutating func activate(_ link: LearnerLinkID) {
        let learner = leading!.learners[link]
        emit(.send(QuorumPacket(.upToDate, zxid: .none), to: [link]))
        for zxid in learner.heldCommits { emit(.send(QuorumPacket(.commit, zxid: zxid), to: [link])) }
        leading!.learners[link].heldCommits = []
        // It could not acknowledge single proposals before.
        leading!.learners[link].timedProposal?.sinceMs = now.monotonicMs
        leading!.learners[link].phase = .active
        leading!.refreshRecipients()
        emit(.log(.learnerActive(learner.server, observer: learner.isObserver)))
    }

    // MARK: Service

    private mutating func receiveRequest(_ packet: QuorumPacket, from link: LearnerLinkID) {
        guard leading!.isEstablished, let data = packet.data,
            let request = try? WriteRequest(packetData: data, identities: packet.authinfo ?? [])
        else { return disconnect(link, "unreadable REQUEST") }
        if request.opCode == OpCode.sync.rawValue {
            sync(.learner(link))
        } else {
            propose(request, from: link, client: nil)
        }
    }

    /// The sessions a learner has heard from, in the data of its answer to PING.
    private mutating func receiveTouches(_ data: [UInt8]?, from link: LearnerLinkID) {
        guard let data else { return }
        var decoder = JuteDecoder(data.span)
        while decoder.remaining >= 12 {
            guard let session = try? decoder.readInt64(), let timeoutMs = try? decoder.readInt32() else { return }
            leading!.sessions.touch(SessionID(session), timeout: timeoutMs, now: now.monotonicMs)
        }
    }

    private mutating func revalidate(_ data: [UInt8]?, from link: LearnerLinkID) {
        guard let data, data.count >= 12 else { return disconnect(link, "unreadable REVALIDATE") }
        var decoder = JuteDecoder(data.span)
        guard let raw = try? decoder.readInt64(), let timeoutMs = try? decoder.readInt32() else { return }
        let session = SessionID(raw)
        let valid =
            leading!.isEstablished && !leading!.sessions.isLocal(session)
            && leading!.sessions.revalidate(
                session, timeout: timeoutMs, owner: Leading.owner(of: link), now: now.monotonicMs)
        var answer = JuteEncoder(capacity: 9)
        answer.write(session.rawValue)
        answer.write(valid)
        emit(.send(QuorumPacket(.revalidate, zxid: .none, data: answer.bytes), to: [link]))
    }

    // MARK: Time

    /// How long a learner may be silent: longer until it has synchronised.
    func silenceLimitMs(of learner: LearnerPeer) -> Int64 {
        learner.phase == .active
            ? configuration.syncLimitMs : configuration.initLimitMs + configuration.syncLimitMs
    }

    mutating func dropSilentLearners() {
        let learners = leading!.learners
        for (link, learner) in zip(learners.links, learners.values) {
            if now.monotonicMs - learner.heardAtMs > silenceLimitMs(of: learner) {
                disconnect(link, "server \(learner.server) was silent for longer than its limit")
            } else if learner.phase == .active, !learner.isObserver, let timed = learner.timedProposal,
                now.monotonicMs - timed.sinceMs > configuration.syncLimitMs
            {
                disconnect(link, "server \(learner.server) has not acknowledged \(timed.zxid) within syncLimit")
            }
        }
    }

    mutating func pingLearners() {
        let learners = leading!.learners
        let recipients = learners.indices.filter { learners[$0].phase == .active }.map { learners.links[$0] }
        if recipients.isEmpty { return }
        emit(.send(QuorumPacket(.ping, zxid: leading!.broadcast.lastProposed), to: recipients))
    }
}

extension SyncPlan.Operation {
    var name: String {
        switch self {
        case .diff: "DIFF"
        case .trunc: "TRUNC"
        case .snap: "SNAP"
        }
    }
}
