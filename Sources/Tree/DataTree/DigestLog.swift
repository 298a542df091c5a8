// What the `hash` word shows: by it operators compare the trees of an ensemble's servers.

public import Jute

/// The tree's digest after every 128th transaction of an epoch, the last 1,024 of them (ZooKeeper 3.9, `DataTree`).
public struct DigestLog: Sendable {
    public struct Entry: Equatable, Sendable {
        public let zxid: Zxid
        public let digest: UInt64
    }

    private static let interval: Int64 = 128
    private static let limit = 1024

    /// Oldest first.
    public private(set) var entries: [Entry] = []

    mutating func note(_ digest: UInt64, after zxid: Zxid) {
        guard zxid.rawValue % Self.interval == 0 else { return }
        if entries.count == Self.limit { entries.removeFirst() }
        entries.append(Entry(zxid: zxid, digest: digest))
    }
}
