// What the history brings to a worker: watches fire, requests are answered, sessions begin and end. Not under the lock.
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
        case .reattached(let session, let timeoutMs): sessionGranted(client, session, timeoutMs: timeoutMs)
        case .synced(let xid): receive(.synced, for: xid, .sync, from: client)
        case .refused(let xid, let error): receive(.refused(error), for: xid, nil, from: client)
        case .sessionInvalid: if let connection = connection(client) { sessionRefused(connection) }
        case .outcomeUnknown: if let connection = connection(client) { doom(connection, .outcomeUnknown) }
        }
    }

    private func receive(
        _ answer: ClientConnectionState.Answer, for xid: Xid, _ opCode: OpCode?, from client: ClientID
    ) {
        guard let connection = connection(client) else { return }
        // A refused session comes here as well: there is no request it could belong to.
        guard connection.state.receive(answer, for: xid, opCode) else { return doom(connection, .outcomeUnknown) }
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

    // MARK: - Watches

    /// Tells every watcher of a change that may read the node; each event is encoded once.
    private func fire(_ change: TreeChange, parentACL: [ACL]?) {
        let kind: WatchedChange
        switch change.kind {
        case .created: kind = .created
        case .deleted: kind = .deleted
        case .dataChanged: kind = .dataChanged
        case .childrenChanged: preconditionFailure("a parent's change is told with its child's")
        }
        guard watches.count > 0 else { return }
        var own = PendingNotice(zxid: change.zxid, path: change.path, acl: change.acl)
        var parent = PendingNotice(zxid: change.zxid, path: ZnodePath.parent(of: change.path) ?? .null, acl: parentACL)
        watches.trigger(kind, change.path.bytes.span) { slot, event in
            guard let connection = slots[Int(slot)], !connection.isDoomed else { return }
            if event == .childrenChanged {
                tell(connection, event, &parent)
            } else {
                tell(connection, event, &own)
            }
        }
    }

    private func tell(_ connection: ClientConnection, _ event: WatchEvent, _ notice: inout PendingNotice) {
        if let acl = notice.acl, !terms.rules.allows(.read, acl: acl, identities: connection.identities) { return }
        counters.watchEvents += 1
        counters.packetsSent += 1
        connection.statistics.sent += 1
        send(notice.frame(event), to: connection)
    }
}

/// A notification that is encoded when the first watcher turns up.
struct PendingNotice {
    let zxid: Zxid
    let path: UString
    /// Nil where everybody may read.
    let acl: [ACL]?
    private var event: WatchEvent?
    private var bytes: [UInt8] = []

    init(zxid: Zxid, path: UString, acl: [ACL]?) {
        self.zxid = zxid
        self.path = path
        self.acl = acl
    }

    /// The state that every notification reports: connected.
    private static let syncConnected: Int32 = 3

    mutating func frame(_ event: WatchEvent) -> [UInt8] {
        if self.event == event { return bytes }
        self.event = event
        var encoder = JuteEncoder(capacity: 64 + path.bytes.count)
        encoder.write(0 as Int32)
        encoder.write(ReplyHeader(xid: .notification, zxid: zxid, err: .ok))
        encoder.write(WatcherEvent(type: event.rawValue, state: Self.syncConnected, path: path))
        encoder.patch(Int32(encoder.count - 4), at: 0)
        bytes = encoder.bytes
        return bytes
    }
}
