// Which of two connections between a pair of servers survives: the one dialled by the larger id (ZooKeeper 3.9,
// `QuorumCnxManager`). Pure, so that the port makes no choice of its own.

public import Jute

/// What becomes of a connection once both ends know who is who.
public enum ElectionChannelRule {
    public enum Dialled: Equatable, Sendable {
        /// This connection is the channel; an older one to the same server goes.
        case keep
        /// The larger id dials: the greeting has woken it up, and that was all.
        case hangUp
    }

    public enum Accepted: Equatable, Sendable {
        case keep
        /// Close this one and any older channel, and dial.
        case dialBack
        /// Somebody claims our id: a configuration error that no answer would mend.
        case ignore
    }

    public static func dialled(peer: ServerID, me: ServerID) -> Dialled {
        precondition(peer != me, "server \(me) dialled itself")
        return peer > me ? .hangUp : .keep
    }

    public static func accepted(from peer: ServerID, me: ServerID) -> Accepted {
        if peer == me { return .ignore }
        return peer < me ? .dialBack : .keep
    }
}
