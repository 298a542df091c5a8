// Watches end before they are spent: by request, or with their connection. And the listings of the wch words.

package import Jute

extension WatchTable {
    /// Whether the connection has a watch that `type` means. If not, checkWatches fails with `noWatcher`.
    package func contains(_ path: Span<UInt8>, _ type: WatcherType, connection: UInt32) -> Bool {
        guard let node = paths.find(path) else { return false }
        return WatchList.allCases.contains { list in
            guard let index = find(node, list, connection) else { return false }
            return !entries[Int(index)].modes.isDisjoint(with: type.modes(in: list))
        }
    }

    /// Removes what `type` means. False if there was nothing: removeWatches fails with `noWatcher`.
    package mutating func remove(_ path: Span<UInt8>, _ type: WatcherType, connection: UInt32) -> Bool {
        guard let node = paths.find(path) else { return false }
        var removed = false
        for list in WatchList.allCases {
            guard let index = find(node, list, connection) else { continue }
            let modes = entries[Int(index)].modes
            let kept = modes.subtracting(type.modes(in: list))
            if kept == modes { continue }
            removed = true
            if kept.isEmpty {
                unlink(index)
            } else {
                if modes.contains(.recursive), !kept.contains(.recursive) { recursiveCount -= 1 }
                entries[Int(index)].modes = kept
            }
        }
        return removed
    }

    /// Forgets all watches of a connection that is gone.
    package mutating func removeConnection(_ connection: UInt32) {
        guard Int(connection) < connections.count else { return }
        while connections[Int(connection)].first != Self.none { unlink(connections[Int(connection)].first) }
    }

    /// Visits the data watches of up to `limit` path numbers from `start` on, path by path; the number to go on from,
    /// nil at the end. Changes between two slices may hide or show single paths.
    package func visitDataWatches(
        from start: Int = 0, limit: Int = .max, _ visit: (_ path: UString, _ connections: [UInt32]) -> Void
    ) -> Int? {
        let end = limit < nodes.count - start ? start + limit : nodes.count
        for number in start..<max(end, start) where nodes[number].data.count > 0 {
            var slots: [UInt32] = []
            var index = nodes[number].data.first
            while index != Self.none {
                slots.append(entries[Int(index)].connection)
                index = entries[Int(index)].nextOfNode
            }
            visit(UString(bytes: paths.bytes(of: UInt32(number))), slots)
        }
        return end < nodes.count ? end : nil
    }

    /// The paths on which a connection has data watches.
    package func dataPaths(of connection: UInt32) -> [UString] {
        guard Int(connection) < connections.count else { return [] }
        var found: [UString] = []
        var index = connections[Int(connection)].first
        while index != Self.none {
            let entry = entries[Int(index)]
            if entry.list == .data { found.append(UString(bytes: paths.bytes(of: entry.node))) }
            index = entry.nextOfConnection
        }
        return found
    }
}
