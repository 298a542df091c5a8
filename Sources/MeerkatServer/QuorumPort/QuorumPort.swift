// The leader's end of the quorum port: accepts learners, turns bytes into packets and packets into bytes. What a packet
// means is the replica's business.

public import Jute
public import Libevent
public import Logging
public import Replica
import Tree

/// Listens while this server leads. Lives on the replica loop.
public final class QuorumPort {
    private let loop: EventLoop
    private let host: String?
    private let port: UInt16
    private let limits: QuorumLimits
    private let log: Logger
    private let feed: (Input) -> Void
    private let nowNs: () -> Int64
    private var listener: Listener?
    /// By link; links are numbered upwards.
    private var learners: [Learner] = []
    /// Something is queued for a learner that may wait.
    private var isAnythingWaiting = false
    /// Ends the wait of spare followers.
    private var paceTimer: ShortTimer!
    /// Used for one packet after the other.
    private var encoder = JuteEncoder(capacity: 4096)
    /// What a slice of a snapshot for a learner takes, the beginning included.
    let snapshotSlices = LongestPause()
    /// Never reused, across reigns too.
    private var lastLink: UInt64 = 0

    private struct Learner {
        let link: LearnerLinkID
        let connection: LearnerConnection
        /// When it last forwarded a request, and when it last showed that it has clients. Monotonic.
        var askedAtMs = Int64.min
        var hadClientsAtMs = Int64.min
        /// Something is queued for it that may wait.
        var isWaiting = false
        /// PROPOSALs for it may wait, too.
        var isSpare = false
        /// When it was last sent what had waited. Monotonic.
        var sentAtNs = Int64.min

        func hasClients(atNs nowNs: Int64) -> Bool { hadClientsAtMs >= nowNs / 1_000_000 - QuorumPort.clientsMs }

        /// Whether it is sent now what waits for it.
        func isDue(_ pace: LeaderPace, _ limits: QuorumLimits, atNs nowNs: Int64) -> Bool {
            if isSpare {
                return pace == .late || sentAtNs <= nowNs - limits.spareFollowerPaceNs
                    || connection.pendingOutput >= limits.spareFollowerBytes
            }
            return pace != .lingering || askedAtMs >= nowNs / 1_000_000 - QuorumPort.attentionMs
        }
    }

    /// How long after its last request a learner's COMMITs leave at once.
    private static let attentionMs: Int64 = 1000
    /// How long after the last sign of a client a follower cannot be spare. Idle clients ping every third of their
    /// session's timeout: those with up to three minutes always show.
    private static let clientsMs: Int64 = 60_000

    /// `host` nil listens on every address. `paceEnded` is told when what waits for spare followers is due. `nowNs` is
    /// the monotonic clock.
    public init(
        loop: EventLoop, host: String?, port: UInt16, limits: QuorumLimits, log: Logger,
        nowNs: @escaping () -> Int64 = { MonotonicClock.nowNs }, paceEnded: @escaping () -> Void,
        feed: @escaping (Input) -> Void
    ) {
        self.loop = loop
        self.host = host
        self.port = port
        self.limits = limits
        self.log = log
        self.nowNs = nowNs
        self.feed = feed
        paceTimer = ShortTimer(on: loop, paceEnded)
    }

    func open() throws(SocketError) {
        listener = try Listener(on: loop, host: host, port: port) { [unowned self] fd, _ in accept(fd) }
    }

    /// Stops listening and drops every learner, without a report: the replica asked for it.
    public func close() {
        listener?.close()
        listener = nil
        for learner in learners { learner.connection.close() }
        learners = []
        isAnythingWaiting = false
        paceTimer.cancel()
    }

    /// Takes over a learner's connection.
    public func accept(_ fd: Int32) {
        guard learners.count < limits.maximumLearners else {
            log.warning("quorum port: connection refused, \(limits.maximumLearners) learners are connected")
            return Socket.close(fd)
        }
        lastLink += 1
        let link = LearnerLinkID(rawValue: lastLink)
        let packets = PacketStream(
            on: loop, fd: fd, limits: limits,
            onPacket: { [unowned self] in receive($0, from: link) },
            onEnd: { [unowned self] in ended(link, $0) })
        let connection = LearnerConnection(
            packets: packets, limits: limits, slices: snapshotSlices,
            onProgress: { [unowned self] in feed(.sentToLearner(link)) },
            onOverflow: { [unowned self] in overflow(link) })
        learners.append(Learner(link: link, connection: connection))
        feed(.learnerConnected(link))
    }

    private func receive(_ packet: QuorumPacket, from link: LearnerLinkID) {
        note(packet, from: link)
        feed(.receivedFromLearner(link, packet))
    }

