// Which committed transaction answers which local client.

import DequeModule
import Jute

/// The local requests that wait for their transaction, in the order they were sent to the leader.
///
/// A leader works off one learner's requests in order and commits in order, so they are answered in order. Matching is
/// by the head's session, xid and kind, never by a map: xids repeat (several createSessions use 0).
struct PendingRequests: Equatable, Sendable {
    private var origins: Deque<Origin> = []
    /// How many of them each session has: lets the transactions of other servers' clients pass without a search.
    private var countBySession: [SessionID: Int] = [:]

    var count: Int { origins.count }

    mutating func append(_ origin: Origin) {
        origins.append(origin)
        countBySession[origin.session, default: 0] += 1
    }

    struct Match: Equatable {
        /// The request this transaction answers; nil when it is another server's.
        var origin: Origin?
        /// Requests before it that the leader passed over: their outcome is unknown.
        var skipped: [Origin] = []
    }

    mutating func match(_ header: TxnHeader, _ body: TxnBody) -> Match {
        guard countBySession[header.clientId] != nil else { return Match() }
        guard let index = origins.firstIndex(where: { $0.answers(header, body) }) else { return Match() }
        var match = Match()
        for _ in 0..<index { match.skipped.append(removeFirst()) }
        match.origin = removeFirst()
        return match
    }

    private mutating func removeFirst() -> Origin {
        let origin = origins.removeFirst()
        let left = countBySession[origin.session, default: 0] - 1
        countBySession[origin.session] = left > 0 ? left : nil
        return origin
    }
}

extension Origin {
    /// Whether the transaction is this request's: an error stands for any kind but closeSession and createSession,
    /// whose failures are not transactions of their own.
    fileprivate func answers(_ header: TxnHeader, _ body: TxnBody) -> Bool {
        guard header.clientId == session, header.cxid == xid else { return false }
        switch body {
        case .createSession: return opCode == .createSession
        case .closeSession: return opCode == .closeSession
        case .error: return true
        case .create, .create2, .createTTL, .createContainer, .delete, .deleteContainer, .setData, .reconfig, .setACL,
            .check, .multi:
            return opCode != .createSession && opCode != .closeSession
        }
    }
}
