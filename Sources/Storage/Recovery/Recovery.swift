// From what a directory holds to the state a server starts with, or to the reason why it must not start.

public import Jute

/// What an operator may allow at start.
public struct RecoveryOptions: Sendable {
    /// `zookeeper.db.autocreate`: an empty directory may become an empty database without an `initialize` file.
    public var createsDatabase = true
    /// `zookeeper.snapshot.trust.empty`: a log without any snapshot begins with an empty database.
    public var trustsMissingSnapshot = false
    public var log = TxnLogOptions()
    /// How snapshots and log are read.
    public var readAhead: any ReadAhead = NoReadAhead()

    public init() {}
}

/// What a server starts with.
public struct Recovered<D: Disk, State: ReplicatedState> {
    public var state: State
    public var epochs: EpochFiles<D>
    /// Of the newest record in the files read; `.none` when there was none.
    public let lastLoggedZxid: Zxid
    /// What the state was loaded from; nil when it began empty.
    public let snapshotZxid: Zxid?
    public let replayedCount: Int
    /// False when there is no database and none may be made: the server takes no part in electing and waits for SNAP.
    public let isInitialised: Bool
    /// What an operator should read, one line each.
    public let report: [String]
    public var writer: TxnLogWriter<D>
}

/// Recovery of one server's directories, which nobody else may be using.
public struct Recovery<D: Disk, State: ReplicatedState> {
    let directory: DataDirectory<D>
    let settings: State.Settings
    let options: RecoveryOptions

    public init(_ directory: DataDirectory<D>, settings: State.Settings, options: RecoveryOptions = RecoveryOptions()) {
        self.directory = directory
        self.settings = settings
        self.options = options
    }

    /// Loads the newest snapshot that is whole, replays the log behind it, removes what the last crash tore, and reads
    /// the epochs. Refuses wherever going on could lose what this server acknowledged.
    public func start() throws(StorageError) -> Recovered<D, State> {
        try directory.checkPlacement()
        let resumed = try SnapshotInstallation(directory).resume()
        try removeLeftovers()
        var load = try loadHistory()
        try syncLog()
        load.report.insert(contentsOf: resumed, at: 0)
        let isInitialised = load.hasDatabase ? true : try makeDatabase(&load)
        try removeInitializeMarker()
        return try assemble(load, isInitialised: isInitialised)
    }

    /// What was replayed may stand in the system's memory only, left there by a process that died before its sync. From
    /// here on this server says that it holds it (I1, I2), and new files must not outlive older ones.
    private func syncLog() throws(StorageError) {
        guard options.log.forceSync else { return }
        for name in LogFileName.sorted(try directory.logs.list()) { try directory.logs.open(name.text, .update).sync() }
        try directory.logs.syncDirectory()
    }

    func assemble(_ load: HistoryLoad<State>, isInitialised: Bool) throws(StorageError) -> Recovered<D, State> {
        let last = isInitialised ? load.state.lastZxid : .none
        let epochs = try EpochFiles.load(from: directory.snapshots, lastZxid: last)
        return Recovered(
            state: load.state, epochs: epochs, lastLoggedZxid: load.lastLogged, snapshotZxid: load.snapshot,
            replayedCount: load.replayed, isInitialised: isInitialised,
            report: load.report + epochs.report,
            writer: TxnLogWriter(disk: directory.logs, options: options.log))
    }

    /// Unfinished files of a server that died. `currentEpoch.tmp` is not among them: it is evidence.
    private func removeLeftovers() throws(StorageError) {
        for name in try directory.snapshots.list() where name.hasSuffix(".tmp") {
            if SnapshotFileName(parsing: String(name.dropLast(4))) != nil { try directory.snapshots.remove(name) }
        }
        let unborn = TxnLogWriter<D>.unborn
        if try directory.logs.size(of: unborn) != nil { try directory.logs.remove(unborn) }
    }

    /// An empty database, if one may be made; false otherwise.
    private func makeDatabase(_ load: inout HistoryLoad<State>) throws(StorageError) -> Bool {
        let marked = try directory.root.size(of: DataDirectory<D>.initializeName) != nil
        guard marked || options.createsDatabase else {
            load.report.append("no database and no permission to make one; waiting for a snapshot from a leader")
            return false
        }
        var writer = try SnapshotWriter(disk: directory.snapshots, zxid: .zero)
        try load.state.serialize { bytes throws(StorageError) in try writer.write(bytes) }
        _ = try writer.finish()
        load.snapshot = .zero
        load.report.append("made an empty database")
        return true
    }

    private func removeInitializeMarker() throws(StorageError) {
        let name = DataDirectory<D>.initializeName
        guard try directory.root.size(of: name) != nil else { return }
        try directory.root.remove(name)
        try directory.root.syncDirectory()
    }
}
