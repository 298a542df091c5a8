// The leader's part: prepare -> propose -> commit -> apply, in that order. How learners get there is in
// Leading+Learners.swift, how the reign begins in Leading+Epoch.swift.

import DequeModule
import Jute
public import Tree
import Zab

/// What a server knows only while it leads.
public struct Leading {
    var handshake: EpochHandshake
    var broadcast: LeaderBroadcast
    /// The outstanding proposals' transactions, in the order of `broadcast.outstanding`, and which local client waits
    /// for each.
    var inFlight: Deque<(record: TxnRecord, origin: Origin?)> = []
    var learners = LearnerTable()
    var preparer: TxnPreparer
    public internal(set) var sessions: SessionExpiry
    /// How far the histories of voters go that have no leader: epoch and last zxid, as each last voted for itself.
    var candidacies: [ServerID: (Epoch, Zxid)] = [:]
    /// Syncs that wait for a commit, in order.
    var pendingSyncs: Deque<PendingSync> = []
    /// The epoch is on this server's disk: learners may be told.
    var epochIsDurable = false
    var proposalBytes = ProposalBytes()
    let beganAtMs: Int64
    var lastPingMs: Int64
    var lastUnusedNodesCheckMs: Int64
    var pingsUntilCheck = 0
    /// Learners that get COMMITs and those that get INFORMs; kept beside `learners` because every commit needs them.
    var activeParticipants: [LearnerLinkID] = []
    var registeredParticipants: [LearnerLinkID] = []
    /// Registered and not active: their COMMITs are held back.
    var waitingParticipants: [LearnerLinkID] = []
    var registeredObservers: [LearnerLinkID] = []

    var isEstablished: Bool { handshake.phase == .established }

    /// Sizes of the epoch's proposals; -1 before the first.
    public struct ProposalBytes: Hashable, Sendable {
        public var last = -1
        public var minimum = -1
        public var maximum = -1

        public init() {}

        mutating func note(_ count: Int) {
            last = count
            minimum = minimum < 0 ? count : min(minimum, count)
            maximum = max(maximum, count)
        }
    }

    struct PendingSync {
        enum Target {
            case client(ClientID, Xid)
            case learner(LearnerLinkID)
        }
        let zxid: Zxid
        let target: Target
    }

    /// The server that owns a session: the link its requests come through, or this server itself.
    static func owner(of link: LearnerLinkID?) -> SessionOwner { SessionOwner(link?.rawValue ?? .max) }

    mutating func prepare(
        _ request: WriteRequest, zxid: Zxid, from link: LearnerLinkID?, tree: DataTree, at now: Moment
    ) -> Prepared {
        preparer.prepare(
            request, from: Self.owner(of: link), zxid: zxid, time: now.wallMs, now: now.monotonicMs, tree: tree,
            sessions: &sessions)
    }

    mutating func refreshRecipients() {
        let registered = zip(learners.links, learners.values).filter { $0.1.isRegistered }
        let participants = registered.filter { !$0.1.isObserver }
        registeredParticipants = participants.map(\.0)
        registeredObservers = registered.filter { $0.1.isObserver }.map(\.0)
        activeParticipants = participants.filter { $0.1.phase == .active }.map(\.0)
        waitingParticipants = participants.filter { $0.1.phase != .active }.map(\.0)
    }
}

extension Replica {
    /// Whether the learner is a follower that the last commit did not wait for. Others are quick enough: until one of them
    /// is not, nothing waits for this one either.
    public func isSpare(_ link: LearnerLinkID) -> Bool {
        guard leading != nil, let index = leading!.learners.index(of: link) else { return false }
        return leading!.learners[index].phase == .active && leading!.broadcast.didSpare(leading!.learners[index].server)
    }

    /// Whether anything can follow at once from what this server's disk has done. For a leader that is so once enough
    /// followers have acknowledged a proposal that its own disk has not.
    public var isWaitingForDisk: Bool {
        guard leading != nil, leading!.isEstablished else { return true }
        return leading!.broadcast.isWaiting(for: configuration.id)
    }

    // MARK: Requests

