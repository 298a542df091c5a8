// How a learner's history is made equal to the leader's: difference, truncation, or the whole tree.

public import Jute

/// What the leader sends a learner before NEWLEADER (ZooKeeper, `LearnerHandler.syncFollower`).
public struct SyncPlan: Equatable, Sendable {
    public enum Operation: Equatable, Sendable {
        /// The learner keeps what it has. The zxid is the end of the history that follows.
        case diff(Zxid)
        /// The learner drops everything after this zxid.
        case trunc(Zxid)
        /// The learner takes the leader's tree.
        case snap
    }

    public let operation: Operation
    /// Committed transactions that the learner lacks after the operation, in order.
    public let history: [Proposal]

    private init(_ operation: Operation, history: [Proposal] = []) {
        self.operation = operation
        self.history = history
    }

    /// Chooses for a learner whose log ends at `peer`, given the leader's committed window and the last zxid of its
    /// tree. `forceSnapshot` is `forceSnapshotSync`.
    public init(peer: Zxid, last: Zxid, window: CommittedWindow, forceSnapshot: Bool) {
        let minimum = window.first ?? last
        let maximum = window.last ?? last
        // An epoch's start is no transaction: a learner that reports it has none of that epoch.
        let peerIsFresh = peer.counter == 0

        if forceSnapshot {
            self.init(.snap)
        } else if peer == last {
            self.init(.diff(peer))
        } else if peer > maximum, !peerIsFresh, peer.epoch == maximum.epoch {
            // Of the same epoch, so the peer has everything up to the end here. One of a later epoch need not, and then
            // could not cut: it falls through to SNAP (upstream sends TRUNC to it all the same).
            self.init(.trunc(maximum))
        } else if peer >= minimum, peer <= maximum {
            self.init(withinWindow: window, peer: peer, maximum: maximum, peerIsFresh: peerIsFresh)
        } else {
            self.init(.snap)
        }
    }

    /// The learner's last zxid lies between the window's ends, but need not be one of the history's.
    private init(withinWindow window: CommittedWindow, peer: Zxid, maximum: Zxid, peerIsFresh: Bool) {
        let later = window.proposals(from: peer)
        if later.first?.zxid == peer {
            self.init(.diff(maximum), history: Array(later.dropFirst()))
        } else if peerIsFresh {
            self.init(.diff(maximum), history: Array(later))
        } else if let previous = window.last(before: peer), let next = later.first, next.zxid.epoch == peer.epoch {
            // The learner has transactions that this history does not: cut them off. Only within an epoch, learners
            // cannot cut across epochs.
            self.init(.trunc(previous), history: Array(later))
        } else {
            self.init(.snap)
        }
    }
}

extension CommittedWindow {
    /// The zxid of the last kept transaction before `zxid`.
    fileprivate func last(before zxid: Zxid) -> Zxid? {
        let later = proposals(from: zxid)
        let all = proposals(from: first ?? zxid)
        return later.startIndex > all.startIndex ? all[later.startIndex - 1].zxid : nil
    }
}
