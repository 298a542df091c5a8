// Takes the end of the log away so that, whenever a crash comes, what is left is a beginning of what was there.

import Jute

/// Removes records from the end of a log.
struct LogCut<D: Disk> {
    let disk: D

    /// Removes every record above `zxid`. Later files go first and one by one: were two removals to become durable in
    /// the other order, a hole would remain.
    func removeRecords(after zxid: Zxid) throws(StorageError) {
        for name in LogFileName.sorted(try disk.list()).reversed() {
            if name.zxid > zxid {
                try remove(name)
            } else {
                return try cut(name, after: zxid)
            }
        }
    }

    func removeAll() throws(StorageError) {
        for name in LogFileName.sorted(try disk.list()).reversed() { try remove(name) }
    }

    /// Removes what a crash left behind, and says so.
    func remove(_ tear: LogTear) throws(StorageError) -> String {
        let file = try disk.open(tear.file, .update)
        try file.truncate(to: tear.offset)
        try file.sync()
        return "\(tear); cut there"
    }

    private func cut(_ name: LogFileName, after zxid: Zxid) throws(StorageError) {
        var reader = TxnLogReader(disk: disk, files: [name])
        while let txn = try reader.next() {
            if txn.zxid <= zxid { continue }
            let file = try disk.open(name.text, .update)
            try file.truncate(to: txn.offset)
            return try file.sync()
        }
    }

    private func remove(_ name: LogFileName) throws(StorageError) {
        try disk.remove(name.text)
        try disk.syncDirectory()
    }
}
