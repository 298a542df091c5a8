// The leader's view of one learner.

import Jute
import Zab

/// One learner's connection on its way from introduction to active service.
struct LearnerPeer: Equatable, Sendable {
    enum Phase: Equatable, Sendable {
        /// Connected; FOLLOWERINFO or OBSERVERINFO is due.
        case awaitingInfo
        /// Introduced; the epoch is not decided, or not on the leader's disk.
        case awaitingEpoch
        /// LEADERINFO sent.
        case awaitingEpochAck
        /// Promised; the leader has no quorum of promises yet. The learner's last zxid is kept for the plan.
        case awaitingEpochQuorum(lastZxid: Zxid)
        /// History and NEWLEADER sent; registered for live traffic.
        case awaitingNewLeaderAck
        /// Has everything on disk; the leader has no quorum of that yet.
        case awaitingEstablishment
        /// UPTODATE sent.
        case active
    }

    var phase: Phase = .awaitingInfo
    var server = ServerID(0)
    var isObserver = false
    /// When the learner was last heard, or else connected, milliseconds.
    var heardAtMs: Int64
    /// COMMITs of proposals that the learner may have logged before NEWLEADER: released behind UPTODATE. A 3.8.0
    /// learner drops the connection if one arrives earlier (ZOOKEEPER-4394).
    var heldCommits: [Zxid] = []
    /// The oldest proposal sent and not acknowledged that is being timed, and since when.
    var timedProposal: (zxid: Zxid, sinceMs: Int64)?

    init(connectedAtMs: Int64) {
        self.heardAtMs = connectedAtMs
    }

    /// Whether live proposals, commits and informs go to this learner.
    var isRegistered: Bool {
        switch phase {
        case .awaitingNewLeaderAck, .awaitingEstablishment, .active: true
        case .awaitingInfo, .awaitingEpoch, .awaitingEpochAck, .awaitingEpochQuorum: false
        }
    }

    /// A proposal was sent: it is timed unless an older one is.
    mutating func time(_ zxid: Zxid, from now: Moment) {
        if timedProposal == nil { timedProposal = (zxid, now.monotonicMs) }
    }

    /// Ends the timing of what this acknowledges. Returns the server if its acknowledgements count.
    mutating func noteAck(of zxid: Zxid) -> ServerID? {
        if let timed = timedProposal, timed.zxid <= zxid { timedProposal = nil }
        return isObserver ? nil : server
    }

    static func == (a: LearnerPeer, b: LearnerPeer) -> Bool {
        a.phase == b.phase && a.server == b.server && a.isObserver == b.isObserver
            && a.heardAtMs == b.heardAtMs && a.heldCommits == b.heldCommits
            && a.timedProposal?.zxid == b.timedProposal?.zxid
    }
}
