// Who watches what, on one worker: registering, finding, and the chains that hold it together. Nothing is shared.

/// The watches of one worker's connections. A connection is a slot number the worker reuses; slots should be small,
/// the table keeps a record for each up to the largest.
///
/// Costs: registering and removing take constant time however many watch the path and however much the connection
/// watches; telling walks the watchers of the node. Watches that have nothing to do with a change cost it nothing, and
/// no operation copies or rehashes more than a handful of others. A watch takes 24 bytes, a path 12 and its own length and
/// 16 to 32 in the table that finds it. Freed memory is reused, and never given back.
public final class WatchTable {
    /// Slots must be below this.
    public static let maximumConnections = 1 << 28

    /// Bytes of memory per watch, beside the path's share.
    public static var entrySize: Int { MemoryLayout<WatchEntry>.stride }

    static let none = WatchBlocks.none

    struct Connection {
        var first = WatchTable.none
        var count: UInt32 = 0
        /// The last lookup in which the connection was told.
        var told: UInt32 = 0
    }

    let blocks: WatchBlocks
    let paths: WatchedPaths
    /// Lists with many watchers. A path's list is either the first entry of its one chain, or a number here.
    var crowds: [WatchCrowd] = []
    private var freeCrowds: [Int] = []
    /// By slot.
    var connections: [Connection] = []
    var lookup: UInt32 = 0

    /// Entries in each list, counted by (path, connection).
    public private(set) var dataWatchCount = 0
    public private(set) var childWatchCount = 0
    var recursiveCount = 0

    public init() {
        blocks = WatchBlocks()
        paths = WatchedPaths(blocks)
    }

    /// All watches, counted by (path, connection, list).
    public var count: Int { dataWatchCount + childWatchCount }

    /// Paths that anybody watches.
    public var pathCount: Int { paths.count }

    /// Bytes of watches and paths, without the table that finds paths.
    public var bytesInUse: Int { blocks.bytesInUse }

    /// Entries of one connection, counted by (path, list).
    public func count(of connection: UInt32) -> Int {
        Int(connection) < connections.count ? Int(connections[Int(connection)].count) : 0
    }

    /// Registers a watch. The same again has no effect.
    public func add(_ path: Span<UInt8>, _ list: WatchList, _ mode: WatchMode, connection: UInt32) {
        precondition(connection < Self.maximumConnections, "connection slot \(connection)")
        precondition(list == .data || !mode.contains(.recursive), "recursive watch in the child list")
        while connections.count <= Int(connection) { connections.append(Connection()) }
        let path = paths.intern(path)
        let (found, passed) = search(path, list, connection)
        if found == Self.none, passed >= WatchCrowd.leastWatchers, crowd(path, list) == nil { gather(path, list) }
        let index = found == Self.none ? link(path, list, connection) : found
        let modes = blocks[index].modes
        if mode.contains(.recursive), !modes.contains(.recursive) { recursiveCount += 1 }
        blocks[index].modes = modes.union(mode)
    }

    /// The entry of a connection on a path, or none.
    func find(_ path: UInt32, _ list: WatchList, _ connection: UInt32) -> UInt32 {
        search(path, list, connection).found
    }

    /// Also tells past how many others the search went.
    private func search(_ path: UInt32, _ list: WatchList, _ connection: UInt32) -> (found: UInt32, passed: Int) {
        var passed = 0
        var index = first(path, list, connection)
        while index != Self.none {
            let entry = blocks[index]
            if entry.connection == connection { break }
            index = entry.nextOfPath
            passed += 1
        }
        return (index, passed)
    }

    // MARK: - Chains of a path

    private static let crowdMark: UInt32 = WatchBlocks.maximumReference

    /// The number of the crowd that a list is; nil for a list of one chain.
    func crowd(_ path: UInt32, _ list: WatchList) -> Int? {
        let head = blocks[path: path][list]
        return head & Self.crowdMark == 0 ? nil : Int(head & ~Self.crowdMark)
    }

