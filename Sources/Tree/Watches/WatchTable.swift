// Who watches what, on one worker. Entries of 24 bytes, linked by node and by connection; nothing is shared.

/// The watches of one worker's connections. A connection is a slot number the worker reuses; slots should be small,
/// the table keeps a record for each up to the largest.
///
/// Costs: adding walks the shorter of two lists, telling walks the watchers of the node, removing a connection walks
/// its own watches. Watches that have nothing to do with a change cost it nothing. Freed entries are reused;
/// memory grows by doubling and never shrinks.
package struct WatchTable {
    /// Slots must be below this.
    package static let maximumConnections = 1 << 28

    /// Bytes of memory per watch, beside the path's share.
    package static var entrySize: Int { MemoryLayout<Entry>.stride }

    static let none = UInt32.max

    struct Entry {
        var node: UInt32
        /// Slot in the low 28 bits, above it list and modes.
        var tagged: UInt32
        var nextOfNode: UInt32
        var previousOfNode: UInt32
        var nextOfConnection: UInt32
        var previousOfConnection: UInt32

        var connection: UInt32 { tagged & 0x0fff_ffff }
        var list: WatchList { tagged & 1 << 28 == 0 ? .data : .child }
        var modes: WatchMode {
            get { WatchMode(rawValue: UInt8(tagged >> 29)) }
            set { tagged = tagged & 0x1fff_ffff | UInt32(newValue.rawValue) << 29 }
        }
    }

    /// The watchers of a path, in one list.
    struct Watchers {
        var first = WatchTable.none
        var count: UInt32 = 0
    }

    struct Node {
        var data = Watchers()
        var child = Watchers()

        subscript(list: WatchList) -> Watchers {
            get { list == .data ? data : child }
            set { if list == .data { data = newValue } else { child = newValue } }
        }
    }

    struct Connection {
        var first = WatchTable.none
        var count: UInt32 = 0
        var dataCount: UInt32 = 0
        /// The last lookup in which the connection was told.
        var told: UInt32 = 0
    }

    var entries: [Entry] = []
    private var firstFree = WatchTable.none
    package private(set) var paths = WatchedPaths()
    /// By path number.
    var nodes: [Node] = []
    /// By slot.
    var connections: [Connection] = []
    var lookup: UInt32 = 0

    /// Entries in each list, counted by (path, connection).
    package private(set) var dataWatchCount = 0
    package private(set) var childWatchCount = 0
    /// Paths and connections with a data watch: what the `wchs` word counts.
    package private(set) var dataPathCount = 0
    package private(set) var dataConnectionCount = 0
    var recursiveCount = 0

    package init() {}

    /// All watches, counted by (path, connection, list).
    package var count: Int { dataWatchCount + childWatchCount }

    /// Registers a watch. The same again has no effect.
    package mutating func add(_ path: Span<UInt8>, _ list: WatchList, _ mode: WatchMode, connection: UInt32) {
        precondition(connection < Self.maximumConnections, "connection slot \(connection)")
        precondition(list == .data || !mode.contains(.recursive), "recursive watch in the child list")
        while connections.count <= Int(connection) { connections.append(Connection()) }
        let node = paths.intern(path)
        while nodes.count <= Int(node) { nodes.append(Node()) }
        let index = find(node, list, connection) ?? link(node, list, connection)
        let modes = entries[Int(index)].modes
        if mode.contains(.recursive), !modes.contains(.recursive) { recursiveCount += 1 }
        entries[Int(index)].modes = modes.union(mode)
    }

    /// The entry of a connection on a node, searched in the shorter of the two lists it is in.
    func find(_ node: UInt32, _ list: WatchList, _ connection: UInt32) -> UInt32? {
        guard Int(connection) < connections.count else { return nil }
        let watchers = nodes[Int(node)][list]
        let own = connections[Int(connection)]
        var index = watchers.count <= own.count ? watchers.first : own.first
        let alongNode = watchers.count <= own.count
        while index != Self.none {
            let entry = entries[Int(index)]
            if entry.node == node, entry.connection == connection, entry.list == list { return index }
            index = alongNode ? entry.nextOfNode : entry.nextOfConnection
        }
        return nil
    }

    private mutating func link(_ node: UInt32, _ list: WatchList, _ connection: UInt32) -> UInt32 {
        let nextOfNode = nodes[Int(node)][list].first
        let nextOfConnection = connections[Int(connection)].first
        let entry = Entry(
            node: node, tagged: connection | UInt32(list.rawValue) << 28, nextOfNode: nextOfNode,
            previousOfNode: Self.none, nextOfConnection: nextOfConnection, previousOfConnection: Self.none)
        let index = allocate(entry)
        if nextOfNode != Self.none { entries[Int(nextOfNode)].previousOfNode = index }
        if nextOfConnection != Self.none { entries[Int(nextOfConnection)].previousOfConnection = index }
        nodes[Int(node)][list].first = index
        nodes[Int(node)][list].count += 1
        connections[Int(connection)].first = index
        connections[Int(connection)].count += 1
        count(list, node, connection, by: 1)
        return index
    }

    private mutating func allocate(_ entry: Entry) -> UInt32 {
        if firstFree == Self.none {
            precondition(entries.count < Int(Self.none), "\(entries.count) watches on one worker")
            entries.append(entry)
            return UInt32(entries.count - 1)
        }
        let index = firstFree
        firstFree = entries[Int(index)].nextOfNode
        entries[Int(index)] = entry
        return index
    }

    /// Takes an entry out of both of its lists, and its path out of the table if nobody is left.
    mutating func unlink(_ index: UInt32) {
        let entry = entries[Int(index)]
        let (node, list, connection) = (entry.node, entry.list, entry.connection)
        if entry.previousOfNode == Self.none {
            nodes[Int(node)][list].first = entry.nextOfNode
        } else {
            entries[Int(entry.previousOfNode)].nextOfNode = entry.nextOfNode
        }
        if entry.nextOfNode != Self.none { entries[Int(entry.nextOfNode)].previousOfNode = entry.previousOfNode }
        if entry.previousOfConnection == Self.none {
            connections[Int(connection)].first = entry.nextOfConnection
        } else {
            entries[Int(entry.previousOfConnection)].nextOfConnection = entry.nextOfConnection
        }
        if entry.nextOfConnection != Self.none {
            entries[Int(entry.nextOfConnection)].previousOfConnection = entry.previousOfConnection
        }
        nodes[Int(node)][list].count -= 1
        connections[Int(connection)].count -= 1
        count(list, node, connection, by: -1)
        if entry.modes.contains(.recursive) { recursiveCount -= 1 }
        entries[Int(index)].nextOfNode = firstFree
        firstFree = index
        if nodes[Int(node)].data.count == 0, nodes[Int(node)].child.count == 0 { paths.release(node) }
    }

    /// Keeps the sums; `step` is 1 after linking, -1 after unlinking.
    private mutating func count(_ list: WatchList, _ node: UInt32, _ connection: UInt32, by step: Int) {
        guard list == .data else {
            childWatchCount += step
            return
        }
        dataWatchCount += step
        let own = connections[Int(connection)].dataCount
        connections[Int(connection)].dataCount = step > 0 ? own + 1 : own - 1
        let edge: UInt32 = step > 0 ? 0 : 1
        if own == edge { dataConnectionCount += step }
        if nodes[Int(node)].data.count == 1 - edge { dataPathCount += step }
    }
}
