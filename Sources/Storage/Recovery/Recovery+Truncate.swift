// TRUNC: giving up transactions that the leader does not know.

public import Jute

extension Recovery {
    /// Makes history end at `zxid`, then loads it again. Snapshots newer than `zxid` hold the transactions to give up
    /// (a server that elected itself writes its uncommitted tail into one), so they go first; upstream relies on their
    /// absence. The log writer must have been dropped.
    ///
    /// - Throws: `cannotTruncate` when the files do not reach `zxid`; nothing has been changed then.
    public func truncate(to zxid: Zxid) throws(StorageError) -> Recovered<D, State> {
        guard try reaches(zxid) else { throw .cannotTruncate(to: zxid, reason: "it is in no log file") }
        let catalog = try SnapshotCatalog(disk: directory.snapshots)
        for name in catalog.candidates + catalog.rejected where name.zxid > zxid {
            try directory.snapshots.remove(name.text)
        }
        try directory.snapshots.syncDirectory()
        try LogCut(disk: directory.logs).removeRecords(after: zxid)
        let load = try loadHistory()
        guard Self.ends(load.state.lastZxid, at: zxid) else {
            throw .cannotTruncate(to: zxid, reason: "what is left ends at \(load.state.lastZxid)")
        }
        return try assemble(load, isInitialised: true)
    }

    /// Whether the files hold a history that can be made to end at `zxid`: not when a later snapshot came from another
    /// server and the log before it is of another history, or gone.
    public func reaches(_ zxid: Zxid) throws(StorageError) -> Bool {
        let catalog = try SnapshotCatalog(disk: directory.snapshots)
        guard let newest = catalog.candidates.first(where: { $0.zxid <= zxid }) else { return false }
        return newest.zxid == zxid ? true : try isLogged(zxid)
    }

    /// Whether the log holds `zxid`, or, where that is the beginning of an epoch and so no transaction, its first one.
    private func isLogged(_ zxid: Zxid) throws(StorageError) -> Bool {
        var reader = try TxnLogReader(disk: directory.logs, from: zxid)
        guard let found = try reader.next() else { return false }
        return found.zxid == zxid || zxid.counter == 0 && found.zxid.rawValue == zxid.rawValue + 1
    }

    private static func ends(_ last: Zxid, at zxid: Zxid) -> Bool {
        last == zxid || zxid.counter == 0 && last < zxid
    }
}
