// A change happens: who is told of what.

extension WatchTable {
    /// Calls `tell` for every connection that must learn of the change, each at most once per event, and removes the
    /// standard watches that are spent (client protocol, watch events).
    ///
    /// The events of one change come in this order: the node's own, then `childrenChanged` on its parent.
    public func trigger(
        _ change: WatchedChange, _ path: Span<UInt8>, _ tell: (_ connection: UInt32, _ event: WatchEvent) -> Void
    ) {
        if count == 0 { return }
        switch change {
        case .dataChanged: tellData(path, .dataChanged, isAll: true, tell)
        case .created:
            tellData(path, .created, isAll: true, tell)
            tellParent(of: path, tell)
        case .deleted:
            tellData(path, .deleted, isAll: childWatchCount == 0, tell)
            // The same event by the other list: who was told just now is passed over.
            tellWatchers(path, .child, .deleted, isAll: false, tell)
            tellParent(of: path, tell)
        }
    }

    private func beginLookup() {
        lookup &+= 1
        if lookup == 0 {
            for slot in connections.indices { connections[slot].told = 0 }
            lookup = 1
        }
    }

    /// - Parameter isAll: whether no other list is asked about the same event.
    private func tellData(
        _ path: Span<UInt8>, _ event: WatchEvent, isAll: Bool, _ tell: (UInt32, WatchEvent) -> Void
    ) {
        beginLookup()
        tellWatchers(path, .data, event, isAll: isAll && recursiveCount == 0, tell)
        if recursiveCount == 0 || path.count <= 1 { return }
        for end in stride(from: path.count - 1, through: 1, by: -1) where path[end] == UInt8(ascii: "/") {
            tellRecursive(path.extracting(first: end), event, tell)
        }
        tellRecursive(path.extracting(first: 1), event, tell)
    }

    private func tellParent(of path: Span<UInt8>, _ tell: (UInt32, WatchEvent) -> Void) {
        guard path.count > 1, childWatchCount > 0 else { return }
        var end = path.count - 1
        while end > 0, path[end] != UInt8(ascii: "/") { end -= 1 }
        tellWatchers(path.extracting(first: max(end, 1)), .child, .childrenChanged, isAll: true, tell)
    }

    /// Tells the watchers of exactly this path and drops their standard mode.
    /// - Parameter isAll: nobody else is asked about this event: a connection, which is in a list once, need not be
    ///   remembered.
    private func tellWatchers(
        _ path: Span<UInt8>, _ list: WatchList, _ event: WatchEvent, isAll: Bool,
        _ tell: (UInt32, WatchEvent) -> Void
    ) {
        let path = paths.find(path)
        guard path != Self.none else { return }
        forEachChain(path, list) { first in
            var index = first
            while index != Self.none {
                let entry = blocks[index]
                if isAll { tell(entry.connection, event) } else { tellOnce(entry.connection, event, tell) }
                if entry.modes.contains(.standard) { spend(index, entry) }
                index = entry.nextOfPath
            }
        }
        settle(path, list)
    }

    /// Drops the standard mode of an entry, and the entry if it has no other.
    private func spend(_ index: UInt32, _ entry: WatchEntry) {
        let kept = entry.modes.subtracting(.standard)
        if kept.isEmpty { unlink(index) } else { blocks[index].modes = kept }
    }

    private func tellRecursive(
        _ path: Span<UInt8>, _ event: WatchEvent, _ tell: (UInt32, WatchEvent) -> Void
    ) {
        let path = paths.find(path)
        guard path != Self.none else { return }
        forEachChain(path, .data) { first in
            var index = first
            while index != Self.none {
                let entry = blocks[index]
                if entry.modes.contains(.recursive) { tellOnce(entry.connection, event, tell) }
                index = entry.nextOfPath
            }
        }
    }

    /// How many chains ahead their first entries are asked for: most entries of a crowd are in no cache.
    private static let lead = 8

    /// Every chain of a list. Entries may be unlinked meanwhile; the list is settled afterwards.
    @inline(__always)
    private func forEachChain(
        _ path: UInt32, _ list: WatchList, _ body: (_ first: UInt32) -> Void
    ) {
        guard let crowd = crowd(path, list) else { return body(blocks[path: path][list]) }
        for chain in crowds[crowd].chains.indices {
            let ahead = chain + Self.lead
            if ahead < crowds[crowd].chains.count { blocks.prefetch(crowds[crowd].chains[ahead]) }
            body(crowds[crowd].chains[chain])
        }
    }

    private func tellOnce(_ connection: UInt32, _ event: WatchEvent, _ tell: (UInt32, WatchEvent) -> Void) {
        if connections[Int(connection)].told == lookup { return }
        connections[Int(connection)].told = lookup
        tell(connection, event)
    }
}
