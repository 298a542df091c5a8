// A learner in service: a follower logs -> acks -> commits -> applies, an observer takes INFORM; both forward what
// their clients write.

import DequeModule
import Jute
import Tree
import Zab

extension Replica {
    /// UPTODATE: this server's state is the ensemble's. What is left of the synchronisation is worked off as in service.
    mutating func beginService() {
        let leader = learning!.leader
        emit(.sendToLeader(QuorumPacket(.ack, zxid: learning!.epoch.start)))
        learning!.phase = .active
        election.becameEstablished(epoch: learning!.epoch)
        emit(.log(.synchronised(learning!.epoch, lastApplied)))
        emit(
            .startServing(
                learning!.isObserver
                    ? .observer(of: leader, learning!.epoch) : .follower(of: leader, learning!.epoch)))
        if !learning!.isObserver { logPending() }
        let early = learning!.early
        learning!.early = []
        for zxid in early {
            commit(zxid)
            if learning == nil { return }
        }
        if learning!.isObserver {
            // Not committed: they come again as INFORM.
            learning!.pending.removeAll()
            learning!.lastReceived = lastApplied
        }
    }

    mutating func receiveInService(_ packet: QuorumPacket, _ type: PacketType?) {
        switch type {
        case .proposal where !learning!.isObserver:
            if accept(packet) { logPending() }
        case .commit where !learning!.isObserver, .commitAndActivate where !learning!.isObserver:
            commit(packet.zxid)
        case .inform where learning!.isObserver:
            if accept(packet) { commit(packet.zxid) }
        case .informAndActivate where learning!.isObserver:
            let data = packet.data.map { Array($0.dropFirst(8)) }
            if accept(QuorumPacket(.inform, zxid: packet.zxid, data: data)) { commit(packet.zxid) }
        case .sync: completeOldestSync()
        case .ping: answerPing(packet)
        case .revalidate: receiveRevalidation(packet.data)
        case .snap: abandonLeader("SNAP out of turn")
        case .request, .proposal, .ack, .commit, .inform, .commitAndActivate, .newLeader, .followerInfo, .upToDate,
            .diff, .trunc, .observerInfo, .leaderInfo, .ackEpoch, .informAndActivate, nil:
            // Upstream ignores what it does not expect in the steady state.
            break
        }
    }

    // MARK: Transactions

    private mutating func logPending() {
        while learning!.loggedCount < learning!.pending.count {
            let proposal = learning!.pending[learning!.loggedCount].proposal
            learning!.loggedCount += 1
            log(proposal, then: .ackProposal(proposal.zxid))
        }
    }

    /// The transaction at the head is committed. Anything else being committed means that this server has missed
    /// something: it starts over rather than skip (upstream ends the process).
    private mutating func commit(_ zxid: Zxid) {
        let expected = learning!.pending.first?.proposal.zxid
        guard expected == zxid else {
            return abandonLeader("commit of \(zxid), expected \(expected.map { "\($0)" } ?? "nothing")")
        }
        let head = learning!.pending.removeFirst()
        if learning!.loggedCount > 0 {
            learning!.loggedCount -= 1
        } else {
            // An observer logs what it is told without waiting for the disk: it acknowledges nothing.
            log(head.proposal, then: nil)
        }
        let match = learning!.requests.match(head.record.header, head.record.body)
        for origin in match.skipped { emit(.answer(origin.client, .outcomeUnknown)) }
        apply(head.proposal, head.record, origin: match.origin)
    }

    // MARK: Clients

