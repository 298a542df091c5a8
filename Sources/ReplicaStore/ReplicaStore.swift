// What a replica asks of the disk, done with logs, snapshots and epoch files. The disk thread and the simulator both run
// this, one over a real disk and one over a disk that fails.

public import Jute
public import Replica
public import Storage
public import Tree
import Zab

/// One server's durable state. Synchronous; belongs to the thread that calls it.
///
/// An error means that the disk cannot be trusted any more: the caller ends the process.
public final class ReplicaStore<D: Disk> {
    public let directory: DataDirectory<D>
    private let making: TreeMaking
    private let options: RecoveryOptions
    private let compression: SnapshotCompression
    private var writer: TxnLogWriter<D>?
    private var epochs: EpochFiles<D>?
    /// The leader's snapshot on its way in.
    private var incoming: SnapshotWriter<D>?

    public init(
        directory: DataDirectory<D>, making: TreeMaking, options: RecoveryOptions = RecoveryOptions(),
        compression: SnapshotCompression = .none
    ) {
        self.directory = directory
        self.making = making
        self.options = options
        self.compression = compression
    }

    /// What recovery found, with what an operator should read about it.
    public struct Start {
        public let state: RecoveredState
        public let report: [String]
        public let snapshotZxid: Zxid?
        public let replayedCount: Int
    }

    /// Reads everything back. To be called first, once.
    public func recover() throws(StorageError) -> Start {
        let recovered = try Recovery<D, StoredTree>(directory, settings: making, options: options).start()
        writer = recovered.writer
        epochs = recovered.epochs
        recovered.state.tree.preferLargePages()
        let state = RecoveredState(
            tree: recovered.state.tree, acceptedEpoch: recovered.epochs.accepted,
            currentEpoch: recovered.epochs.current, recent: recovered.state.recentProposals,
            isInitialised: recovered.isInitialised)
        var report = recovered.report
        let unresolved = recovered.state.tree.unresolvedACLCount
        // A leader's snapshot may show znodes of transactions that had not arrived when this server stopped.
        if unresolved > 0 { report.append("\(unresolved) access control lists are not known yet: nobody may use them") }
        return Start(
            state: state, report: report, snapshotZxid: recovered.snapshotZxid,
            replayedCount: recovered.replayedCount)
    }

    // MARK: The replica's operations

    /// Performs one operation. Appends become durable with the next `sync`, everything else before this returns.
    @specialized(where D == PosixDisk)
    public func perform(_ operation: DiskOperation) throws(StorageError) -> DiskOutcome {
        switch operation {
        case .append(let proposal): try writer!.append(proposal.zxid, proposal.payload)
        case .setAcceptedEpoch(let epoch):
            try writer!.sync()
            try epochs!.setAccepted(epoch)
        case .setCurrentEpoch(let epoch):
            // The history first, then the epoch that claims it (I2).
            try writer!.sync()
            try epochs!.setCurrent(epoch)
        case .truncate(let zxid): return try truncate(to: zxid)
        case .installSnapshot(let zxid): try installSnapshot(zxid)
        }
        return .done
    }

    /// Everything appended survives the end of the process when this returns.
    public func flush() throws(StorageError) { try writer!.flush() }

    /// Everything appended is durable when this returns.
    public func sync() throws(StorageError) { try writer!.sync() }

    /// The next append begins a new log file.
    public func roll() throws(StorageError) { try writer!.roll() }

    private func truncate(to zxid: Zxid) throws(StorageError) -> DiskOutcome {
        try writer!.sync()
        writer = nil
        let recovery = Recovery<D, StoredTree>(directory, settings: making, options: options)
        guard try recovery.reaches(zxid) else {
            writer = TxnLogWriter(disk: directory.logs, options: options.log)
            return .cannotTruncate(to: zxid)
        }
        let recovered = try recovery.truncate(to: zxid)
        writer = recovered.writer
        epochs = recovered.epochs
        recovered.state.tree.preferLargePages()
        return .truncated(recovered.state.tree)
    }

    // MARK: The leader's snapshot

    public func beginIncomingSnapshot(_ zxid: Zxid) throws(StorageError) {
        incoming = try SnapshotWriter(disk: directory.snapshots, zxid: zxid, compression: compression)
    }

    public func appendIncomingSnapshot(_ bytes: [UInt8]) throws(StorageError) { try incoming!.write(bytes) }

    public func abandonIncomingSnapshot() { incoming = nil }

    private func installSnapshot(_ zxid: Zxid) throws(StorageError) {
        guard let incoming, incoming.name.zxid == zxid else {
            preconditionFailure("no snapshot of \(zxid) has arrived")
        }
        self.incoming = nil
        try writer!.sync()
        writer = nil
        let name = try incoming.finishTemporary()
        try SnapshotInstallation(directory).install(name)
        writer = TxnLogWriter(disk: directory.logs, options: options.log)
    }

    // MARK: Own snapshots

    /// A snapshot of this server's own tree, written piece by piece. May be used on another thread than the store.
    public func newSnapshot(_ zxid: Zxid) throws(StorageError) -> SnapshotWriter<D> {
        try SnapshotWriter(disk: directory.snapshots, zxid: zxid, compression: compression)
    }
}

/// What a disk operation came to.
public enum DiskOutcome {
    case done
    /// The tree that a truncation left.
    case truncated(DataTree)
    /// The files do not reach the zxid to cut after: a snapshot has taken its place. Nothing has changed.
    case cannotTruncate(to: Zxid)
}
