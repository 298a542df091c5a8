// From bytes to requests, and what becomes of each: answered here, forwarded, or kept for later.
import Jute
import Libevent
import Replica
import Tree

extension ClientWorker {
    /// Hashes all reads of what was received, then asks for their blocks.
    func prefetch(_ view: ReadView) {
        hashes.reset()
        for index in received.indices {
            let bytes = unsafe arena.bytes(received[index].piece)
            received[index].notes = unsafe hashes.collect(bytes, maximum: terms.limits.clientFrameBytes, view)
        }
        hashes.prefetchNodes(view)
    }

    /// Takes as many requests as may be taken now. The lock is held.
    /// - Parameter hashed: which of the `hashes` are of these bytes.
    /// - Returns: bytes used up; the rest must be kept, unless the connection is doomed.
    func serve(
        _ connection: ClientConnection, _ bytes: UnsafeRawBufferPointer, _ view: ReadView, hashed: Range<Int>
    ) -> Int {
        let start = replies.count
        defer { claim(connection, from: start) }
        var offset = 0
        var taken = 0
        var notes = hashed
        connection.isHeld = false
        while !connection.isDoomed {
            if offset == bytes.count { return offset }
            guard connection.endsWith == nil else { return bytes.count }
            switch connection.state.phase {
            case .leaving, .closed: return bytes.count
            case .joining: return offset
            case .word, .greeting:
                let used = unsafe greet(connection, UnsafeRawBufferPointer(rebasing: bytes[offset...]), view)
                if used == 0 { return offset }
                offset += used
                continue
            case .serving: break
            }
            if taken >= terms.limits.requestsPerTurn || replies.count >= Self.repliesPerTurn
                || connection.output.count + replies.count - start >= terms.limits.outputHighWaterBytes
            {
                pause(connection, hasMore: offset < bytes.count)
                return offset
            }
            let budget = ReadBudget(
                requests: terms.limits.requestsPerTurn - taken,
                arenaBytes: min(
                    Self.repliesPerTurn, start + terms.limits.outputHighWaterBytes - connection.output.count))
            let reads = unsafe answerPlainReads(connection, bytes, from: offset, &notes, budget, view)
            if reads.count > 0 {
                offset = reads.end
                taken += reads.count
                continue
            }
            let frame = unsafe Frame.next(
                in: bytes, from: offset, minimum: 8, maximum: terms.limits.clientFrameBytes)
            switch frame {
            case .incomplete: return offset
            case .refused:
                doom(connection, .badFrame)
                return bytes.count
            case .whole(let range):
                let hash = hashes.hash(ofFrameAt: offset, in: &notes)
                let payload = unsafe UnsafeRawBufferPointer(rebasing: bytes[range])
                guard unsafe take(connection, payload, hash, view) else {
                    connection.isHeld = true
                    return offset
                }
                offset = range.upperBound
                taken += 1
            }
        }
        return bytes.count
    }

    /// Plain reads are answered in one run. Behind a write of its own, a connection's reads wait (I5).
    private func answerPlainReads(
        _ connection: ClientConnection, _ bytes: UnsafeRawBufferPointer, from offset: Int, _ notes: inout Range<Int>,
        _ budget: ReadBudget, _ view: ReadView
    ) -> PlainReads {
        guard connection.state.disposition(isForwarded: false) == .serve else { return PlainReads(end: offset) }
        let reads = unsafe view.answerPlainReads(
            in: bytes, from: offset, maximum: terms.limits.clientFrameBytes, hashes: hashes, notes: &notes,
            zxid: lastZxid, budget: budget, into: &replies)
        if reads.count > 0 { note(reads, connection) }
        return reads
    }

    /// Its share of this turn is used up. A connection whose output is full goes on when that is sent.
    private func pause(_ connection: ClientConnection, hasMore: Bool) {
        guard hasMore else { return }
        connection.isHeld = true
        if connection.output.count < terms.limits.outputHighWaterBytes { resume(connection) }
    }

    /// One request. False: not yet, keep it.
    private func take(
        _ connection: ClientConnection, _ payload: UnsafeRawBufferPointer, _ hash: PathHash?, _ view: ReadView
    ) -> Bool {
        let xid = Int32(bigEndian: unsafe payload.loadUnaligned(as: Int32.self))
        let type = Int32(bigEndian: unsafe payload.loadUnaligned(fromByteOffset: 4, as: Int32.self))
        let body = unsafe UnsafeRawBufferPointer(rebasing: payload[8...])
        if let read = ReadOperation(rawValue: type) {
            guard connection.state.disposition(isForwarded: false) == .serve else { return false }
            noteRequest(connection, xid, type)
            unsafe serveRead(read, connection, xid, body, hash, view)
            noteReply(connection, xid: xid, zxid: lastZxid, since: connection.heardMs)
            return true
        }
        let opCode = OpCode(rawValue: type)
        switch opCode?.kind ?? .refused {
        case .write, .sync:
            guard let opCode else { preconditionFailure("operation \(type) has a kind but no code") }
            return unsafe forward(opCode, connection, xid, body)
        case .read, .local:
            guard let opCode else { preconditionFailure("operation \(type) has a kind but no code") }
            guard connection.state.disposition(isForwarded: false) == .serve else { return false }
            noteRequest(connection, xid, type)
            unsafe serveLocal(opCode, connection, xid, [UInt8](body), view)
            noteReply(connection, xid: xid, zxid: lastZxid, since: connection.heardMs)
            return true
        case .refused:
            guard connection.state.disposition(isForwarded: false) == .serve else { return false }
            noteRequest(connection, xid, type)
            replies.writeHeader(xid: xid, zxid: .none, error: ErrorCode.unimplemented.rawValue, bodyBytes: 0)
            noteReply(connection, xid: xid, zxid: lastZxid, since: connection.heardMs)
            end(connection, .unknownOperation)
            return true
        }
    }

