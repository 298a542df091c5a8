// Which snapshots a directory offers, judged by a look at their ends; loading is the real test.

/// The snapshots of one directory, newest first.
public struct SnapshotCatalog: Hashable, Sendable {
    /// More are never tried.
    private static let limit = 100

    /// Files that pass the quick test.
    public private(set) var candidates: [SnapshotFileName] = []
    /// Files that do not: a crash cut them short, or they are no snapshots.
    public private(set) var rejected: [SnapshotFileName] = []

    public init<D: Disk>(disk: D) throws(StorageError) {
        for name in SnapshotFileName.newestFirst(try disk.list()) {
            if try Self.looksWhole(name, on: disk) { candidates.append(name) } else { rejected.append(name) }
        }
    }

    /// At most 100, newest first.
    public var toTry: ArraySlice<SnapshotFileName> { candidates.prefix(Self.limit) }

    /// The quick test: a file that ends like a seal, or begins like a packed one (ZooKeeper 3.9, SnapStream).
    private static func looksWhole<D: Disk>(_ name: SnapshotFileName, on disk: D) throws(StorageError) -> Bool {
        let file = try disk.open(name.text, .read)
        let size = try file.size()
        switch name.compression {
        case .none:
            guard size >= SnapshotFormat.shortestFile else { return false }
            let count = SnapshotFormat.ending.count
            return try file.read(at: size - count, count: count) == SnapshotFormat.ending
        case .gzip:
            return try file.read(at: 0, count: 2) == [0x1f, 0x8b]
        case .snappy:
            return try file.read(at: 0, count: XerialSnappy.magic.count) == XerialSnappy.magic
        }
    }
}
