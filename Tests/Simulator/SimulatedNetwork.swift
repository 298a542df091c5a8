// The network between servers: delays, losses, partitions, broken connections.

import Jute
import Replica

/// What travels on a quorum connection towards the learner.
enum Downstream {
    case packet(QuorumPacket)
    case snapshotSlice([UInt8])
    case snapshotEnd(Zxid, history: [HistoryEntry])
}

/// One learner's connection to a leader. Each direction keeps its order; either end may find it broken.
final class SimulatedConnection {
    let id: LearnerLinkID
    let learner: ServerID
    let leader: ServerID
    /// The lives of the two servers it connects: a restarted server knows nothing of it.
    let learnerLife: Int
    let leaderLife: Int
    var isOpen = true
    /// Earliest delivery of the next message of each direction, so that order is kept.
    var downstreamMs: Int64 = 0
    var upstreamMs: Int64 = 0
    /// Snapshot being sent, and what waits behind it.
    var isStreaming = false
    var held: [Downstream] = []

    init(id: LearnerLinkID, learner: ServerID, leader: ServerID, learnerLife: Int, leaderLife: Int) {
        self.id = id
        self.learner = learner
        self.leader = leader
        self.learnerLife = learnerLife
        self.leaderLife = leaderLife
    }
}

/// How hard a run is.
public struct Faults: Sendable {
    /// One in so many election messages is lost.
    public var lossOneIn = 20
    public var delayMs: ClosedRange<Int64> = 1...15
    /// Now and then a message takes this long.
    public var slowDelayMs: ClosedRange<Int64> = 50...400
    public var slowOneIn = 100
    public var diskMs: ClosedRange<Int64> = 1...20
    public var slowDiskMs: ClosedRange<Int64> = 100...900
    public var slowDiskOneIn = 60
    /// Mean virtual time between faults of each kind, milliseconds.
    public var crashEveryMs: Int64 = 9_000
    public var partitionEveryMs: Int64 = 12_000
    public var breakEveryMs: Int64 = 5_000
    public var pauseEveryMs: Int64 = 15_000
    /// The power of the whole ensemble fails.
    public var blackoutEveryMs: Int64 = 25_000
    /// The leader's disk and some others become slow for a while.
    public var slowDiskEveryMs: Int64 = 8_000
    /// One reign in so many is struck at its beginning: the leader dies, or everybody.
    public var reignCrashOneIn = 6
    /// One write of a current epoch in so many meets a power failure in its midst.
    public var epochCrashOneIn = 25
    /// Clocks run this much fast or slow, in parts per thousand.
    public var driftPerMille = 5

    public init() {}
}

/// Decides what arrives when. Partitions are sets of servers that cannot reach the others.
final class SimulatedNetwork {
    private let schedule: Schedule
    var random: SeededRandom
    var faults: Faults
    var isCalm = false
    /// Servers cut off from all others, each alone or as a group with the same number.
    private var side: [ServerID: Int] = [:]
    private var electionMs: [ElectionLane: Int64] = [:]

    private struct ElectionLane: Hashable {
        let from: ServerID
        let to: ServerID
    }

    init(schedule: Schedule, random: SeededRandom, faults: Faults) {
        self.schedule = schedule
        self.random = random
        self.faults = faults
    }

    func canReach(_ a: ServerID, _ b: ServerID) -> Bool { side[a, default: 0] == side[b, default: 0] }

    func partition(_ servers: [ServerID]) { for server in servers { side[server] = 1 } }

    func heal() { side = [:] }

    func delay() -> Int64 {
        if !isCalm, random.oneIn(faults.slowOneIn) { return random.ms(faults.slowDelayMs) }
        return random.ms(faults.delayMs)
    }

    /// Election channels keep their order; a message may be lost with its channel.
    func sendNotification(from: ServerID, to: ServerID, _ deliver: @escaping () -> Void) {
        if !isCalm, random.oneIn(faults.lossOneIn) { return }
        let lane = ElectionLane(from: from, to: to)
        let arrival = max(schedule.nowMs + delay(), electionMs[lane, default: 0])
        electionMs[lane] = arrival
        schedule.after(arrival - schedule.nowMs) { [self] in if canReach(from, to) { deliver() } }
    }
}