    mutating func receiveAsLearner(_ input: ClientInput) {
        switch input {
        case .openSession(let client, let timeoutMs) where configuration.opensLocalSessions:
            openLocalSession(client, timeoutMs: timeoutMs)
        case .openSession(let client, let timeoutMs):
            let session = sessionIDs.next()
            let request = WriteRequest(
                session: session, cxid: Xid(0), opCode: OpCode.createSession.rawValue,
                body: CreateSessionTxn(timeOut: timeoutMs).encoded(), identities: [])
            learning!.requests.append(Origin(client: client, session: session, xid: Xid(0), opCode: .createSession))
            forward(request, authinfo: nil)
        case .reattachSession(let client, let session, let timeoutMs)
        where learning!.sessions.touch(session, timeout: timeoutMs, now: now.monotonicMs):
            emit(.answer(client, .reattached(session, timeoutMs: timeoutMs)))
        case .reattachSession(let client, let session, let timeoutMs):
            revalidate(client, session, timeoutMs)
        case .request(let client, let request) where answersLocally(request, client): break
        case .request(let client, let request):
            // Registered before it is sent: its answer must find it (quorum protocol, matching commits).
            if request.opCode == OpCode.sync.rawValue {
                learning!.syncs.append((client, request.cxid))
            } else if let opCode = OpCode(rawValue: request.opCode) {
                learning!.requests.append(
                    Origin(client: client, session: request.session, xid: request.cxid, opCode: opCode))
            }
            forward(request, authinfo: request.identities)
        case .touched(let touched):
            for (session, timeoutMs) in touched
            where !learning!.sessions.touch(session, timeout: timeoutMs, now: now.monotonicMs) {
                learning!.touched[session] = timeoutMs
            }
        case .disconnected(let client):
            // Bounded by the client port; a revalidation nobody waits for must not stay.
            if let session = learning!.revalidating.removeValue(forKey: client) {
                learning!.revalidations[session] = nil
            }
        }
    }

    mutating func forward(_ request: WriteRequest, authinfo: [Id]?) {
        emit(.sendToLeader(QuorumPacket(.request, zxid: .none, data: request.packetData(), authinfo: authinfo)))
    }

    private mutating func completeOldestSync() {
        // The leader sends SYNC behind the commits it stands for, and those are applied: the oldest sync is done.
        guard let (client, xid) = learning!.syncs.popFirst() else { return }
        emit(.answer(client, .synced(xid)))
    }

    // MARK: Sessions

    /// A session's id and timeout.
    private static let touchBytes = 12

    /// One packet, or as many as the sessions heard from since the last answer need; none above half of what a leader
    /// takes that is configured like this server.
    private mutating func answerPing(_ packet: QuorumPacket) {
        let touchesPerPacket = max(1, configuration.maximumPacketBytes / 2 / Self.touchBytes)
        let touched = learning!.touched.sorted { $0.key < $1.key }
        learning!.touched.removeAll(keepingCapacity: true)
        var first = 0
        repeat {
            let part = touched[first..<min(first + touchesPerPacket, touched.count)]
            var data = JuteEncoder(capacity: Self.touchBytes * max(1, part.count))
            for (session, timeoutMs) in part {
                data.write(session.rawValue)
                data.write(timeoutMs)
            }
            emit(
                .sendToLeader(QuorumPacket(.ping, zxid: packet.zxid, data: data.bytes, authinfo: packet.authinfo)))
            first = part.endIndex
        } while first < touched.count
    }

    private mutating func revalidate(_ client: ClientID, _ session: SessionID, _ timeoutMs: Int32) {
        // One question per session at a time: a later connection takes the session over from an earlier one.
        if let earlier = learning!.revalidations.updateValue((client, timeoutMs), forKey: session) {
            learning!.revalidating[earlier.client] = nil
            emit(.answer(earlier.client, .outcomeUnknown))
        }
        learning!.revalidating[client] = session
        var data = JuteEncoder(capacity: 12)
        data.write(session.rawValue)
        data.write(timeoutMs)
        emit(.sendToLeader(QuorumPacket(.revalidate, zxid: .none, data: data.bytes)))
    }

    private mutating func receiveRevalidation(_ data: [UInt8]?) {
        guard let data, data.count >= 9 else { return abandonLeader("unreadable REVALIDATE") }
        var decoder = JuteDecoder(data.span)
        guard let raw = try? decoder.readInt64(), let valid = try? decoder.readBool() else { return }
        let session = SessionID(raw)
        guard let (client, timeoutMs) = learning!.revalidations.removeValue(forKey: session) else { return }
        learning!.revalidating[client] = nil
        emit(.answer(client, valid ? .reattached(session, timeoutMs: timeoutMs) : .sessionInvalid))
    }

    // MARK: Time

    mutating func tickLearning() {
        if learning!.isActive {
            if now.monotonicMs - learning!.heardAtMs > configuration.syncLimitMs {
                return abandonLeader("nothing heard for syncLimit")
            }
            for session in learning!.sessions.expire(now: now.monotonicMs) { expireLocalSession(session) }
        } else if now.monotonicMs - learning!.heardAtMs > configuration.initLimitMs {
            abandonLeader("not synchronised within initLimit")
        }
    }
}
