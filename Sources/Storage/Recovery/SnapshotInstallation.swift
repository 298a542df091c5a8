// Puts a snapshot received from the leader in the place of this server's own history.

import Jute

/// The steps by which a received snapshot becomes the whole history, recoverable after each. A note in the directory,
/// made once the snapshot is durable, has a restarted server carry on.
///
/// The log goes as a whole: records above the snapshot were never committed, and those below need not be what the
/// leader's history holds, so that they must reach no other server either. Older snapshots stay until they are purged;
/// recovery refuses to fall back to one across the gap.
public struct SnapshotInstallation<D: Disk> {
    private static var notePrefix: String { "installing." }

    private let directory: DataDirectory<D>

    public init(_ directory: DataDirectory<D>) { self.directory = directory }

    /// - Parameter snapshot: what `SnapshotWriter.finishTemporary` returned. No log file may be open: drop the writer
    ///   before, and make a new one afterwards.
    public func install(_ snapshot: SnapshotFileName) throws(StorageError) {
        let note = Self.notePrefix + snapshot.text
        _ = try directory.snapshots.open(note, .create)
        try directory.snapshots.syncDirectory()
        try complete(snapshot)
    }

    /// Carries on with what a crash interrupted. Returns what it did, for the log.
    func resume() throws(StorageError) -> [String] {
        var report: [String] = []
        for note in try directory.snapshots.list() where note.hasPrefix(Self.notePrefix) {
            guard let snapshot = SnapshotFileName(parsing: String(note.dropFirst(Self.notePrefix.count))) else {
                continue
            }
            try complete(snapshot)
            report.append("completed the installation of \(snapshot.text)")
        }
        return report
    }

    private func complete(_ snapshot: SnapshotFileName) throws(StorageError) {
        let disk = directory.snapshots
        if try disk.size(of: snapshot.temporary) != nil {
            try LogCut(disk: directory.logs).removeRecords(after: snapshot.zxid)
            try disk.rename(snapshot.temporary, to: snapshot.text)
            try disk.syncDirectory()
        }
        // Only now, as a newer snapshot may have been the only one.
        for other in SnapshotFileName.newestFirst(try disk.list())
        where other.zxid >= snapshot.zxid && other != snapshot {
            try disk.remove(other.text)
        }
        try disk.syncDirectory()
        try LogCut(disk: directory.logs).removeAll()
        try disk.remove(Self.notePrefix + snapshot.text)
        try disk.syncDirectory()
    }
}
