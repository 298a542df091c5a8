// Which committed transaction answers which local client.

import DequeModule
import Jute

/// The local requests that wait for their transaction, in the order they were sent to the leader.
///
/// A leader works off one session's requests in order and commits in order, so a session's are answered in order.
/// Matching is by session, xid and kind of the oldest that fits, never by a map: xids repeat (several createSessions use
/// 0). What the leader passed over within a session has no known outcome; other sessions' requests go on waiting.
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
        // Nearly always the oldest.
        if let oldest = origins.first, oldest.answers(header, body) { return Match(origin: remove(at: 0)) }
        guard countBySession[header.clientId] != nil else { return Match() }
        guard let index = origins.firstIndex(where: { $0.answers(header, body) }) else { return Match() }
        var match = Match()
        match.origin = remove(at: index)
        // The leader works off one session's requests in order: what it passed over will not come any more.
        while let passed = origins.prefix(index - match.skipped.count).firstIndex(where: {
            $0.session == header.clientId
        }) {
            match.skipped.append(remove(at: passed))
        }
        return match
    }

    private mutating func remove(at index: Int) -> Origin {
        let origin = index == 0 ? origins.removeFirst() : origins.remove(at: index)
        guard let place = countBySession.index(forKey: origin.session) else {
            preconditionFailure("session \(origin.session) is not counted")
        }
        countBySession.values[place] -= 1
        if countBySession.values[place] == 0 { countBySession.remove(at: place) }
        return origin
    }
}

extension Origin {
    /// Whether the transaction is this request's. An error stands for any kind but createSession and closeSession, which
    /// do not fail.
    fileprivate func answers(_ header: TxnHeader, _ body: TxnBody) -> Bool {
        guard header.clientId == session, header.cxid == xid else { return false }
        if case .error = body { return opCode != .createSession && opCode != .closeSession }
        return body.opCode == opCode || body.isPlainerForm(of: opCode)
    }
}

extension TxnBody {
    /// Whether a leader may write a request of this kind down as the transaction: what does not need its own form takes
    /// that of a plain create.
    fileprivate func isPlainerForm(of opCode: OpCode) -> Bool {
        switch (self, opCode) {
        case (.create, .create2), (.create2, .create), (.create, .createTTL), (.create2, .createTTL),
            (.createContainer, .create), (.createContainer, .create2), (.create, .createContainer),
            (.create2, .createContainer):
            true
        default: false
        }
    }
}