    mutating func receiveAsLeader(_ input: ClientInput) {
        switch input {
        case .openSession(let client, let timeoutMs) where configuration.opensLocalSessions:
            openLocalSession(client, timeoutMs: timeoutMs)
        case .openSession(let client, let timeoutMs):
            openSession(client, timeoutMs: timeoutMs)
        case .reattachSession(let client, let session, let timeoutMs):
            let owner = Leading.owner(of: nil)
            let alive = leading!.sessions.revalidate(session, timeout: timeoutMs, owner: owner, now: now.monotonicMs)
            emit(.answer(client, alive ? .reattached(session, timeoutMs: timeoutMs) : .sessionInvalid))
        case .request(let client, let request) where request.opCode == OpCode.sync.rawValue:
            sync(.client(client, request.cxid))
        case .request(let client, let request) where answersLocally(request, client): break
        case .request(let client, let request):
            propose(request, from: nil, client: client)
        case .touched(let touched):
            for (session, timeoutMs) in touched {
                leading!.sessions.touch(session, timeout: timeoutMs, now: now.monotonicMs)
            }
        case .disconnected: break
        }
    }

    private mutating func openSession(_ client: ClientID, timeoutMs: Int32) {
        let session = sessionIDs.next()
        let body = CreateSessionTxn(timeOut: timeoutMs).encoded()
        let request = WriteRequest(
            session: session, cxid: Xid(0), opCode: OpCode.createSession.rawValue, body: body, identities: [])
        propose(request, from: nil, client: client)
    }

    /// Turns a request into the next transaction and proposes it. `link` is the learner it came through, `client` the
    /// connection it came from when that is here.
    mutating func propose(_ request: WriteRequest, from link: LearnerLinkID?, client: ClientID?) {
        if leading!.broadcast.isExhausted { return abandonLeadership("the zxid counter of this epoch is used up") }
        let zxid = leading!.broadcast.lastProposed.next
        switch leading!.prepare(request, zxid: zxid, from: link, tree: tree, at: now) {
        case .refused(let error):
            if let client { return emit(.answer(client, .refused(request.cxid, error))) }
            // A learner has no packet for a refusal: its client is answered by an error in the history.
            let header = TxnHeader(
                clientId: request.session, cxid: request.cxid, zxid: zxid, time: now.wallMs,
                type: OpCode.error.rawValue)
            propose(TxnRecord(header: header, body: .error(ErrorTxn(err: error)), digest: nil), origin: nil)
        case .txn(let record):
            let origin = client.flatMap { client in
                OpCode(rawValue: request.opCode).map {
                    Origin(client: client, session: request.session, xid: request.cxid, opCode: $0)
                }
            }
            propose(record, origin: origin)
        }
    }

    private mutating func propose(_ record: TxnRecord, origin: Origin?) {
        let proposal = Proposal(zxid: record.zxid, payload: record.encoded())
        leading!.broadcast.propose(proposal)
        leading!.inFlight.append((record, origin))
        leading!.proposalBytes.note(proposal.payload.count)
        lastLogged = proposal.zxid
        let packet = QuorumPacket(.proposal, zxid: proposal.zxid, data: proposal.payload)
        for link in leading!.registeredParticipants { leading!.learners[link].time(proposal.zxid, from: now) }
        if !leading!.registeredParticipants.isEmpty { emit(.send(packet, to: leading!.registeredParticipants)) }
        persist(.append(proposal), then: .ackProposal(proposal.zxid))
    }

    /// The sessions that were not heard from in time end by a transaction like any other.
    mutating func expireSessions() {
        for session in leading!.sessions.expire(now: now.monotonicMs) {
            if leading!.sessions.isLocal(session) {
                expireLocalSession(session)
                continue
            }
            emit(.log(.sessionExpired(session)))
            propose(
                WriteRequest(
                    session: session, cxid: Xid(0), opCode: OpCode.closeSession.rawValue, body: [], identities: []),
                from: nil, client: nil)
            if leading == nil { return }
        }
    }

    /// Containers that have lost their last child and TTL nodes past their time go by transactions of no session.
    private mutating func removeUnusedNodes() {
        guard now.monotonicMs - leading!.lastUnusedNodesCheckMs >= configuration.unusedNodesCheckMs else { return }
        leading!.lastUnusedNodesCheckMs = now.monotonicMs
        let unused = tree.unusedNodes(
            wallMs: now.wallMs, neverUsedMs: configuration.neverUsedContainerMs,
            limit: configuration.unusedNodesPerCheck)
        for path in unused where leading != nil {
            let body = DeleteContainerRequest(path: path).encoded()
            let request = WriteRequest(
                session: .none, cxid: Xid(0), opCode: OpCode.deleteContainer.rawValue, body: body, identities: [])
            propose(request, from: nil, client: nil)
        }
    }

