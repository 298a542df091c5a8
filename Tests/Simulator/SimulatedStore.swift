// A server's durable state in a simulation: the production store over a disk that forgets.

import Jute
import Replica
import ReplicaStore
import Storage
import Tree
import Zab

public final class SimulatedStore {
    private let drive: MemoryDrive
    private var store: ReplicaStore<MemoryDisk>?
    private var random: SeededRandom
    private var appendsSinceSnapshot = 0
    private let snapshotEvery: Int
    /// A snapshot of the own tree in the making.
    private var own: (cursor: SnapshotCursor, tree: DataTree, writer: SnapshotWriter<MemoryDisk>)?
    /// A snapshot that is whole and has no name yet.
    private var ended: (writer: SnapshotWriter<MemoryDisk>, trailer: SnapshotTrailer)?

    init(random: SeededRandom) {
        var random = random
        drive = MemoryDrive(seed: random.next())
        snapshotEvery = Int.random(in: 20...400, using: &random)
        self.random = random
    }

    private static let making = TreeMaking(seed: 7, windowCount: 50)

    static func load(snapshot: [UInt8], zxid: Zxid) throws -> DataTree {
        var loader = making.loader()
        _ = try loader.consume(snapshot)
        let tree = try loader.finish()
        tree.resetLastProcessedZxid(zxid)
        return tree
    }

    // MARK: Life and death

    func recover() throws -> RecoveredState {
        drive.restart(.prefix)
        own = nil
        ended = nil
        appendsSinceSnapshot = 0
        let disk = drive.disk("data")
        var options = RecoveryOptions()
        options.log.preallocation = random.oneIn(2) ? .off : LogPreallocation(bytes: 4096)
        let store = ReplicaStore(
            directory: DataDirectory(root: drive.disk("root"), snapshots: disk, logs: drive.disk("logs")),
            making: Self.making, options: options)
        self.store = store
        return try store.recover().state
    }

    /// The power fails now.
    func crash() {
        drive.crash()
        store = nil
        own = nil
        ended = nil
    }

    /// The power will fail in the midst of one of the next operations on the disk.
    func crashSoon() { drive.crash(afterOperations: Int.random(in: 0...12, using: &random)) }

    func cancelCrash() { drive.cancelCrash() }

    var isDown: Bool { drive.isDown }

    // MARK: Operations

    func perform(_ operation: DiskOperation) throws -> DiskOutcome {
        if case .append = operation { appendsSinceSnapshot += 1 }
        return try store!.perform(operation)
    }

    func receive(snapshot bytes: [UInt8], zxid: Zxid) throws {
        try store!.beginIncomingSnapshot(zxid)
        try store!.appendIncomingSnapshot(bytes)
    }

    func sync() throws { try store!.sync() }

    // MARK: Own snapshots

    /// Begins a snapshot when enough was logged since the last and none is being taken. True when it did.
    func beginSnapshotIfDue(of tree: DataTree) throws -> Bool {
        guard own == nil, ended == nil, appendsSinceSnapshot >= snapshotEvery else { return false }
        appendsSinceSnapshot = 0
        try store!.roll()
        let cursor = tree.beginSnapshot()
        own = (cursor, tree, try store!.newSnapshot(cursor.zxid))
        return true
    }

    /// What became of a snapshot by its next slice.
    enum SnapshotStep {
        case goesOn
        /// It is whole, and may be named once the log holds everything it may show.
        case ended
        case abandoned
    }

    /// Transactions go on being applied between the slices.
    func takeSnapshotSlice() throws -> SnapshotStep {
        guard let (cursor, tree, _) = own else { return .abandoned }
        var slice = JuteEncoder()
        let hasMore = cursor.next(into: &slice, upTo: 300)
        try own!.writer.write(slice.bytes)
        if hasMore { return .goesOn }
        let zxid = tree.lastProcessedZxid
        let digest = SnapshotDigest(zxid: zxid, digest: tree.treeDigest)
        ended = (own!.writer, SnapshotTrailer(digest: digest, lastProcessed: zxid))
        own = nil
        return .ended
    }

    /// To be called when everything is durable that was handed to the disk before the snapshot ended. Returns its
    /// name's zxid.
    func nameSnapshot() throws -> Zxid? {
        guard let (writer, trailer) = ended.take() else { return nil }
        let name = try writer.finish(trailer)
        _ = try Retention(snapshotCount: 3).purge(store!.directory)
        return name.zxid
    }

    func abandonSnapshot() { own = nil }

    /// A snapshot that might show what the operation removes must not be named after it.
    func settle(before operation: DiskOperation) {
        switch operation {
        case .truncate, .installSnapshot:
            own = nil
            ended = nil
        case .append, .setAcceptedEpoch, .setCurrentEpoch: break
        }
    }
}
