// Many elections in one process from one seed: servers that crash, and a network that delays, reorders and loses.
// The caller's side is modelled as roughly as the election needs: a follower whose leader does not lead gives up, a
// leader without a quorum of followers gives up.

import Jute
import Zab

/// SplitMix64: the same sequence everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

struct ElectionSimulation {
    struct Node {
        var election: Election
        let vote: Vote
        var isUp = true
        /// When the present role was taken, and the wait until it is given up.
        var roleSince: Int64 = 0
        var isEstablished = false
    }

    private struct Message {
        let notification: Notification
        let from: ServerID
        let to: ServerID
        let due: Int64
        let order: Int
    }

    static let text = Array("server.1=localhost:2888:3888:participant\nversion=0".utf8)
    /// Both waits a role has to succeed, as initLimit would give it, in ms.
    static let patience: Int64 = 1500
    /// Resolution of time, in ms.
    static let step: Int64 = 10

    private(set) var nodes: [ServerID: Node] = [:]
    let membership: Membership
    private var random: SeededGenerator
    private var inFlight: [Message] = []
    private var sent = 0
    private(set) var now: Int64 = 0
    var lossPercent = 0
    var maximumDelay: Int64 = 40
    /// Who settled on whom in which round, one entry per process: (server, incarnation).
    private(set) var settled: [Int64: [ServerID: ServerID]] = [:]
    private(set) var violations: [String] = []
    private(set) var restarts = 0

    init(voters: Int64, observers: Int64, seed: UInt64) {
        random = SeededGenerator(seed: seed)
        let voterIDs = Set((1...voters).map { ServerID($0) })
        let observerIDs = Set((0..<observers).map { ServerID(voters + 1 + $0) })
        membership = Membership(voters: voterIDs, observers: observerIDs, text: Self.text)
        for sid in voterIDs.union(observerIDs).sorted() {
            let epoch = Epoch(Int64.random(in: 0...2, using: &random))
            let zxid = Zxid(epoch: epoch, counter: UInt32.random(in: 0...3, using: &random))
            let vote = voterIDs.contains(sid) ? Vote(leader: sid, zxid: zxid, peerEpoch: epoch) : .null
            nodes[sid] = Node(election: newElection(sid), vote: vote)
        }
        for sid in sids { start(sid) }
    }

    var sids: [ServerID] { nodes.keys.sorted() }

    /// The leader everybody up agrees on, all established; nil while there is none.
    var consensus: ServerID? {
        let up = nodes.values.filter(\.isUp)
        guard let leader = up.first(where: { $0.election.state == .leading })?.election.myID else { return nil }
        let agree = up.allSatisfy {
            $0.election.state != .looking && $0.election.currentVote.leader == leader && $0.isEstablished
        }
        return agree ? leader : nil
    }

    /// Whether `leader` is at least as good as the first votes of a quorum.
    func isBestOfAQuorum(_ leader: ServerID) -> Bool {
        guard let vote = nodes[leader]?.vote else { return false }
        return membership.verifier.isQuorum(membership.voters.filter { !vote.precedes(nodes[$0]!.vote) })
    }

    mutating func crash(_ sid: ServerID) {
        nodes[sid]?.isUp = false
        inFlight.removeAll { $0.to == sid || $0.from == sid }
    }

    mutating func restart(_ sid: ServerID) {
        guard let node = nodes[sid], !node.isUp else { return }
        nodes[sid] = Node(election: newElection(sid), vote: node.vote)
        restarts += 1
        start(sid)
    }

    /// Crashes or restarts a random server. A majority of voters always stays up.
    mutating func disturb() {
        let sid = sids.randomElement(using: &random)!
        if nodes[sid]!.isUp {
            let upVoters = membership.voters.filter { nodes[$0]!.isUp && $0 != sid }
            if membership.verifier.isQuorum(upVoters) { crash(sid) }
        } else {
            restart(sid)
        }
    }