    /// Where the chain begins that holds, or would hold, a connection's entry.
    private func first(_ path: UInt32, _ list: WatchList, _ connection: UInt32) -> UInt32 {
        if let crowd = crowd(path, list) { return crowds[crowd][connection] }
        return blocks[path: path][list]
    }

    private func setFirst(_ path: UInt32, _ list: WatchList, _ connection: UInt32, _ index: UInt32) {
        if let crowd = crowd(path, list) {
            crowds[crowd][connection] = index
        } else {
            blocks[path: path][list] = index
        }
    }

    private func push(_ index: UInt32) {
        let entry = blocks[index]
        let next = first(entry.path, entry.list, entry.connection)
        blocks[index].nextOfPath = next
        blocks[index].previousOfPath = Self.none
        if next != Self.none { blocks[next].previousOfPath = index }
        setFirst(entry.path, entry.list, entry.connection, index)
    }

    /// Puts a run of entries that are in no chain into those where they belong. Returns their number.
    @discardableResult private func deal(_ run: UInt32) -> Int {
        var index = run
        var count = 0
        while index != Self.none {
            let next = blocks[index].nextOfPath
            push(index)
            index = next
            count += 1
        }
        return count
    }

    /// Makes a crowd of a list of one chain.
    private func gather(_ path: UInt32, _ list: WatchList) {
        let number = freeCrowds.popLast() ?? crowds.count
        if number == crowds.count { crowds.append(WatchCrowd()) }
        let run = blocks[path: path][list]
        blocks[path: path][list] = UInt32(number) | Self.crowdMark
        crowds[number].count = deal(run)
    }

    /// After watches of a list are gone: as many chains as its watchers need, and no path that nobody watches.
    func settle(_ path: UInt32, _ list: WatchList) {
        if let crowd = crowd(path, list) {
            while crowds[crowd].wantsFewerChains { deal(crowds[crowd].removeChain()) }
            if crowds[crowd].count == 0 {
                blocks[path: path][list] = Self.none
                crowds[crowd] = WatchCrowd()
                freeCrowds.append(crowd)
            }
        }
        let header = blocks[path: path]
        if header.data == Self.none, header.child == Self.none { paths.release(path) }
    }

    // MARK: - Entries

    private func link(_ path: UInt32, _ list: WatchList, _ connection: UInt32) -> UInt32 {
        let index = blocks.add(WatchEntry(path: path, connection: connection, list: list))
        push(index)
        if let crowd = crowd(path, list) {
            crowds[crowd].count += 1
            if crowds[crowd].wantsMoreChains { deal(crowds[crowd].addChain()) }
        }
        let next = connections[Int(connection)].first
        blocks[index].nextOfConnection = next
        if next != Self.none { blocks[next].previousOfConnection = index }
        connections[Int(connection)].first = index
        connections[Int(connection)].count += 1
        count(list, by: 1)
        return index
    }

    /// Takes an entry out of both of its chains. The list is to be settled afterwards.
    func unlink(_ index: UInt32) {
        let entry = blocks[index]
        if entry.nextOfPath != Self.none { blocks[entry.nextOfPath].previousOfPath = entry.previousOfPath }
        if entry.previousOfPath == Self.none {
            setFirst(entry.path, entry.list, entry.connection, entry.nextOfPath)
        } else {
            blocks[entry.previousOfPath].nextOfPath = entry.nextOfPath
        }
        if let crowd = crowd(entry.path, entry.list) { crowds[crowd].count -= 1 }
        if entry.nextOfConnection != Self.none {
            blocks[entry.nextOfConnection].previousOfConnection = entry.previousOfConnection
        }
        if entry.previousOfConnection == Self.none {
            connections[Int(entry.connection)].first = entry.nextOfConnection
        } else {
            blocks[entry.previousOfConnection].nextOfConnection = entry.nextOfConnection
        }
        connections[Int(entry.connection)].count -= 1
        if entry.modes.contains(.recursive) { recursiveCount -= 1 }
        blocks.removeEntry(index)
        count(entry.list, by: -1)
    }

    private func count(_ list: WatchList, by step: Int) {
        if list == .data { dataWatchCount += step } else { childWatchCount += step }
    }
}
