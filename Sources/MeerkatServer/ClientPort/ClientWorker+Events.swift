// What the history brings to a worker: changes, answers, sessions that begin and end. Not under the lock.
import Jute
import Replica
import Tree

extension ClientWorker {
    /// One batch, in order: an event is queued before the reply that follows it in the history (I7).
    func receive(_ batch: [WorkerEvent]) {
        for event in batch { receive(event) }
    }

    private func receive(_ event: WorkerEvent) {
        switch event {
        case .changed(let change, let parentACL):
            advance(to: change.zxid)
            fire(change, parentACL: parentACL)
        case .outcome(let client, let xid, let opCode, let zxid, let result):
            advance(to: zxid)
            receive(.applied(zxid, result), for: xid, opCode, from: client)
        case .sessionOpened(let client, let session, let timeoutMs):
            sessionGranted(client, session, timeoutMs: timeoutMs)
        case .sessionClosed(let session): sessionClosed(session)
        case .answer(let client, let answer, let zxid):
            advance(to: zxid)
            receive(answer, for: client)
        case .startedServing(let service): self.service = service
        case .stoppedServing: stopServing()
        }
    }

    private func advance(to zxid: Zxid) { lastZxid = max(lastZxid, zxid) }

    private func receive(_ answer: ClientAnswer, for client: ClientID) {
        switch answer {
        case .opened(let session, let timeoutMs), .reattached(let session, let timeoutMs):
            sessionGranted(client, session, timeoutMs: timeoutMs)
        case .synced(let xid): receive(.done, for: xid, .sync, from: client)
        case .closed(let xid): receive(.done, for: xid, .closeSession, from: client)
        case .refused(let xid, let error): receive(.refused(error), for: xid, nil, from: client)
        case .sessionInvalid: if let connection = connection(client) { sessionRefused(connection) }
        case .outcomeUnknown: if let connection = connection(client) { doom(connection, .outcomeUnknown) }
        }
    }

    private func receive(
        _ answer: ClientConnectionState.Answer, for xid: Xid, _ opCode: OpCode?, from client: ClientID
    ) {
        guard let connection = connection(client) else { return }
        if let request = connection.state.takeOldest(xid, opCode) {
            reply(to: request, answer, connection)
        } else if !connection.state.receive(answer, for: xid, opCode) {
            // A refused session comes here as well: there is no request it could belong to.
            return doom(connection, .outcomeUnknown)
        }
        sendAnswered(connection)
    }

    /// ZooKeeper's policy: without a leader, clients go elsewhere. Words are still answered.
    private func stopServing() {
        service = nil
        for connection in slots {
            guard let connection, connection.state.phase != .word else { continue }
            doom(connection, .notServing)
        }
    }
}