    /// What the packet says of the learner's clients.
    private func note(_ packet: QuorumPacket, from link: LearnerLinkID) {
        let isRequest = packet.type == PacketType.request.rawValue
        let touchesSessions = packet.type == PacketType.ping.rawValue && packet.data?.isEmpty == false
        let asksForSession = packet.type == PacketType.revalidate.rawValue
        guard isRequest || touchesSessions || asksForSession, let index = index(of: link) else { return }
        let nowMs = nowNs() / 1_000_000
        learners[index].hadClientsAtMs = nowMs
        if isRequest { learners[index].askedAtMs = nowMs }
    }

    private func ended(_ link: LearnerLinkID, _ reason: String) {
        guard let learner = remove(link) else { return }
        log.info("quorum port: connection ended", metadata: ["peer": "\(learner.peer)", "reason": "\(reason)"])
        feed(.learnerDisconnected(link))
    }

    private func overflow(_ link: LearnerLinkID) {
        guard let learner = remove(link) else { return }
        let bound = limits.maximumBacklogBytes
        log.warning("quorum port: learner too far behind", metadata: ["peer": "\(learner.peer)", "bytes": "\(bound)"])
        learner.close()
        feed(.learnerDisconnected(link))
    }

    private func index(of link: LearnerLinkID) -> Int? {
        var low = 0
        var high = learners.count
        while low < high {
            let middle = low + (high - low) / 2
            if learners[middle].link.rawValue < link.rawValue { low = middle + 1 } else { high = middle }
        }
        return low < learners.count && learners[low].link == link ? low : nil
    }

    private func remove(_ link: LearnerLinkID) -> LearnerConnection? {
        index(of: link).map { learners.remove(at: $0).connection }
    }

    // MARK: Commands

    /// Leaves at the end of the turn; COMMITs, and PROPOSALs for spare followers, as `sendWaiting` says. Of many INFORMs
    /// the first leave earlier: the observer applies them while the others are made. PROPOSALs do not, since a follower
    /// would sync once for each part.
    public func send(_ packet: QuorumPacket, to links: [LearnerLinkID]) {
        let isCommit = packet.type == PacketType.commit.rawValue
        let isProposal = packet.type == PacketType.proposal.rawValue
        let isInform = packet.type == PacketType.inform.rawValue
        encoder.reset()
        encoder.write(packet)
        unsafe encoder.withUnsafeBytes { bytes in
            for link in links {
                guard let index = index(of: link) else { continue }
                let mayWait = isCommit || isProposal && learners[index].isSpare
                if mayWait {
                    learners[index].isWaiting = true
                    isAnythingWaiting = true
                }
                let connection = learners[index].connection
                connection.send(unsafe bytes.bytes, mayWait: mayWait)
                if isInform && connection.pendingOutput >= limits.informedBytes { connection.sendQueued() }
            }
        }
    }

    /// COMMITs that were queued leave. While the leader lingers for what it will propose next, those stay that go to a
    /// follower without a client that waits for them: the proposals take them along. What is for a spare follower, one
    /// that neither a quorum nor a client waits for, leaves together every `spareFollowerPaceNs`, or when a commit is
    /// late.
    public func sendWaiting(_ pace: LeaderPace, isSpare: (LearnerLinkID) -> Bool) {
        if !isAnythingWaiting { return }
        isAnythingWaiting = false
        let nowNs = nowNs()
        // A connection that fails while it is sent to is gone then.
        for link in learners.map(\.link) {
            guard let index = index(of: link), learners[index].isWaiting else { continue }
            learners[index].isSpare = !learners[index].hasClients(atNs: nowNs) && isSpare(link)
            if learners[index].isDue(pace, limits, atNs: nowNs) {
                learners[index].isWaiting = false
                learners[index].sentAtNs = nowNs
                learners[index].connection.sendQueued()
                continue
            }
            isAnythingWaiting = true
            if learners[index].isSpare && !paceTimer.isRunning {
                paceTimer.start(afterNs: learners[index].sentAtNs + limits.spareFollowerPaceNs - nowNs)
            }
        }
    }

    func sendSnapshot(of tree: DataTree, to link: LearnerLinkID) {
        if let index = index(of: link) { learners[index].connection.sendSnapshot(of: tree) }
    }

    public func disconnect(_ link: LearnerLinkID, reason: String) {
        guard let learner = remove(link) else { return }
        log.warning("quorum port: disconnecting", metadata: ["peer": "\(learner.peer)", "reason": "\(reason)"])
        learner.close()
    }
}
