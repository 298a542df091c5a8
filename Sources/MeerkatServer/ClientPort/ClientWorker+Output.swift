// What leaves a worker: each connection's output of a turn in one send.
import Jute
import Libevent
import Tree

extension ClientWorker {
    func markDirty(_ connection: ClientConnection) {
        guard !connection.isDirty else { return }
        connection.isDirty = true
        dirty.append(connection)
    }

    /// Everything since `start` in the reply arena belongs to this connection.
    func claim(_ connection: ClientConnection, from start: Int) {
        guard replies.count > start else { return }
        markDirty(connection)
        if connection.output.isEmpty && connection.piece.isEmpty {
            connection.piece = start..<replies.count
        } else if connection.output.isEmpty && connection.piece.upperBound == start {
            connection.piece = connection.piece.lowerBound..<replies.count
        } else {
            spill(connection)
            unsafe connection.output.append(replies.bytes(start..<replies.count))
        }
    }

    /// Moves a connection's notifications, and behind them its piece of the arena, into its own output.
    private func spill(_ connection: ClientConnection) {
        spillNotices(connection)
        guard !connection.piece.isEmpty else { return }
        unsafe connection.output.append(replies.bytes(connection.piece))
        connection.piece = 0..<0
    }

    /// Puts a whole frame behind whatever waits for this connection. Nothing follows what was to be the last.
    func send(_ frame: UnsafeRawBufferPointer, to connection: ClientConnection) {
        guard !connection.isDoomed, connection.endsWith == nil else { return }
        spill(connection)
        unsafe connection.output.append(frame)
        markDirty(connection)
        if connection.output.count > terms.limits.outputLimitBytes { doom(connection, .outputLimit) }
    }

    func send(_ frame: [UInt8], to connection: ClientConnection) {
        unsafe frame.withUnsafeBytes { unsafe send($0, to: connection) }
    }

    // MARK: Flushing

    func flush() {
        var flushing: [ClientConnection] = []
        swap(&flushing, &dirty)
        for connection in flushing {
            connection.isDirty = false
            if !connection.isDoomed { flush(connection) }
            connection.piece = 0..<0
        }
        if dirty.isEmpty {
            flushing.removeAll(keepingCapacity: flushing.count <= 4096)
            swap(&flushing, &dirty)
        }
    }

    private func flush(_ connection: ClientConnection) {
        if connection.isWaitingToSend {
            // The socket was full and nobody has said otherwise.
            spill(connection)
        } else if !connection.output.isEmpty || shares.isWaiting(connection.id.slot) {
            spill(connection)
            sendOutput(of: connection)
        } else if !connection.piece.isEmpty {
            sendPiece(of: connection)
        }
        settle(connection)
    }

    private func sendPiece(of connection: ClientConnection) {
        let bytes = unsafe replies.bytes(connection.piece)
        let sent: Int
        switch unsafe Socket.send(connection.fd, bytes) {
        case .bytes(let count): sent = count
        case .wouldBlock: sent = 0
        case .failed: return doom(connection, .socketError)
        }
        counters.bytesSent += Int64(sent)
        if sent < bytes.count { unsafe connection.output.append(UnsafeRawBufferPointer(rebasing: bytes[sent...])) }
    }

    private func sendOutput(of connection: ClientConnection) {
        let outcome = unsafe connection.output.withUnsafeBytes { unsafe Socket.send(connection.fd, $0) }
        switch outcome {
        case .bytes(let count):
            counters.bytesSent += Int64(count)
            connection.output.consume(count)
        case .wouldBlock: break
        case .failed: doom(connection, .socketError)
        }
    }

    /// After sending: waits for the socket if something is left, else closes what was to be closed.
    func settle(_ connection: ClientConnection) {
        guard !connection.isDoomed else { return }
        let isDone = connection.output.isEmpty
        if isDone, let reason = connection.endsWith { return doom(connection, reason) }
        if !connection.setWriting(!isDone) { return doom(connection, .socketError) }
        if connection.output.count > terms.limits.outputLimitBytes { return doom(connection, .outputLimit) }
        // Requests that waited because the output was full: all of it may have gone at once.
        if connection.isHeld, connection.output.count < terms.limits.outputHighWaterBytes { resume(connection) }
        updateReading(connection)
    }

    /// The socket takes more.
    func resumeSending(_ connection: ClientConnection) {
        guard !connection.isDoomed else { return }
        requestTurn()
        sendOutput(of: connection)
        settle(connection)
        guard !connection.isDoomed, connection.output.count < terms.limits.outputLowWaterBytes else { return }
        if connection.isHeld || !connection.input.isEmpty { resume(connection) }
    }
}
