// The thread that waits for the disk: takes batches from the replica loop, makes them durable with one flush, reports.

import Jute
import Libevent
import Logging
public import Replica
import ReplicaStore
import Storage
import Tree
import Zab

/// What the replica loop tells the disk thread, worked off in order.
public enum DiskMessage: Sendable {
    case perform(DiskOperation, DiskTicket, isAwaited: Bool)
    /// Part of the leader's snapshot.
    case incoming(LeaderLink.SnapshotPiece)
    /// A snapshot of the own tree has been given to the snapshot thread whole: it may be named once everything handed
    /// over before this is durable, since it may show that already.
    case ownSnapshotEnded(SnapshotTrailerPiece)
}

/// What ends a snapshot file, from the loop that saw the tree.
public struct SnapshotTrailerPiece: Sendable {
    let digestZxid: Zxid
    let digest: Int64
}

/// Bounded hand-over to the disk. A full queue makes the replica loop wait: nothing else may be done about it, each
/// operation was decided and none may be lost.
final class DiskQueue: Sendable {
    private let mailbox: BlockingMailbox<DiskMessage>
    /// Of at most 64 KiB each.
    private static let maximumSnapshotPieces = 512

    init(capacity: Int) { mailbox = BlockingMailbox(capacity: capacity) }

    func post(_ batch: [DiskMessage]) {
        var rest = batch[...]
        while !rest.isEmpty {
            let piece = rest.prefix(mailbox.capacity / 2)
            // A snapshot comes in as fast as the network: its pieces have a bound of their own, in memory.
            while mailbox.count > Self.maximumSnapshotPieces, piece.contains(where: \.isSnapshotPiece) {
                Thread.pause(ms: 1)
            }
            while !mailbox.postBatch(Array(piece)) { Thread.pause(ms: 1) }
            rest = rest.dropFirst(piece.count)
        }
    }

    func takeAll(waitingUpToMs limitMs: Int64?) -> [DiskMessage]? { mailbox.takeAll(waitingUpToMs: limitMs) }
    func close() { mailbox.close() }
}

/// Owns the store on its thread. An error ends the process: the ensemble survives that, a guess it may not.
final class DiskThread {
    private let store: ReplicaStore<PosixDisk>
    private let queue: DiskQueue
    /// Of its own, and never full: the replica loop may be waiting for room in the disk's queue.
    private let replica: Mailbox<ReplicaMessage>
    private let snapshots: SnapshotThread
    private var trigger: SnapshotTrigger
    private let log: Logger
    private let slowSyncNs: Int64
    /// When the oldest append that is not durable and that nobody waits for was made; nil when there is none.
    private var unawaitedSinceMs: Int64?
    /// Longest that an append nobody waits for stays undurable once it is here, milliseconds.
    private static let unawaitedLimitMs: Int64 = 100

    init(
        store: ReplicaStore<PosixDisk>, queue: DiskQueue, replica: Mailbox<ReplicaMessage>, snapshots: SnapshotThread,
        trigger: SnapshotTrigger, slowSyncMs: Int64, log: Logger
    ) {
        self.store = store
        self.queue = queue
        self.replica = replica
        self.snapshots = snapshots
        self.trigger = trigger
        self.slowSyncNs = slowSyncMs * 1_000_000
        self.log = log
    }

    /// Returns when the queue is closed and everything in it is done.
    func run() {
        while let batch = queue.takeAll(waitingUpToMs: patienceMs) {
            do throws(StorageError) {
                try perform(batch)
            } catch {
                Fatal.exit(.storage, "disk: \(error)", log: log)
            }
        }
        do throws(StorageError) { try store.sync() } catch { Fatal.exit(.storage, "disk: \(error)", log: log) }
    }

    /// How long the next batch may be waited for.
    private var patienceMs: Int64? {
        unawaitedSinceMs.map { max(0, $0 + Self.unawaitedLimitMs - MonotonicClock.nowMs) }
    }

    /// One sync for the batch: at once if anybody waits for it, else when the oldest append has waited long enough.
    private func perform(_ batch: [DiskMessage]) throws(StorageError) {
        var last: DiskTicket?
        var isSnapshotDue = false
        for message in batch {
            switch message {
            case .perform(let operation, let ticket, let isAwaited):
                if operation.cutsTheLog { snapshots.settle() }
                switch try store.perform(operation) {
                case .done: break
                case .truncated(let tree): tell(.didTruncate(Handover(value: tree)))
                case .cannotTruncate(let zxid): tell(.cannotTruncate(to: zxid))
                }
                if case .append(let proposal) = operation, trigger.didAppend(proposal.payload.count) {
                    isSnapshotDue = true
                }
                if isAwaited {
                    last = ticket
                } else if unawaitedSinceMs == nil {
                    unawaitedSinceMs = MonotonicClock.nowMs
                }
            case .incoming(.begin(let zxid)): try store.beginIncomingSnapshot(zxid)
            case .incoming(.bytes(let bytes)): try store.appendIncomingSnapshot(bytes)
            case .incoming(.abandon): store.abandonIncomingSnapshot()
            case .ownSnapshotEnded(let trailer):
                try store.sync()
                snapshots.post(.end(trailer))
                tell(.ownSnapshotPassed)
            }
        }
        if last != nil || patienceMs == 0 { try sync() } else { try store.flush() }
        if let last { tell(.didPersist(last), isQuiet: true) }
        if isSnapshotDue {
            trigger.reset(random: UInt64.random(in: .min ... .max))
            try store.roll()
            tell(.snapshotDue)
        }
    }

    private func sync() throws(StorageError) {
        let began = MonotonicClock.nowNs
        try store.sync()
        unawaitedSinceMs = nil
        let took = MonotonicClock.nowNs - began
        if took > slowSyncNs { log.warning("fsync took \(took / 1_000_000) ms") }
    }

    private func tell(_ message: ReplicaMessage, isQuiet: Bool = false) {
        while !replica.post(message, isQuiet: isQuiet) { Thread.pause(ms: 1) }
    }
}

extension DiskMessage {
    fileprivate var isSnapshotPiece: Bool { if case .incoming(.bytes) = self { true } else { false } }
}