    /// Lets `duration` ms pass, or less if `until` becomes true.
    mutating func run(_ duration: Int64, until: (ElectionSimulation) -> Bool = { _ in false }) {
        let end = now + duration
        while now < end, !until(self) {
            now += Self.step
            deliver()
            for sid in sids where nodes[sid]!.isUp {
                perform(nodes[sid]!.election.tick(now: now), by: sid)
                reviewRole(sid)
            }
        }
    }

    private func newElection(_ sid: ServerID) -> Election {
        Election(
            myID: sid, role: membership.isVoter(sid) ? .participant : .observer, membership: membership,
            lastZxid: .zero, currentEpoch: Epoch(0),
            timing: ElectionTiming(minimumIntervalMs: 200, maximumIntervalMs: 1000))
    }

    private mutating func start(_ sid: ServerID) {
        nodes[sid]!.isEstablished = false
        perform(nodes[sid]!.election.start(now: now, vote: nodes[sid]!.vote), by: sid)
    }

    private mutating func deliver() {
        let due = inFlight.filter { $0.due <= now }.sorted { ($0.due, $0.order) < ($1.due, $1.order) }
        inFlight.removeAll { $0.due <= now }
        for message in due where nodes[message.to]!.isUp {
            let actions = nodes[message.to]!.election.receive(message.notification, from: message.from, now: now)
            perform(actions, by: message.to)
        }
    }

    private mutating func perform(_ actions: [ElectionAction], by sid: ServerID) {
        for action in actions {
            switch action {
            case .send(let notification, let to):
                sent += 1
                if !nodes[to]!.isUp || Int.random(in: 0..<100, using: &random) < lossPercent { continue }
                let due = now + Int64.random(in: 1...maximumDelay, using: &random)
                inFlight.append(Message(notification: notification, from: sid, to: to, due: due, order: sent))
            case .elected(let vote):
                nodes[sid]!.roleSince = now
                record(vote, by: sid)
            case .adoptConfiguration: violations.append("configuration adopted without being asked for")
            }
        }
    }

    private mutating func record(_ vote: Vote, by sid: ServerID) {
        let state = nodes[sid]!.election.state
        if (state == .leading) != (vote.leader == sid) { violations.append("\(sid) is \(state) for \(vote.leader)") }
        if !isBestOfAQuorum(vote.leader) { violations.append("\(vote.leader) is not the best of a quorum") }
        guard membership.isVoter(sid) else { return }
        settled[vote.electionEpoch, default: [:]][sid] = vote.leader
        // Restarted servers forget their round and may vote in it again; epochs are there to sort that out.
        if restarts > 0 { return }
        let leaders = Set(settled[vote.electionEpoch]!.values).filter { leader in
            membership.verifier.isQuorum(settled[vote.electionEpoch]!.filter { $0.value == leader }.keys)
        }
        if leaders.count > 1 { violations.append("round \(vote.electionEpoch) settled on \(leaders)") }
    }

    private func followers(of leader: ServerID) -> [ServerID] {
        membership.voters.filter {
            nodes[$0]!.isUp && nodes[$0]!.election.state != .looking
                && nodes[$0]!.election.currentVote.leader == leader
        }
    }

    /// Gives up a role that does not come about, and establishes one that does.
    private mutating func reviewRole(_ sid: ServerID) {
        let node = nodes[sid]!
        guard node.election.state != .looking else { return }
        let leader = node.election.currentVote.leader
        let leads = nodes[leader]!.isUp && nodes[leader]!.election.state == .leading
        let isSupported = leads && membership.verifier.isQuorum(followers(of: leader))
        if isSupported {
            nodes[sid]!.roleSince = now
            guard !node.isEstablished, Int.random(in: 0..<5, using: &random) == 0 else { return }
            nodes[sid]!.isEstablished = true
            nodes[sid]!.election.becameEstablished(epoch: Epoch(nodes[leader]!.vote.peerEpoch.rawValue + 1))
        } else if now - node.roleSince > Self.patience {
            start(sid)
        }
    }
}
