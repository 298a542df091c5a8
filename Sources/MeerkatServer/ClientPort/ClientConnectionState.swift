// What a client connection is waiting for, and what may happen to its next request. Pure: no socket, buffer or clock.
import DequeModule
public import Jute
public import Tree

/// The protocol state of one client connection.
///
/// Order within a connection (I5): requests are looked at strictly in the order sent. Writes and syncs are forwarded as
/// they come; anything answered here waits until no forwarded request is unanswered, and everything behind it waits
/// too.
public struct ClientConnectionState: Sendable {
    public enum Phase: Equatable, Sendable {
        /// Nothing but a connect request or a four-letter word is expected.
        case greeting
        /// A four-letter word is being answered; input is ignored.
        case word
        /// The replica was asked for a session; what comes before it answers waits.
        case joining
        case serving
        /// closeSession was forwarded; later requests are ignored.
        case leaving
        case closed
    }

    /// How a forwarded request ended.
    public enum Answer: Sendable, Equatable {
        /// Its transaction was applied.
        case applied(Zxid, TxnResult)
        /// Refused before a zxid was spent.
        case refused(ErrorCode)
        /// Done without a transaction: a sync, or the end of a local session.
        case done
    }

    /// What must be remembered of a request to write its reply.
    public enum ReplyShape: Sendable, Equatable {
        case plain
        /// The body of a sync is its reply's.
        case echo([UInt8])
        /// The operations' types as asked, which the transaction does not keep.
        case multi([OpCode])
    }

    /// A request that was forwarded to the replica.
    public struct Forwarded: Sendable, Equatable {
        public let xid: Xid
        public let opCode: OpCode
        /// When it was taken from the socket, monotonic milliseconds.
        public let receivedMs: Int64
        public let reply: ReplyShape
        public fileprivate(set) var answer: Answer?
    }

    public private(set) var phase = Phase.greeting
    public private(set) var session = SessionID.none
    /// The negotiated timeout; 0 before there is a session.
    public private(set) var timeoutMs: Int32 = 0
    /// Whether the client set the `readOnly` field, which the response has exactly then.
    private var sentReadOnly = false
    private var forwarded: Deque<Forwarded> = []
    /// How many of them are answered and wait for an earlier one.
    private var answeredEarly = 0

    public init() {}

    /// Forwarded requests without an answer, or whose answer waits for an earlier one's.
    public var inFlight: Int { forwarded.count }

    // MARK: Requests

    public enum Disposition: Equatable, Sendable {
        /// Answer it here and now.
        case serve
        /// Pass it to the replica.
        case forward
        /// Not yet: keep it, and everything behind it.
        case hold
        /// The connection takes no requests any more.
        case ignore
    }

    /// What to do with the next request in order.
    public func disposition(isForwarded: Bool) -> Disposition {
        switch phase {
        case .serving: isForwarded ? .forward : (forwarded.isEmpty ? .serve : .hold)
        case .leaving, .word, .closed: .ignore
        case .greeting, .joining: .hold
        }
    }

    /// The request that `disposition` said to forward is on its way.
    public mutating func didForward(_ xid: Xid, _ opCode: OpCode, receivedMs: Int64, reply: ReplyShape = .plain) {
        precondition(phase == .serving, "forwarded \(opCode) while \(phase)")
        forwarded.append(Forwarded(xid: xid, opCode: opCode, receivedMs: receivedMs, reply: reply))
        if opCode == .closeSession { phase = .leaving }
    }

    /// The oldest request in flight, taken out, if it is the one with this xid and kind, any kind if nil: its reply is
    /// due. So it is with nearly every answer; `receive` takes the others.
    public mutating func takeOldest(_ xid: Xid, _ opCode: OpCode?) -> Forwarded? {
        guard !forwarded.isEmpty, forwarded[0].xid == xid, opCode == nil || forwarded[0].opCode == opCode else {
            return nil
        }
        return forwarded.removeFirst()
    }

    /// Takes the answer to a forwarded request. False when no such request is in flight: the order of this connection
    /// is broken and it must be closed.
    ///
    /// A refusal may overtake the outcomes of earlier requests; it waits for them here.
    public mutating func receive(_ answer: Answer, for xid: Xid, _ opCode: OpCode?) -> Bool {
        let index = forwarded.firstIndex { request in
            request.xid == xid && request.answer == nil && (opCode == nil || request.opCode == opCode)
        }
        guard let index else { return false }
        forwarded[index].answer = answer
        answeredEarly += 1
        return true
    }

    /// The next request whose reply is due, in the order sent; nil when the oldest is still unanswered.
    public mutating func nextAnswered() -> Forwarded? {
        guard answeredEarly > 0, forwarded.first?.answer != nil else { return nil }
        answeredEarly -= 1
        return forwarded.removeFirst()
    }

    // MARK: Ends

    public mutating func beginWord() {
        precondition(phase == .greeting, "a four-letter word while \(phase)")
        phase = .word
    }

    /// Returns the number of requests whose outcome nobody waits for any more.
    @discardableResult public mutating func close() -> Int {
        phase = .closed
        defer { forwarded.removeAll() }
        answeredEarly = 0
        return forwarded.count
    }
}

// MARK: - Handshake

extension ClientConnectionState {
    /// What the server brings into a handshake.
    public struct Terms: Sendable {
        public var isServing: Bool
        public var lastZxid: Zxid
        public var sessionTimeouts: SessionTimeouts

        public init(isServing: Bool, lastZxid: Zxid, sessionTimeouts: SessionTimeouts) {
            self.isServing = isServing
            self.lastZxid = lastZxid
            self.sessionTimeouts = sessionTimeouts
        }
    }

    public enum HandshakeAction: Equatable, Sendable {
        case close(CloseReason)
        case openSession(timeoutMs: Int32)
        case reattachSession(SessionID, timeoutMs: Int32)
        /// Send this, then close.
        case refuse(ConnectResponse)
    }

    /// Judges a connect request, in the order ZooKeeper 3.9 does (client protocol, connect handshake).
    public mutating func receive(
        _ request: ConnectRequest, terms: Terms, passwordMatches: (SessionID, [UInt8]?) -> Bool
    ) -> HandshakeAction {
        precondition(phase == .greeting, "a connect request while \(phase)")
        sentReadOnly = request.readOnly != nil
        guard terms.isServing else { return .close(.notServing) }
        guard request.lastZxidSeen <= terms.lastZxid else { return .close(.clientIsAhead) }
        timeoutMs = terms.sessionTimeouts.negotiate(request.timeOut)
        guard request.sessionId != .none else {
            phase = .joining
            return .openSession(timeoutMs: timeoutMs)
        }
        guard passwordMatches(request.sessionId, request.passwd) else { return .refuse(receiveInvalidSession()) }
        phase = .joining
        return .reattachSession(request.sessionId, timeoutMs: timeoutMs)
    }

    /// The replica has given this connection a session. Nil when it did not ask for one.
    public mutating func receive(session: SessionID, timeoutMs: Int32, password: [UInt8]) -> ConnectResponse? {
        guard phase == .joining else { return nil }
        precondition(session != .none, "a session needs an id")
        phase = .serving
        self.session = session
        self.timeoutMs = timeoutMs
        return ConnectResponse(
            protocolVersion: 0, timeOut: timeoutMs, sessionId: session, passwd: password,
            readOnly: sentReadOnly ? false : nil)
    }

    /// The answer for a session that cannot be re-attached; the connection is closed behind it.
    public mutating func receiveInvalidSession() -> ConnectResponse {
        .invalidSession(readOnly: sentReadOnly ? false : nil)
    }
}
