// Which inputs a leader lets wait so that they are proposed together. Separate because it is a policy of the shell: the
// replica could take each at once.

import Jute
package import Libevent
package import Replica
import Tree

/// While a leader's proposals are on their way, requests wait; then all of them become proposals in one turn. So every
/// server writes, syncs and acknowledges once for many. A request that finds nothing on its way is not held up.
///
/// The order of requests is kept, and that of what asks for their sessions. They may be overtaken by the rest:
/// acknowledgements, signs of life, votes, and the end of a connection, behind which a learner's requests are dropped
/// like those that had not arrived. Lives on the replica loop.
package final class GroupCommit {
    private let limits: QuorumLimits
    private var waiting: [Input] = []
    private var waitingBytes = 0
    /// Proposals were handed to disk and network, and not all of them are committed.
    private var isBatchOut = false
    private let propose: (Input) -> Void
    private var timer: Timer!

    /// `propose` takes what has waited, one after the other.
    package init(on loop: EventLoop, limits: QuorumLimits, propose: @escaping (Input) -> Void) {
        self.limits = limits
        self.propose = propose
        timer = Timer(on: loop) { [unowned self] in release() }
    }

    /// Whether the input is a request that has to wait; it is kept then.
    package func holds(_ input: Input) -> Bool {
        guard isBatchOut || !waiting.isEmpty, input.isRequest else { return false }
        if waiting.isEmpty { timer.start(afterMs: limits.waitingRequestsMs) }
        waiting.append(input)
        waitingBytes += input.payloadBytes
        if waiting.count >= limits.waitingRequests || waitingBytes >= limits.waitingRequestBytes { release() }
        return true
    }

    /// What the turn proposed has left. `isOutstanding`: not everything proposed is committed.
    package func turnEnded(isOutstanding: Bool) {
        isBatchOut = isOutstanding
        if !isOutstanding { release() }
    }

    /// Nothing proposed is outstanding any more.
    package func everythingCommitted() {
        guard isBatchOut else { return }
        isBatchOut = false
        release()
    }

    private func release() {
        if waiting.isEmpty { return }
        timer.cancel()
        var requests: [Input] = []
        swap(&requests, &waiting)
        waitingBytes = 0
        for request in requests { propose(request) }
    }
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
