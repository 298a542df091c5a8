// How connections of a worker come, fall silent and go.
import Jute
public import Libevent
public import Replica
import Tree

/// What other threads tell a worker, apart from the history.
public enum WorkerMail: Sendable {
    /// A connection accepted by another loop and already counted.
    case accepted(fd: Int32, peer: SocketAddress)
    /// The answer to a four-letter word.
    case adminText(ClientID, [UInt8])
    /// Give your part of a report.
    case report(ReportRequest)
    case reset(StatisticsReset)
    /// Close every connection.
    case shutdown
}

extension ClientWorker {
    func receive(_ messages: [WorkerMail]) {
        requestTurn()
        for message in messages {
            switch message {
            case .accepted(let fd, let peer): accept(fd, peer)
            case .adminText(let client, let text): answerWord(client, text)
            case .report(let request): begin(request)
            case .reset(let reset): resetStatistics(reset)
            case .shutdown: for connection in slots { if let connection { doom(connection, .shutdown) } }
            }
        }
    }

    // MARK: Coming

    /// Takes over a connection that the census has admitted.
    func accept(_ fd: Int32, _ peer: SocketAddress) {
        requestTurn()
        if terms.tcpKeepAlive { Socket.setKeepAlive(fd) }
        guard let slot = takeSlot() else {
            Socket.close(fd)
            census.leave(peer)
            return
        }
        let id = ClientID(worker: index, serial: serials[slot], slot: slot)
        let connection = ClientConnection(id: id, fd: fd, peer: peer, worker: self, nowMs: nowMs)
        slots[slot] = connection
        shares.open(slot)
        connectionCount += 1
        counters.connectionsAccepted += 1
        wheel.insert(id, deadlineMs: deadlineMs(of: connection))
        if !connection.setReading(true) { doom(connection, .socketError) }
    }

    private func takeSlot() -> Int? {
        if let slot = freeSlots.popLast() { return slot }
        guard slots.count < ClientID.maximumSlots else { return nil }
        slots.append(nil)
        serials.append(0)
        return slots.count - 1
    }

    /// Nil when that connection is gone.
    func connection(_ client: ClientID) -> ClientConnection? {
        guard client.worker == index, client.slot < slots.count, serials[client.slot] == client.serial,
            let connection = slots[client.slot], !connection.isDoomed
        else { return nil }
        return connection
    }

    // MARK: Silence

    /// Something was heard from the client.
    func touch(_ connection: ClientConnection) {
        connection.heardMs = nowMs
        guard !connection.isTouched, connection.state.phase == .serving else { return }
        connection.isTouched = true
        touchedSlots.append(connection.id.slot)
    }

    /// Tells the replica loop which sessions live, every half tick.
    func reportTouched() {
        guard !touchedSlots.isEmpty else { return }
        var touched: [(session: SessionID, timeoutMs: Int32)] = []
        for slot in touchedSlots {
            guard let connection = slots[slot], connection.isTouched else { continue }
            connection.isTouched = false
            touched.append((connection.state.session, connection.state.timeoutMs))
        }
        touchedSlots.removeAll(keepingCapacity: true)
        outbox.append(.touched(touched))
        requestTurn()
    }

    private func deadlineMs(of connection: ClientConnection) -> Int64 {
        switch connection.state.phase {
        case .greeting, .word: connection.acceptedMs + terms.handshakeTimeoutMs
        case .joining: connection.heardMs + max(Int64(connection.state.timeoutMs), terms.handshakeTimeoutMs)
        case .serving, .leaving, .closed: connection.heardMs + Int64(connection.state.timeoutMs)
        }
    }

    /// Closes the connections of clients that have been silent for their timeout. Their sessions are the leader's
    /// business.
    func closeSilent() {
        nowMs = MonotonicClock.nowMs
        let due = wheel.advance(toMs: nowMs) { client in connection(client).map { deadlineMs(of: $0) } }
        for client in due {
            if let connection = connection(client) { doom(connection, .silent) }
        }
    }

