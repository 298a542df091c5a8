// Where a server keeps its files, in the layout that Apache's tools expect.

public import Jute

/// `<dataDir>` with `myid` and `initialize`; its `version-2` with snapshots and epochs; the log's `version-2`, which
/// may be the same directory.
public struct DataDirectory<D: Disk>: Sendable {
    static var initializeName: String { "initialize" }
    static var serverIDName: String { "myid" }

    public let root: D
    public let snapshots: D
    public let logs: D

    public init(root: D, snapshots: D, logs: D) {
        self.root = root
        self.snapshots = snapshots
        self.logs = logs
    }

    public var isShared: Bool { snapshots.path == logs.path }

    /// With two directories, a file in the wrong one means that the configuration changed and history would be missed.
    public func checkPlacement() throws(StorageError) {
        if isShared { return }
        if let file = try snapshots.list().first(where: { LogFileName(parsing: $0) != nil }) {
            throw .misplacedFile(directory: snapshots.path, file: file)
        }
        if let file = try logs.list().first(where: { SnapshotFileName(parsing: $0) != nil }) {
            throw .misplacedFile(directory: logs.path, file: file)
        }
    }

    /// The first line of `myid`; nil when there is no such file.
    public func serverID() throws(StorageError) -> ServerID? {
        guard let bytes = try root.contents(of: Self.serverIDName) else { return nil }
        let line = String(
            decoding: bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }, as: UTF8.self)
        let text = line.split(separator: " ").joined(separator: " ")
        guard let value = Int64(text) else { throw .invalidServerID(String(line.prefix(32))) }
        return ServerID(value)
    }
}
