// What the `hash` word shows: by it operators compare the trees of an ensemble's servers.

package import Jute

/// The tree's digest after every 128th transaction of an epoch, the last 1,024 of them (ZooKeeper 3.9, `DataTree`).
package struct DigestLog: Sendable {
    package struct Entry: Equatable, Sendable {
        package let zxid: Zxid
        package let digest: UInt64
    }

    private static let interval: Int64 = 128
    private static let limit = 1024

    /// Oldest first.
    package private(set) var entries: [Entry] = []

    mutating func note(_ digest: UInt64, after zxid: Zxid) {
        guard zxid.rawValue % Self.interval == 0 else { return }
        if entries.count == Self.limit { entries.removeFirst() }
        entries.append(Entry(zxid: zxid, digest: digest))
    }
}