    // MARK: - Writes and syncs

    private func forward(
        _ opCode: OpCode, _ connection: ClientConnection, _ xid: Int32, _ body: UnsafeRawBufferPointer
    ) -> Bool {
        // Judged while it can still be kept; a body that means nothing is answered here, in its turn.
        let request = WriteRequest(
            session: connection.state.session, cxid: Xid(xid), opCode: opCode.rawValue, body: unsafe [UInt8](body),
            identities: [])
        guard isDecodable(request, opCode) else {
            guard connection.state.disposition(isForwarded: false) == .serve else { return false }
            noteRequest(connection, xid, opCode.rawValue)
            writeError(.marshallingError, xid)
            noteReply(connection, xid: xid, zxid: lastZxid, since: connection.heardMs)
            return true
        }
        guard hasRoomInFlight else {
            waitingForRoom.append(connection)
            return false
        }
        noteRequest(connection, xid, opCode.rawValue)
        let shape: ClientConnectionState.ReplyShape =
            switch opCode {
            case .sync: .echo(echo(of: request.body))
            case .multi: .multi((try? MultiWrite(decoding: request.body).resultTypes) ?? [])
            default: .plain
            }
        connection.state.didForward(Xid(xid), opCode, receivedMs: connection.heardMs, reply: shape)
        inFlight += 1
        var identified = request
        // Nobody asks who ends a session or waits for one: not worth finding out.
        if opCode != .closeSession && opCode != .sync { identified.identities = connection.identities }
        outbox.append(.request(connection.id, identified))
        return true
    }

    /// The path alone: what follows it in the request is ignored.
    private func echo(of body: [UInt8]) -> [UInt8] { (try? SyncRequest(decoding: body).encoded()) ?? [] }

    private func isDecodable(_ request: WriteRequest, _ opCode: OpCode) -> Bool {
        if opCode == .sync { return (try? SyncRequest(decoding: request.body)) != nil }
        return RequestValidation.isDecodable(request)
    }

    /// The replies that waited for an earlier one, in order, and then what was held back behind them.
    func sendAnswered(_ connection: ClientConnection) {
        while !connection.isDoomed, let request = connection.state.nextAnswered() {
            guard let answer = request.answer else { preconditionFailure("\(request.opCode) is not answered yet") }
            reply(to: request, answer, connection)
        }
        if connection.state.inFlight == 0 && connection.isHeld { resume(connection) }
    }

    /// The reply to a forwarded request whose turn it is; the events before it are queued already (I7). Not under the
    /// lock.
    func reply(
        to request: ClientConnectionState.Forwarded, _ answer: ClientConnectionState.Answer,
        _ connection: ClientConnection
    ) {
        inFlight -= 1
        answers += 1
        var header = ReplyHeader(xid: request.xid, zxid: lastZxid, err: .ok)
        encoder.reset()
        encoder.write(0 as Int32)
        switch answer {
        case .refused(let error):
            if error == .sessionMoved { return doom(connection, .sessionMoved) }
            header.err = error
            encoder.write(header)
        case .done:
            encoder.write(header)
            if case .echo(let path) = request.reply { encoder.writeRaw(path) }
        case .applied(let zxid, let result):
            if result.error == .sessionMoved { return doom(connection, .sessionMoved) }
            header = ReplyHeader(xid: request.xid, zxid: zxid, err: result.error)
            encoder.write(header)
            encode(result, for: request)
        }
        encoder.patch(Int32(encoder.count - 4), at: 0)
        unsafe encoder.withUnsafeBytes { unsafe send($0, to: connection) }
        noteReply(connection, xid: request.xid.rawValue, zxid: header.zxid, since: request.receivedMs)
        if request.opCode == .closeSession { end(connection, .sessionClosed) }
    }

    /// A transaction does not keep under which types a multi was asked for.
    private func encode(_ result: TxnResult, for request: ClientConnectionState.Forwarded) {
        guard case .multi(let results) = result, case .multi(let types) = request.reply, types.count == results.count
        else { return result.encode(for: request.opCode, into: &encoder) }
        let shaped = zip(types, results).map { MultiResult(opCode: $0, result: $1.result) }
        TxnResult.multi(shaped).encode(for: .multi, into: &encoder)
    }

    // MARK: - Figures

    func noteRequest(_ connection: ClientConnection, _ xid: Int32, _ type: Int32) {
        counters.packetsReceived += 1
        connection.statistics.received += 1
        connection.statistics.lastXid = xid
        connection.statistics.lastOperation = type
    }

    private func note(_ reads: PlainReads, _ connection: ClientConnection) {
        let count = Int64(reads.count)
        let latencyMs = max(0, nowMs - connection.heardMs)
        counters.packetsReceived += count
        counters.packetsSent += count
        counters.latency.record(latencyMs, count: count)
        connection.statistics.noteReads(
            count, lastXid: reads.lastXid, operation: reads.lastOperation, zxid: lastZxid.rawValue,
            latencyMs: latencyMs, nowMs: nowMs)
    }

    func noteReply(_ connection: ClientConnection, xid: Int32, zxid: Zxid, since receivedMs: Int64) {
        counters.packetsSent += 1
        connection.statistics.sent += 1
        connection.statistics.lastZxid = zxid.rawValue
        connection.statistics.lastResponseMs = nowMs
        let latencyMs = max(0, nowMs - receivedMs)
        counters.latency.record(latencyMs)
        connection.statistics.latency.record(latencyMs)
    }
}
