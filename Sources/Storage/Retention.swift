// Which files history no longer needs (ZooKeeper 3.9, PurgeTxnLog).

import Jute

/// The purge rule; when to run it is the caller's business.
public struct Retention: Hashable, Sendable {
    public static let smallestCount = 3
    /// How many snapshots stay.
    public let snapshotCount: Int

    /// - Parameter snapshotCount: `autopurge.snapRetainCount`, raised to 3.
    public init(snapshotCount: Int = smallestCount) { self.snapshotCount = max(snapshotCount, Self.smallestCount) }

    /// Removes snapshots older than the newest `snapshotCount` whole ones, and log files whose records all of those
    /// contain. Without a whole snapshot nothing is removed. Returns the names removed.
    public func purge<D: Disk>(_ directory: DataDirectory<D>) throws(StorageError) -> [String] {
        let catalog = try SnapshotCatalog(disk: directory.snapshots)
        guard let oldest = catalog.candidates.prefix(snapshotCount).last?.zxid else { return [] }
        var removed: [String] = []
        // Snapshots before logs: an old snapshot without its log is a trap, an old log without its snapshot is not.
        for name in SnapshotFileName.newestFirst(try directory.snapshots.list()).reversed() where name.zxid < oldest {
            try directory.snapshots.remove(name.text)
            removed.append(name.text)
        }
        try directory.snapshots.syncDirectory()
        // The file with the largest name not above the snapshot may hold records behind it.
        for name in LogFileName.sorted(try directory.logs.list()).filter({ $0.zxid <= oldest }).dropLast() {
            try directory.logs.remove(name.text)
            removed.append(name.text)
        }
        try directory.logs.syncDirectory()
        return removed
    }
}
