// Which inputs a leader lets wait so that they are proposed together. Separate because it is a policy of the shell: the
// replica could take each at once.

import Jute
public import Libevent
public import Replica
import Tree

/// While a leader's proposals are on their way, requests wait; then all of them become proposals in one turn. So every
/// server writes, syncs and acknowledges once for many. Where many wait, and no fewer than left last, a sync more costs
/// little beside what they cost: they leave as a batch of their own, so that one is prepared and answered while another is
/// on the disks.
///
/// Clients that write in turn, each as soon as its last write was answered, would stay divided into those whose requests
/// are on their way and those that wait. So when a batch is committed, the next one lingers until as many requests are
/// there as the batch had and had kept waiting, though no longer than twice as long as that batch took, and than
/// `lingerNs`. A request that comes alone is not held up.
///
/// While it lingers, COMMITs for followers that have forwarded nothing of late wait as well (`QuorumPort`): they leave
/// with the next proposals, and wake each follower once where they would have twice.
///
/// The order of requests is kept, and that of what asks for their sessions. They may be overtaken by the rest:
/// acknowledgements, signs of life, votes, and the end of a connection, behind which a learner's requests are dropped
/// like those that had not arrived. Lives on the replica loop.
public final class GroupCommit {
    private let limits: QuorumLimits
    private let propose: (Input) -> Void
    private let lingeredInVain: () -> Void
    private let nowNs: () -> Int64
    private var timer: ShortTimer!

    private var waiting: [Input] = []
    private var waitingBytes = 0
    /// Requests proposed since nothing was outstanding, or since a batch left beside what was.
    private var batchCount = 0
    /// When the batch left; nil while nothing that was proposed is outstanding.
    private var batchLeftNs: Int64?
    /// How many requests the next batch waits for, and until when. Monotonic.
    private var expectedCount = 0
    private var lingersUntilNs: Int64 = 0

    /// `propose` takes what has waited, one after the other; `lingeredInVain` is told when nothing waits at the end of
    /// the lingering. `nowNs` is the monotonic clock.
    public init(
        on loop: EventLoop, limits: QuorumLimits, nowNs: @escaping () -> Int64 = { MonotonicClock.nowNs },
        lingeredInVain: @escaping () -> Void = {}, propose: @escaping (Input) -> Void
    ) {
        self.limits = limits
        self.nowNs = nowNs
        self.lingeredInVain = lingeredInVain
        self.propose = propose
        timer = ShortTimer(on: loop) { [unowned self] in timeIsUp() }
    }

    public var pace: LeaderPace {
        if let batchLeftNs { return nowNs() - batchLeftNs < limits.waitingRequestsMs * 1_000_000 ? .steady : .late }
        return isLingering ? .lingering : .steady
    }

    private var isLingering: Bool { batchLeftNs == nil && expectedCount > 1 && nowNs() < lingersUntilNs }

    /// Whether the input is a request that has to wait; it is kept then.
    public func holds(_ input: Input) -> Bool {
        guard input.isRequest else { return false }
        if waiting.isEmpty {
            if batchLeftNs != nil {
                timer.start(afterNs: limits.waitingRequestsMs * 1_000_000)
            } else if !isLingering {
                batchCount += 1
                return false
            }
        }
        waiting.append(input)
        waitingBytes += input.payloadBytes
        if isBatchOfItsOwn {
            batchCount = 0
            release()
        } else if isComplete || waiting.count >= limits.waitingRequests || waitingBytes >= limits.waitingRequestBytes {
            release()
        }
        return true
    }

    /// What the turn proposed has left. `isOutstanding`: not everything proposed is committed.
    public func turnEnded(isOutstanding: Bool) {
        if batchLeftNs != nil {
            if !isOutstanding { everythingCommitted() }
        } else if isOutstanding {
            batchLeftNs = nowNs()
        } else {
            batchCount = 0
        }
    }

    /// Nothing proposed is outstanding any more.
    public func everythingCommitted() {
        guard let leftNs = batchLeftNs else { return }
        let committedNs = nowNs()
        batchLeftNs = nil
        expectedCount = batchCount + waiting.count
        batchCount = 0
        let lingerNs = min(2 * (committedNs - leftNs), limits.lingerNs)
        lingersUntilNs = committedNs + lingerNs
        if isComplete || lingerNs == 0 {
            release()
        } else if expectedCount > 1 {
            timer.start(afterNs: lingerNs)
        }
    }

    /// Nothing is on its way, and all that were expected are here.
    private var isComplete: Bool { batchLeftNs == nil && waiting.count >= expectedCount }

    /// Many wait, and no fewer than left last.
    private var isBatchOfItsOwn: Bool {
        batchLeftNs != nil && waiting.count >= limits.secondBatchRequests && waiting.count >= batchCount
    }

    private func timeIsUp() {
        let isInVain = waiting.isEmpty
        release()
        if isInVain { lingeredInVain() }
    }

    private func release() {
        timer.cancel()
        // Whatever else comes in this turn goes with them.
        expectedCount = 0
        if waiting.isEmpty { return }
        batchCount += waiting.count
        var requests: [Input] = []
        swap(&requests, &waiting)
        waitingBytes = 0
        for request in requests { propose(request) }
    }
}

/// How a leader's proposals come along.
public enum LeaderPace: Sendable {
    case steady
    /// Everything is committed, and the next proposals are likely to leave before long.
    case lingering
    /// What was proposed has not been committed for as long as requests wait for that.
    case late
}

extension Input {
    /// Whether a leader makes a proposal of it, or must answer it behind those made before: a sync, or the question
    /// whether a session is there, which a proposal before it may create.
    fileprivate var isRequest: Bool {
        switch self {
        case .client(.request), .client(.openSession), .client(.reattachSession): true
        case .receivedFromLearner(_, let packet):
            packet.type == PacketType.request.rawValue || packet.type == PacketType.revalidate.rawValue
        default: false
        }
    }

    /// Bytes a request keeps.
    fileprivate var payloadBytes: Int {
        switch self {
        case .client(.request(_, let request)): request.body.count
        case .receivedFromLearner(_, let packet): packet.data?.count ?? 0
        default: 0
        }
    }
}