    // MARK: Acknowledgements and commits

    mutating func receiveAck(of zxid: Zxid, from server: ServerID) {
        let committed = leading!.broadcast.receiveAck(of: zxid, from: server)
        for proposal in committed { commit(proposal) }
    }

    private mutating func commit(_ proposal: Proposal) {
        let (record, origin) = leading!.inFlight.removeFirst()
        precondition(record.zxid == proposal.zxid, "committed \(proposal.zxid), expected \(record.zxid)")
        if !leading!.activeParticipants.isEmpty {
            emit(.send(QuorumPacket(.commit, zxid: proposal.zxid), to: leading!.activeParticipants))
        }
        if !leading!.registeredObservers.isEmpty {
            let packet = QuorumPacket(.inform, zxid: proposal.zxid, data: proposal.payload)
            emit(.send(packet, to: leading!.registeredObservers))
        }
        for link in leading!.waitingParticipants {
            leading!.learners[link].heldCommits.append(proposal.zxid)
        }
        if case .closeSession = record.body { leading!.sessions.remove(record.header.clientId) }
        apply(proposal, record, origin: origin)
        releaseSyncs(through: proposal.zxid)
    }

    // MARK: Sync

    /// Answers once everything proposed so far is committed.
    mutating func sync(_ target: Leading.PendingSync.Target) {
        let pending = Leading.PendingSync(zxid: leading!.broadcast.lastProposed, target: target)
        if leading!.broadcast.outstanding.isEmpty {
            complete(pending)
        } else {
            leading!.pendingSyncs.append(pending)
        }
    }

    private mutating func releaseSyncs(through zxid: Zxid) {
        while let head = leading!.pendingSyncs.first, head.zxid <= zxid {
            leading!.pendingSyncs.removeFirst()
            complete(head)
        }
    }

    private mutating func complete(_ sync: Leading.PendingSync) {
        switch sync.target {
        case .client(let client, let xid): emit(.answer(client, .synced(xid)))
        case .learner(let link):
            guard let index = leading!.learners.index(of: link), leading!.learners[index].isRegistered else { return }
            emit(.send(QuorumPacket(.sync, zxid: .zero), to: [link]))
        }
    }

    // MARK: Time

    mutating func tickLeading() {
        guard leading!.isEstablished else {
            if now.monotonicMs - leading!.beganAtMs > configuration.initLimitMs {
                abandonLeadership("no quorum within initLimit")
            }
            return
        }
        expireSessions()
        if leading != nil { removeUnusedNodes() }
        guard leading != nil, now.monotonicMs - leading!.lastPingMs >= configuration.tickTimeMs / 2 else { return }
        leading!.lastPingMs = now.monotonicMs
        dropSilentLearners()
        pingLearners()
        leading!.pingsUntilCheck -= 1
        if leading!.pingsUntilCheck <= 0 {
            leading!.pingsUntilCheck = 2
            if !hasQuorum { abandonLeadership("no quorum of voters within syncLimit") }
        }
    }

    /// Whether this server and the learners heard from within syncLimit are a quorum (I4).
    private var hasQuorum: Bool {
        let heard = leading!.learners.values.filter { learner in
            learner.isRegistered && !learner.isObserver
                && now.monotonicMs - learner.heardAtMs <= silenceLimitMs(of: learner)
        }
        let servers = Set(heard.map(\.server)).union([configuration.id])
        let verifier = configuration.membership.verifier
        return verifier.isQuorum(servers.intersection(verifier.voters))
    }

    // MARK: The end

    /// Stops leading, for a reason of this server's own or the network's.
    mutating func abandonLeadership(_ reason: String) {
        precondition(leading != nil)
        if leading!.isEstablished { emit(.stopServing(reason: reason)) }
        emit(.log(.leadershipLost(reason)))
        emit(.closeQuorumPort)
        // What is in the log may yet be committed by the next leader: the vote must name it, and the tree must hold
        // what the vote names (ZOOKEEPER-2845).
        emit(.abandonOwnSnapshot)
        let outstanding = leading!.broadcast.outstanding
        for (proposal, entry) in zip(outstanding, leading!.inFlight) { apply(proposal, entry.record, origin: nil) }
        leading = nil
        disk.forgetConsequences()
        beginElection()
    }
}
