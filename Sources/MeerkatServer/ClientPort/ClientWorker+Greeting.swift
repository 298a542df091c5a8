// The first bytes of a connection: a connect request or a four-letter word.
import Jute
import Libevent
import Replica
import Tree

extension ClientWorker {
    /// Looks at what stands before the first request. Returns the bytes used; 0 when more are needed.
    func greet(_ connection: ClientConnection, _ bytes: UnsafeRawBufferPointer, _ view: ReadView) -> Int {
        guard bytes.count >= 4 else { return 0 }
        // What follows a word that was asked already means nothing.
        if connection.state.phase == .word { return bytes.count }
        let code = UInt32(bigEndian: unsafe bytes.loadUnaligned(as: UInt32.self))
        if code == FourLetterWord.telnetInterrupt {
            doom(connection, .closedByClient)
            return bytes.count
        }
        if let word = FourLetterWord(code: code) {
            guard bytes.count >= 4 + word.argumentBytes else { return 0 }
            connection.state.beginWord()
            noteRequest(connection, -1, 0)
            let argument = unsafe [UInt8](UnsafeRawBufferPointer(rebasing: bytes[4..<4 + word.argumentBytes]))
            answer(word, argument, connection)
            return bytes.count
        }
        switch unsafe Frame.next(in: bytes, from: 0, minimum: 0, maximum: terms.limits.clientFrameBytes) {
        case .incomplete: return 0
        case .refused:
            doom(connection, .badFrame)
            return bytes.count
        case .whole(let range):
            unsafe connect(connection, [UInt8](UnsafeRawBufferPointer(rebasing: bytes[range])))
            return range.upperBound
        }
    }

    // MARK: - Sessions

    private func connect(_ connection: ClientConnection, _ payload: [UInt8]) {
        guard let request = try? ConnectRequest(decoding: payload) else { return doom(connection, .malformedConnect) }
        let serverTerms = ClientConnectionState.Terms(
            isServing: service != nil, lastZxid: lastZxid, sessionTimeouts: terms.sessionTimeouts)
        let action = connection.state.receive(request, terms: serverTerms) { session, password in
            SessionPassword.matches(password, session: session)
        }
        noteRequest(connection, -1, OpCode.createSession.rawValue)
        switch action {
        case .close(let reason): doom(connection, reason)
        case .openSession(let timeoutMs): outbox.append(.openSession(connection.id, timeoutMs: timeoutMs))
        case .reattachSession(let session, let timeoutMs):
            outbox.append(.reattachSession(connection.id, session, timeoutMs: timeoutMs))
        case .refuse(let response):
            send(response.framed(), to: connection)
            end(connection, .sessionInvalid)
        }
    }

    /// The connection has its session: say so, and go on with what the client sent meanwhile.
    func sessionGranted(_ client: ClientID, _ session: SessionID, timeoutMs: Int32) {
        // Whoever held it here is out, on whatever worker (ZooKeeper closes it at the re-attach).
        if let slot = sessions[session], slot != client.slot || client.worker != index, let old = slots[slot] {
            sessions[session] = nil
            doom(old, .replaced)
        }
        guard let connection = connection(client) else { return }
        let password = SessionPassword.bytes(for: session)
        guard let response = connection.state.receive(session: session, timeoutMs: timeoutMs, password: password) else {
            return doom(connection, .outcomeUnknown)
        }
        sessions[session] = client.slot
        touch(connection)
        // The entry made when it was accepted comes due at the handshake's limit; an earlier deadline needs one more.
        let deadlineMs = nowMs + Int64(timeoutMs)
        if deadlineMs < connection.acceptedMs + terms.handshakeTimeoutMs {
            wheel.insert(client, deadlineMs: deadlineMs)
        }
        send(response.framed(), to: connection)
        noteReply(connection, xid: 0, zxid: lastZxid, since: connection.heardMs)
        if !connection.input.isEmpty { resume(connection) }
    }

    func sessionRefused(_ connection: ClientConnection) {
        guard connection.state.phase == .joining else { return }
        send(connection.state.receiveInvalidSession().framed(), to: connection)
        end(connection, .sessionInvalid)
    }

    /// The session has ended in the history.
    func sessionClosed(_ session: SessionID) {
        guard let slot = sessions.removeValue(forKey: session), let connection = slots[slot] else { return }
        // The reply to its own closeSession, and what is due before that, goes first.
        if connection.endsWith == nil, connection.state.phase != .leaving { doom(connection, .sessionClosed) }
    }

    // MARK: - Words

    private func answer(_ word: FourLetterWord, _ argument: [UInt8], _ connection: ClientConnection) {
        guard terms.words.allows(word) else {
            return answerWord(connection, "\(word.rawValue) is not executed because it is not in the whitelist.\n")
        }
        switch word {
        case .ruok: answerWord(connection, "imok")
        case .isro: answerWord(connection, service == nil ? "null" : "rw")
        default: desk.request(word, argument: argument, from: connection.id)
        }
    }

    private func answerWord(_ connection: ClientConnection, _ text: String) {
        answerWord(connection.id, Array(text.utf8))
    }

    func answerWord(_ client: ClientID, _ text: [UInt8]) {
        guard let connection = connection(client), connection.state.phase == .word else { return }
        let limit = terms.limits.outputLimitBytes
        if text.count > limit {
            let refusal = "The answer takes \(text.count) bytes; this server sends \(limit) at most.\n"
            send(Array(refusal.utf8), to: connection)
        } else {
            send(text, to: connection)
        }
        noteReply(connection, xid: -1, zxid: lastZxid, since: connection.heardMs)
        end(connection, .answeredWord)
    }
}
