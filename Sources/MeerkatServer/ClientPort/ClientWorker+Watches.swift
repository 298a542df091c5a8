// Watches fire: who is told, and how the notifications leave, some in each turn. The table of watches is the tree
// module's.
import Jute
import Libevent
import Replica
import Tree

extension ClientWorker {
    /// Tells every watcher of a change that may read the node. All are told before anything newer is read (I8); what
    /// they are told leaves later.
    func fire(_ change: TreeChange, parentACL: [ACL]?) {
        guard watches.count > 0 else { return }
        let (kind, event): (WatchedChange, WatchEvent) =
            switch change.kind {
            case .created: (.created, .created)
            case .deleted: (.deleted, .deleted)
            case .dataChanged: (.dataChanged, .dataChanged)
            case .childrenChanged: preconditionFailure("a parent's change is told with its child's")
            }
        var own = PendingNotice(event, zxid: change.zxid, path: change.path, acl: change.acl)
        var parent = PendingNotice(
            .childrenChanged, zxid: change.zxid, path: ZnodePath.parent(of: change.path) ?? .null, acl: parentACL)
        watches.trigger(kind, change.path.bytes.span) { slot, event in
            switch event {
            case .created, .deleted, .dataChanged: tell(slot, &own)
            case .childrenChanged: tell(slot, &parent)
            }
        }
    }

    /// The slot's connection may be gone, while its watches are being forgotten.
    @inline(__always)
    private func tell(_ slot: UInt32, _ notice: inout PendingNotice) {
        if let acl = notice.acl {
            guard let connection = slots[Int(slot)],
                terms.rules.allows(.read, acl: acl, identities: connection.identities)
            else { return }
        }
        let piece = notice.piece(in: &notices)
        switch shares.tell(slot, piece) {
        case .queued: counters.noteWatchEvent()
        case .apart:
            guard let connection = slots[Int(slot)] else { return }
            counters.noteWatchEvent()
            connection.statistics.sent += 1
            unsafe notices.withUnsafeBytes(piece) { unsafe send($0, to: connection) }
        case .passedOver: break
        }
    }

    // MARK: - Sending

    /// Moves a connection's notifications into its own output, where replies can follow them.
    func spillNotices(_ connection: ClientConnection) {
        let (piece, count) = shares.take(connection.id.slot)
        guard count > 0 else { return }
        connection.statistics.sent += Int64(count)
        unsafe notices.withUnsafeBytes(piece) { unsafe connection.output.append($0) }
    }

    /// Sends to those that were told, longest ago first, and leaves the rest to the next turn, so that a change many
    /// watch does not hold up the others' replies.
    func flushNotices() {
        guard shares.isWaiting else { return }
        var left = notices.count <= terms.limits.noticeBytes ? terms.limits.noticeSendsPerTurn : .max
        while left > 0, let slot = shares.next() {
            guard let connection = slots[slot] else { preconditionFailure("notices for slot \(slot), which is free") }
            sendNotices(to: connection)
            left -= 1
        }
        if !shares.isWaiting { notices.reset() }
    }

    private func sendNotices(to connection: ClientConnection) {
        guard connection.output.isEmpty else {
            // The socket was full and nobody has said otherwise.
            spillNotices(connection)
            return settle(connection)
        }
        let (piece, count) = shares.take(connection.id.slot)
        connection.statistics.sent += Int64(count)
        unsafe notices.withUnsafeBytes(piece) { bytes in
            let sent: Int
            switch unsafe Socket.send(connection.fd, bytes) {
            case .bytes(let count): sent = count
            case .wouldBlock: sent = 0
            case .failed: return doom(connection, .socketError)
            }
            counters.bytesSent += Int64(sent)
            guard sent < bytes.count else { return }
            unsafe connection.output.append(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
            settle(connection)
        }
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
