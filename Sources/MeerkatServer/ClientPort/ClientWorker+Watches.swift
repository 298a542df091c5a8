// Watches fire: who is told, and how the notifications leave, some in each turn. The table of watches is the tree
// module's.
import DequeModule
import Jute
import Libevent
import Replica
import Tree

extension ClientWorker {
    /// Tells every watcher of a change that may read the node. All are told before anything newer is read (I8); what
    /// they are told leaves later.
    func fire(_ change: TreeChange, parentACL: [ACL]?) {
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
            // Nil while the watches of a connection that is gone are being forgotten.
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
        guard connection.endsWith == nil else { return }
        counters.watchEvents += 1
        counters.packetsSent += 1
        connection.statistics.sent += 1
        share(notice.piece(event, in: &notices), with: connection)
    }

    // MARK: - Sending

    /// Queues a notification behind what waits for this connection; without a copy, if that is notifications alone.
    private func share(_ piece: NoticeBuffer.Piece, with connection: ClientConnection) {
        if connection.output.isEmpty && connection.piece.isEmpty {
            if connection.notices.isEmpty {
                connection.notices = piece
                guard !connection.isTold else { return }
                connection.isTold = true
                return told.append(connection)
            }
            if connection.notices.upperBound == piece.lowerBound {
                connection.notices = connection.notices.lowerBound..<piece.upperBound
                return
            }
        }
        unsafe notices.withUnsafeBytes(piece) { unsafe send($0, to: connection) }
    }

    /// Moves a connection's notifications into its own output, where replies can follow them.
    func spillNotices(_ connection: ClientConnection) {
        guard !connection.notices.isEmpty else { return }
        unsafe notices.withUnsafeBytes(connection.notices) { unsafe connection.output.append($0) }
        connection.notices = 0..<0
    }

    /// Sends to those that were told, longest ago first, and leaves the rest to the next turn, so that a change many
    /// watch does not hold up the others' replies.
    func flushNotices() {
        guard !told.isEmpty else { return }
        var left = notices.count <= terms.limits.noticeBytes ? terms.limits.noticeSendsPerTurn : .max
        while left > 0, let connection = told.popFirst() {
            connection.isTold = false
            if connection.isDoomed || connection.notices.isEmpty { continue }
            sendNotices(to: connection)
            left -= 1
        }
        if told.isEmpty { notices.reset() }
    }

    private func sendNotices(to connection: ClientConnection) {
        let outcome = unsafe notices.withUnsafeBytes(connection.notices) { unsafe Socket.send(connection.fd, $0) }
        switch outcome {
        case .bytes(let count):
            counters.bytesSent += Int64(count)
            connection.notices = connection.notices.lowerBound + UInt32(count)..<connection.notices.upperBound
        case .wouldBlock: break
        case .failed: return doom(connection, .socketError)
        }
        guard !connection.notices.isEmpty else { return }
        spillNotices(connection)
        settle(connection)
    }

    // MARK: - Forgetting

    /// Forgets watches of connections that are gone, some in each turn; a slot is free when none is left.
    func forgetWatches() {
        var left = terms.limits.watchesForgottenPerTurn
        while left > 0, let slot = fadingSlots.last {
            left -= watches.removeWatches(of: UInt32(slot), limit: left)
            guard left > 0 else { break }
            fadingSlots.removeLast()
            freeSlots.append(slot)
        }
    }
}
