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
    /// How many of them there are by a few bits of their session: lets nearly all transactions of other servers' clients
    /// pass without a search.
    private var counts = [Int32](repeating: 0, count: 1 << slotBits)
    private static let slotBits = 13

    var count: Int { origins.count }

    mutating func append(_ origin: Origin) {
        origins.append(origin)
        counts[Self.slot(of: origin.session)] += 1
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
        guard counts[Self.slot(of: header.clientId)] > 0 else { return Match() }
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
        counts[Self.slot(of: origin.session)] -= 1
        return origin
    }

    /// Ids differ in the lowest bits, which count a server's sessions, or in the highest, which name the server.
    private static func slot(of session: SessionID) -> Int {
        let mixed = UInt64(bitPattern: session.rawValue) &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: mixed >> (64 - UInt64(slotBits)))
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
