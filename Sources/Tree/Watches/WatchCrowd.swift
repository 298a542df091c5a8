// The many watchers of one path, spread so that one of them is found without walking past the others.

/// The chains of a list with many watchers, by connection. Buckets come and go one at a time (linear hashing): adding or
/// removing a watcher deals out a handful of others anew at most.
struct WatchCrowd {
    /// A list walked past this many watchers becomes a crowd.
    static let leastWatchers = 32
    private static let leastChains = 4
    private static let watchersPerChain = 2

    /// The first entry of each chain.
    private(set) var chains = [UInt32](repeating: WatchBlocks.none, count: leastChains)
    /// Watchers in all chains; the table's to keep.
    var count = 0

    /// The chains there were when their number was last a power of two.
    private var settled: Int { 1 << (Int.bitWidth - 1 - chains.count.leadingZeroBitCount) }

    private func chain(of connection: UInt32) -> Int {
        let chain = Int(connection) & (2 * settled - 1)
        return chain < chains.count ? chain : chain - settled
    }

    /// The first entry of the chain that a connection's entry is in.
    subscript(connection: UInt32) -> UInt32 {
        get { chains[chain(of: connection)] }
        set { chains[chain(of: connection)] = newValue }
    }

    var wantsMoreChains: Bool { count > chains.count * Self.watchersPerChain }
    var wantsFewerChains: Bool { chains.count > Self.leastChains && count * 4 < chains.count * Self.watchersPerChain }

    /// Adds a chain. Returns the first of the entries that must be dealt out anew: they are in no chain now.
    mutating func addChain() -> UInt32 {
        let split = chains.count - settled
        chains.append(WatchBlocks.none)
        defer { chains[split] = WatchBlocks.none }
        return chains[split]
    }

    /// Removes a chain. Returns the first of its entries, which must be dealt out anew.
    mutating func removeChain() -> UInt32 { chains.removeLast() }
}
