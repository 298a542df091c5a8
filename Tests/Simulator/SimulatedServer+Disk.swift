// The disk of a simulated server: one queue worked off in batches, snapshots of the own tree beside it, as the server's
// disk and snapshot threads do it.

import Jute
import Replica
import ReplicaStore
import Tree
import Zab

typealias ArrivingSnapshot = (bytes: [UInt8], zxid: Zxid, history: [HistoryEntry])

/// What is under way at one server's disk; gone with a crash.
struct DiskState {
    enum Work {
        case perform(QueuedOperation)
        /// The end of a snapshot of the own tree: it waits for what was handed over before.
        case snapshotEnded
    }

    struct QueuedOperation {
        let operation: DiskOperation
        let ticket: DiskTicket
        /// Of an append: the history with it.
        let entry: HistoryEntry?
        /// What an installation installs.
        let snapshot: ArrivingSnapshot?
    }

    var queue: [Work] = []
    var isBusy = false
    /// Every batch takes long until then.
    var slowUntilMs: Int64 = 0
    /// The history that the snapshot without a name shows.
    var shown: [HistoryEntry] = []
}

extension SimulatedServer {
    func enqueue(_ operation: DiskOperation, _ ticket: DiskTicket) {
        let snapshot: ArrivingSnapshot? = if case .installSnapshot = operation { arrivingSnapshot! } else { nil }
        switch account.enqueue(operation, snapshot: snapshot?.history) {
        case .failure(let wrong): return cluster.fail("server \(id) \(wrong.text)")
        case .success(let entry):
            if let entry, case .append(let proposal) = operation { cluster.checkers.logged(entry, proposal.payload) }
            disk.queue.append(
                .perform(
                    DiskState.QueuedOperation(
                        operation: operation, ticket: ticket, entry: entry, snapshot: snapshot)))
        }
        if case .setCurrentEpoch = operation { cluster.epochIsDue(at: self) }
        startDisk()
    }

    /// Takes what is queued as one batch, as the disk thread does.
    private func startDisk() {
        if disk.isBusy || disk.queue.isEmpty { return }
        disk.isBusy = true
        let batch = disk.queue
        disk.queue = []
        later(cluster.diskDelay(isSlow: cluster.schedule.nowMs < disk.slowUntilMs)) { [self] in finish(batch) }
    }

    private func finish(_ batch: [DiskState.Work]) {
        var operations: [DiskState.QueuedOperation] = []
        var lastTicket: DiskTicket?
        whileDiskWorks {
            for work in batch {
                switch work {
                case .perform(let queued):
                    lastTicket = queued.ticket
                    if let snapshot = queued.snapshot {
                        try store.receive(snapshot: snapshot.bytes, zxid: snapshot.zxid)
                    }
                    store.settle(before: queued.operation)
                    switch try store.perform(queued.operation) {
                    case .done: operations.append(queued)
                    case .truncated(let tree):
                        operations.append(queued)
                        feed(.didTruncate(tree))
                    case .cannotTruncate(let zxid):
                        account.refuseCut()
                        feed(.cannotTruncate(to: zxid))
                    }
                case .snapshotEnded:
                    try store.sync()
                    nameSnapshot()
                }
            }
            try store.sync()
            for queued in operations {
                if case .truncate(let zxid) = queued.operation, let wrong = account.problem(ofCutAfter: zxid) {
                    return cluster.fail("server \(id) \(wrong.text)")
                }
                account.complete(queued.operation, entry: queued.entry, snapshot: queued.snapshot?.history)
            }
            // Only in service: elsewhere the tree may hold what will be cut off.
            if service != nil, let tree, try store.beginSnapshotIfDue(of: tree) { takeSnapshotSlice() }
            disk.isBusy = false
            if let lastTicket { feed(.didPersist(through: lastTicket)) }
            startDisk()
        }
    }

    /// One slice after the other, beside the disk's queue; the end goes through the queue.
    private func takeSnapshotSlice() {
        later(cluster.snapshotDelay()) { [self] in
            whileDiskWorks {
                switch try store.takeSnapshotSlice() {
                case .goesOn: takeSnapshotSlice()
                case .ended:
                    disk.shown = history
                    disk.queue.append(.snapshotEnded)
                    startDisk()
                case .abandoned: break
                }
            }
        }
    }

    private func nameSnapshot() {
        later(cluster.snapshotDelay()) { [self] in
            if let wrong = account.problem(ofSnapshotShowing: disk.shown) {
                return cluster.fail("server \(id) \(wrong.text)")
            }
            whileDiskWorks {
                if let name = try store.nameSnapshot() { account.named(name, shown: disk.shown) }
            }
        }
    }

    /// A disk that dies takes its server with it.
    private func whileDiskWorks(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            if store.isDown { return cluster.crash(self) }
            cluster.fail("server \(id): disk: \(error)")
        }
    }
}
