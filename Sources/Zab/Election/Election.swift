// Fast leader election (ZooKeeper 3.9, `FastLeaderElection`): the part that outlives a single run. It knows the round
// and the settled vote and answers peers in every state. The run itself is in Election+Canvass.swift.
//
// Deviations from upstream, none visible to a peer that follows the protocol:
// - A time-out always sends the vote again. Upstream first asks whether anything was delivered and else only redials;
//   sending to a peer without a channel dials it anyway, and an unsent older message is replaced.
// - An observer asks again every two seconds at the latest. Nobody tells it that an election has ended; upstream's may
//   find out a minute later.
// - The only voter does not wait for silence. Upstream always waits.
// - While waiting for silence, a better vote that turns out to be obsolete does not undo the quorum already found.

public import Jute

/// Elects a leader and keeps the vote. A value without clock and I/O: `now` is any monotonic count of milliseconds.
public struct Election: Equatable, Sendable {
    public enum Role: Equatable, Sendable { case participant, observer }

    public let myID: ServerID
    public private(set) var role: Role
    public private(set) var membership: Membership
    /// A configuration proposed but not active yet; matters while its version is newer.
    public private(set) var lastSeen: Membership?
    public let timing: ElectionTiming
    /// Whether newer configurations found in notifications are adopted.
    public let isReconfigurable: Bool

    public internal(set) var state = PeerState.looking
    /// The vote given to whoever asks while no election runs: where the last one ended.
    public internal(set) var currentVote: Vote
    /// The logical clock. Begins at 0 in every process and is never stored.
    public internal(set) var round: Int64 = 0
    /// The election under way, nil in every settled state.
    public internal(set) var canvass: Canvass?

    /// `lastZxid` and `currentEpoch` are what this server has on disk; until a first election ends they make up the
    /// vote told to observers that ask.
    public init(
        myID: ServerID, role: Role, membership: Membership, lastSeen: Membership? = nil, lastZxid: Zxid,
        currentEpoch: Epoch, timing: ElectionTiming = ElectionTiming(), isReconfigurable: Bool = false
    ) {
        self.myID = myID
        self.role = role
        self.membership = membership
        self.lastSeen = lastSeen
        self.timing = timing
        self.isReconfigurable = isReconfigurable
        currentVote = Vote(leader: myID, zxid: lastZxid, peerEpoch: currentEpoch)
    }

    /// When `tick` is due; nil when nothing is waited for.
    public var nextDeadline: Int64? { canvass?.deadline }

    /// Begins a new round. `vote` is (self, last logged zxid, current epoch) for a participant, `.null` for an
    /// observer; a participant that the committed configuration does not list as voter proposes nobody.
    public mutating func start(now: Int64, vote: Vote) -> [ElectionAction] {
        precondition(vote.leader == myID || vote.leader == Vote.nobody, "first vote is for \(vote.leader)")
        precondition(role == .participant || vote.leader == Vote.nobody, "an observer votes for nobody")
        var initial = vote
        if !membership.isVoter(myID) { initial.leader = Vote.nobody }
        state = .looking
        round &+= 1
        canvass = Canvass(initial: initial, intervalMs: timing.minimumIntervalMs, now: now)
        return broadcast(now: now)
    }

    /// A notification arrived from `sid`, in whatever state this server is. `sid` must be another server: the
    /// transport refuses peers that claim this server's id.
    public mutating func receive(_ notification: Notification, from sid: ServerID, now: Int64) -> [ElectionAction] {
        precondition(sid != myID, "server \(myID) received its own notification from outside")
        if state == .looking, isReconfigurable,
            let version = Membership.version(ofText: notification.config), version > membership.version
        {
            return [.adoptConfiguration(notification.config)]
        }
        guard isVoter(sid) else { return [answer(currentVote, round: round, to: sid)] }
        switch state {
        case .looking:
            guard let canvass else { return [] }
            if notification.state == .looking, notification.electionEpoch < round {
                let answer = answer(canvass.proposal, round: round, to: sid)
                return [answer] + gather(notification, from: sid, now: now)
            }
            return gather(notification, from: sid, now: now)
        case .following, .leading, .observing:
            guard notification.state == .looking else { return [] }
            return [answer(currentVote, round: currentVote.electionEpoch, to: sid)]
        }
    }

    /// Time passed. Does nothing before `nextDeadline`.
    public mutating func tick(now: Int64) -> [ElectionAction] {
        guard let canvass, now >= canvass.deadline else { return [] }
        switch canvass.phase {
        case .finalizing:
            return finish(canvass.proposal)
        case .gathering:
            self.canvass?.intervalMs = min(2 * canvass.intervalMs, timing.maximumIntervalMs(for: role))
            return broadcast(now: now)
        }
    }

    /// The role was taken without an election: a reconfiguration named the leader. Ends a running one.
    public mutating func settle(state: PeerState, vote: Vote) {
        precondition(state != .looking, "looking begins with start")
        precondition((state == .leading) == (vote.leader == myID), "\(state) with a vote for \(vote.leader)")
        canvass = nil
        self.state = state
        currentVote = vote
    }

    /// Synchronisation finished (a leader began to serve, a learner got UPTODATE): the vote now shows the epoch
    /// that was founded. Its other fields stay, so that peers of one leader agree.
    public mutating func becameEstablished(epoch: Epoch) {
        precondition(state != .looking, "established in epoch \(epoch) while looking")
        currentVote.peerEpoch = epoch
    }

    /// The configuration changed. A running election must be started again afterwards.
    public mutating func adopt(membership: Membership, lastSeen: Membership? = nil, role: Role) {
        self.membership = membership
        self.lastSeen = lastSeen
        self.role = role
    }

    /// Votes in the committed configuration or in the one last seen.
    func isVoter(_ sid: ServerID) -> Bool {
        membership.isVoter(sid) || lastSeen?.isVoter(sid) == true
    }

    func answer(_ vote: Vote, round: Int64, to sid: ServerID) -> ElectionAction {
        .send(
            Notification(
                state: state, leader: vote.leader, zxid: vote.zxid, electionEpoch: round, peerEpoch: vote.peerEpoch,
                config: membership.text),
            to: sid)
    }
}
