// Snapshot choice and log replay: the part of recovery that start and truncation share.

import Jute

/// A state rebuilt from files, and how.
struct HistoryLoad<State: ReplicatedState> {
    var state: State
    /// Nil when no snapshot was there.
    var snapshot: Zxid?
    /// Snapshots newer than the one loaded that could not be.
    var unreadable: [Zxid] = []
    var lastLogged = Zxid.none
    var replayed = 0
    var report: [String] = []

    var hasDatabase: Bool { snapshot != nil || replayed > 0 }
}

extension Recovery {
    func loadHistory() throws(StorageError) -> HistoryLoad<State> {
        var load = try loadSnapshot()
        var reader = try TxnLogReader(disk: directory.logs, from: Zxid((load.snapshot ?? .zero).rawValue + 1))
        try replay(&reader, into: &load)
        if load.snapshot == nil {
            if load.replayed > 0, !options.trustsMissingSnapshot {
                throw .logWithoutSnapshot(lastLogged: load.lastLogged)
            }
            // An empty database in the place of one that was there is a loss, even if the log is empty too.
            let lost = load.unreadable.filter { $0 > .zero }
            if load.replayed == 0, !lost.isEmpty { throw .noValidSnapshot(tried: lost.count) }
        }
        try removeTears(reader, &load.report)
        return load
    }

    /// The newest snapshot that decodes with its seals right. Each attempt makes a state of its own, so nothing of a
    /// broken one is left in the next.
    private func loadSnapshot() throws(StorageError) -> HistoryLoad<State> {
        let catalog = try SnapshotCatalog(disk: directory.snapshots)
        var report = catalog.rejected.map { "snapshot \($0.text) is incomplete; passed over" }
        var unreadable = catalog.rejected.map(\.zxid)
        for name in catalog.toTry {
            do {
                let state = try restore(name)
                report.append("loaded \(name.text)")
                unreadable.removeAll { $0 <= name.zxid }
                return HistoryLoad(state: state, snapshot: name.zxid, unreadable: unreadable, report: report)
            } catch {
                guard error.concernsContent else { throw error }
                report.append("\(error); trying an older one")
                unreadable.append(name.zxid)
            }
        }
        if !catalog.candidates.isEmpty { throw .noValidSnapshot(tried: catalog.toTry.count) }
        return HistoryLoad(state: .empty(settings), unreadable: unreadable, report: report)
    }

    private func restore(_ name: SnapshotFileName) throws(StorageError) -> State {
        var source = try SnapshotSource(disk: directory.snapshots, name)
        var state = try State.restore(from: &source, zxid: name.zxid, settings, options.readAhead)
        state.didRestore(try source.finish())
        return state
    }

    /// Applies the records and makes sure that none is missing: neither between two, nor on the way to a snapshot that
    /// could not be read.
    private func replay(_ reader: inout TxnLogReader<D>, into load: inout HistoryLoad<State>) throws(StorageError) {
        let base = load.snapshot ?? .zero
        var last = base
        var unreached = load.unreadable.filter { $0 > base }
        var repeated = 0
        let reading = LogReading(reader)
        let runs = load.state.readAhead(options.readAhead).pieces(reading.next)
        while let run = try runs() {
            try run.forEachRecord { (zxid, payload) throws(StorageError) in
                if zxid <= last {
                    repeated += 1
                } else if !Self.follows(zxid, last) {
                    throw .missingRecords(after: last, found: zxid, file: run.file)
                }
                try load.state.replay(zxid, payload)
                last = max(last, zxid)
                load.replayed += 1
                if !unreached.isEmpty { unreached.removeAll { Self.leads(zxid, to: $0) } }
            }
        }
        reader = reading.reader
        // The tests for a log without its snapshot come later and say it better.
        if let lost = unreached.max(), load.snapshot != nil || options.trustsMissingSnapshot && load.replayed > 0 {
            throw .historyLost(through: lost, recovered: last)
        }
        load.lastLogged = reader.lastZxid
        if repeated > 0 { load.report.append("\(repeated) records were not above the one before them; applied") }
    }

    /// The next counter of the same epoch, or the beginning of a later epoch. What the end of an epoch was, only the
    /// servers together know.
    private static func follows(_ zxid: Zxid, _ last: Zxid) -> Bool {
        zxid.rawValue == last.rawValue + 1 || zxid.epoch > last.epoch && zxid.counter <= 1
    }

    /// Whether a log with this record goes past the place of the snapshot. Counter 0 is no transaction, so there any
    /// record before it has to do.
    private static func leads(_ zxid: Zxid, to snapshot: Zxid) -> Bool {
        zxid == snapshot || snapshot.counter == 0 && zxid < snapshot
    }

    private func removeTears(_ reader: TxnLogReader<D>, _ report: inout [String]) throws(StorageError) {
        for tear in reader.tears { report.append(try LogCut(disk: directory.logs).remove(tear)) }
        if let name = reader.emptyLastFile {
            try directory.logs.remove(name)
            try directory.logs.syncDirectory()
            report.append("\(name) was empty; removed")
        }
    }
}

/// A reader of the log in the hands of whoever reads ahead.
private final class LogReading<D: Disk> {
    private(set) var reader: TxnLogReader<D>

    init(_ reader: TxnLogReader<D>) { self.reader = reader }

    func next() throws(StorageError) -> LogRun? { try reader.nextRun() }
}