    // MARK: Going

    /// The client sends nothing more.
    func inputEnded(_ connection: ClientConnection) {
        if connection.state.phase == .word {
            // `echo ruok | nc` ends its output and waits for the answer.
            _ = connection.setReading(false)
        } else {
            doom(connection, .closedByClient)
        }
    }

    /// Closes at the end of this turn; nothing more is sent or served.
    func doom(_ connection: ClientConnection, _ reason: CloseReason) {
        guard !connection.isDoomed else { return }
        connection.doom()
        shares.close(connection.id.slot)
        doomed.append((connection, reason))
        requestTurn()
    }

    /// Closes once what is to be sent has been.
    func end(_ connection: ClientConnection, _ reason: CloseReason) {
        guard connection.endsWith == nil else { return }
        connection.endsWith = reason
        spillNotices(connection)
        shares.close(connection.id.slot)
        markDirty(connection)
        requestTurn()
    }

    /// Closes some of the doomed; a crowd of them does not hold up the living.
    func buryDoomed() {
        let dead = doomed.prefix(terms.limits.closesPerTurn)
        doomed.removeFirst(dead.count)
        for (connection, reason) in dead { bury(connection, reason) }
        forgetWatches()
    }

    private func bury(_ connection: ClientConnection, _ reason: CloseReason) {
        let slot = connection.id.slot
        counters.closed[reason, default: 0] += 1
        note(reason, connection)
        let wasJoining = connection.state.phase == .joining
        let wasServing = connection.state.phase == .serving
        let session = connection.state.session
        if sessions[session] == slot { sessions[session] = nil }
        let unanswered = connection.state.close()
        inFlight -= unanswered
        if wasJoining || unanswered > 0 { outbox.append(.disconnected(connection.id)) }
        // Heard from until now: the session's time starts with its last sign of life, unless its client ends it.
        if connection.isTouched, wasServing {
            outbox.append(.touched([(session, connection.state.timeoutMs)]))
        }
        connection.close()
        slots[slot] = nil
        serials[slot] &+= 1
        fadingSlots.append(slot)
        connectionCount -= 1
        census.leave(connection.peer)
    }

    /// A connection that was not even taken in.
    func refuse(_ peer: SocketAddress, _ reason: CloseReason) {
        counters.closed[reason, default: 0] += 1
        if let complaint = reason.complaint { refusals.note(peer, complaint, nowMs: MonotonicClock.nowMs) }
    }

    private func note(_ reason: CloseReason, _ connection: ClientConnection) {
        if let complaint = reason.complaint {
            refusals.note(connection.peer, complaint, nowMs: nowMs)
        } else if reason == .silent, connection.state.session == .none {
            refusals.note(connection.peer, "it did not name its session in time", nowMs: nowMs)
        }
    }

    // MARK: Back-pressure

    /// Lets a connection be read exactly when what it sends can be used.
    func updateReading(_ connection: ClientConnection) {
        guard !connection.isDoomed else { return }
        if !connection.setReading(wantsInput(connection)) { doom(connection, .socketError) }
    }

    private func wantsInput(_ connection: ClientConnection) -> Bool {
        guard connection.endsWith == nil, connection.output.count < terms.limits.outputHighWaterBytes
        else { return false }
        switch connection.state.phase {
        // Nothing is due from the client: rarely worth two calls of the kernel to say so. What comes all the same is
        // kept, and then reading rests.
        case .joining, .leaving: return connection.input.isEmpty
        case .closed: return false
        case .greeting, .word, .serving: break
        }
        // An incomplete frame may grow to its full length; whole requests that wait are bounded.
        let mayGrow = !connection.isHeld && !connection.isResumed
        return mayGrow || connection.input.count < terms.limits.parkedBytesPerConnection
    }
}
