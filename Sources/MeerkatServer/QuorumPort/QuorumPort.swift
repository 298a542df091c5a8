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
    private var listener: Listener?
    /// By link; links are numbered upwards.
    private var learners: [Learner] = []
    /// COMMITs may have been queued and not sent.
    private var commitsWait = false
    /// Used for one packet after the other.
    private var encoder = JuteEncoder(capacity: 4096)
    /// What a slice of a snapshot for a learner takes, the beginning included.
    let snapshotSlices = LongestPause()
    /// Never reused, across reigns too.
    private var lastLink: UInt64 = 0

    private struct Learner {
        let link: LearnerLinkID
        let connection: LearnerConnection
        /// When it last forwarded a request. Monotonic.
        var askedAtMs = Int64.min
    }

    /// How long after its last request a learner's COMMITs leave at once.
    private static let attentionMs: Int64 = 1000

    /// `host` nil listens on every address.
    public init(
        loop: EventLoop, host: String?, port: UInt16, limits: QuorumLimits, log: Logger,
        feed: @escaping (Input) -> Void
    ) {
        self.loop = loop
        self.host = host
        self.port = port
        self.limits = limits
        self.log = log
        self.feed = feed
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
        commitsWait = false
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
        if packet.type == PacketType.request.rawValue, let index = index(of: link) {
            learners[index].askedAtMs = MonotonicClock.nowMs
        }
        feed(.receivedFromLearner(link, packet))
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

    /// Leaves at the end of the turn; a COMMIT as `sendCommits` says.
    public func send(_ packet: QuorumPacket, to links: [LearnerLinkID]) {
        let isCommit = packet.type == PacketType.commit.rawValue
        if isCommit { commitsWait = true }
        encoder.reset()
        encoder.write(packet)
        unsafe encoder.withUnsafeBytes { bytes in
            for link in links {
                guard let index = index(of: link) else { continue }
                learners[index].connection.send(unsafe bytes.bytes, mayWait: isCommit)
            }
        }
    }

    /// COMMITs that were queued leave. While the leader lingers for what it will propose next, those stay that go to a
    /// follower without a client that waits for them: the proposals take them along.
    public func sendCommits(isLingering: Bool) {
        if !commitsWait { return }
        commitsWait = isLingering
        let attentiveSinceMs = isLingering ? MonotonicClock.nowMs - Self.attentionMs : .min
        for learner in learners where learner.askedAtMs >= attentiveSinceMs { learner.connection.sendQueued() }
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
