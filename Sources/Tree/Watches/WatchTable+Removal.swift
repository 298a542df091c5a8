// Watches end before they are spent: by request, or with their connection. And the listing of the wch words.

import Jute

extension WatchTable {
    /// Whether the connection has a watch that `type` means. If not, checkWatches fails with `noWatcher`.
    public func contains(_ path: Span<UInt8>, _ type: WatcherType, connection: UInt32) -> Bool {
        let path = paths.find(path)
        guard path != Self.none else { return false }
        return WatchList.allCases.contains { list in
            let index = find(path, list, connection)
            return index != Self.none && !blocks[index].modes.isDisjoint(with: type.modes(in: list))
        }
    }

    /// Removes what `type` means. False if there was nothing: removeWatches fails with `noWatcher`.
    public func remove(_ path: Span<UInt8>, _ type: WatcherType, connection: UInt32) -> Bool {
        var removed = false
        for list in WatchList.allCases {
            // Gone with its last watch, perhaps that of the other list.
            let path = paths.find(path)
            guard path != Self.none else { break }
            let index = find(path, list, connection)
            guard index != Self.none else { continue }
            let modes = blocks[index].modes
            let kept = modes.subtracting(type.modes(in: list))
            if kept == modes { continue }
            removed = true
            if kept.isEmpty {
                unlink(index)
                settle(path, list)
            } else {
                if modes.contains(.recursive), !kept.contains(.recursive) { recursiveCount -= 1 }
                blocks[index].modes = kept
            }
        }
        return removed
    }

    /// Forgets watches of a connection that is gone, `limit` at most. Returns how many: with fewer than `limit`, none
    /// is left. Until then its slot must not be given to another.
    @discardableResult public func removeWatches(of connection: UInt32, limit: Int = .max) -> Int {
        guard Int(connection) < connections.count else { return 0 }
        var removed = 0
        while removed < limit {
            let index = connections[Int(connection)].first
            if index == Self.none { break }
            let entry = blocks[index]
            unlink(index)
            settle(entry.path, entry.list)
            removed += 1
        }
        return removed
    }

    /// Shows the paths on which a connection has data watches.
    public func forEachDataPath(of connection: UInt32, _ body: (RawSpan) -> Void) {
        guard Int(connection) < connections.count else { return }
        var index = connections[Int(connection)].first
        while index != Self.none {
            let entry = blocks[index]
            if entry.list == .data { body(unsafe blocks.bytes(ofPath: entry.path).bytes) }
            index = entry.nextOfConnection
        }
    }
}
