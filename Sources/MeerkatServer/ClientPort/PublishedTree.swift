// The tree as client workers see it: one writer, K readers, and the list of changes that goes with every step.
import Glibc
import Libevent
import Jute
import Replica
public import Tree

/// Owns the tree while clients are served from it. The replica loop is the only writer; each worker reads under a lock
/// of its own, which the writer takes for a bounded batch of steps.
///
/// `@unchecked Sendable`: `tree` changes only while every lane's lock is held; a worker reads it under its own.
public final class PublishedTree: @unchecked Sendable {
    public let lanes: [WorkerLane]
    /// For the writer's thread: the writer alone may look without a lock.
    public private(set) var tree: DataTree
    private let memory: MemoryThread
    private let batchSteps: Int
    private let inboxBound: Int
    /// Longest the locks are held before readers get their turn, nanoseconds.
    private static let holdLimitNs: Int64 = 500_000
    /// Longest that the locks are left to workers that wait for them, nanoseconds.
    private static let courtesyNs: Int64 = 1_000_000
    /// Changes of the tree between two looks at the clock.
    static let changesPerLook = 16
    /// Of the transaction that is being applied.
    private var changes = ChangeList()
    /// The writer's side of `LockFigures`; the readers' side is in the lanes.
    private var figures = LockFigures()

    /// - Parameters:
    ///   - workers: readers, each with a lane of its own.
    ///   - batchSteps: most steps under one taking of the locks.
    ///   - inboxBound: batches a worker may be behind; the writer waits for a worker that is further behind.
    public init(tree: DataTree, workers: Int, batchSteps: Int = 1024, inboxBound: Int = 4096) {
        precondition(workers > 0 && batchSteps > 0 && inboxBound > 0)
        self.tree = tree
        memory = MemoryThread(for: tree)
        self.batchSteps = batchSteps
        self.inboxBound = inboxBound
        lanes = (0..<workers).map { _ in WorkerLane(tree: tree) }
    }

    /// Performs `steps` in order, on the writer's thread, and tells every worker, each woken at most once per batch.
    public func perform(_ steps: [Step]) -> Report {
        var report = Report()
        var next = 0
        while next < steps.count {
            next = performBatch(steps, from: next, report: &report)
            memory.treeGrew()
            if next < steps.count { letReadersIn() }
        }
        return report
    }

    /// Between two batches: a mutex goes to whoever comes first, and a thread that has to be woken comes last. Bounded,
    /// so that workers who get no processor do not hold up the history.
    private func letReadersIn() {
        guard lanes.contains(where: \.isReaderWaiting) else { return }
        let deadlineNs = MonotonicClock.nowNs + Self.courtesyNs
        while lanes.contains(where: \.isReaderWaiting), MonotonicClock.nowNs < deadlineNs { sched_yield() }
    }

    private func performBatch(_ steps: [Step], from first: Int, report: inout Report) -> Int {
        var index = first
        lockAll()
        let beganNs = MonotonicClock.nowNs
        let deadlineNs = beganNs + Self.holdLimitNs
        let end = min(steps.count, first + batchSteps)
        var events = EventBatch(isHeard: lanes.contains { $0.isAttentive }, steps: end - first)
        var changes = 0
        repeat {
            perform(steps[index], events: &events, report: &report)
            changes += steps[index].changes
            index += 1
            guard changes >= Self.changesPerLook else { continue }
            changes = 0
            if MonotonicClock.nowNs >= deadlineNs { break }
        } while index < end
        var woken: [WorkerLane] = []
        if !events.list.isEmpty {
            for lane in lanes where events.isForAll || lane.isAttentive {
                if lane.append(events.list) { woken.append(lane) }
            }
        }
        for lane in lanes { lane.unlock() }
        figures.writerHeld(forNs: MonotonicClock.nowNs - beganNs)
        // Outside the locks: a worker should find its own free when it wakes. Full means that it is being woken.
        for lane in woken { _ = lane.wakeUp.post(WorkerLane.Nudge()) }
        return index
    }

    /// Always in the same order; nobody else ever holds two.
    private func lockAll() {
        for lane in lanes {
            figures.writerWaited(ns: lane.lock())
            while lane.waiting >= inboxBound {
                // A worker that skipped a batch would miss watches and serve what is not announced: wait for it.
                lane.unlock()
                usleep(100)
                figures.writerWaited(ns: 100_000 + lane.lock())
            }
        }
    }

    private func perform(_ step: Step, events: inout EventBatch, report: inout Report) {
        switch step {
        case .apply(let record, let origin): apply(record, origin, events: &events, report: &report)
        case .adopt(let adopted):
            tree = adopted
            memory.adopt(adopted)
            for lane in lanes { lane.replace(tree: adopted) }
        case .answer(let client, let answer):
            if events.isHeard { events.list.append(.answer(client, answer, tree.lastProcessedZxid)) }
        case .endSession(let session): if events.isHeard { events.list.append(.sessionClosed(session)) }
        case .startServing(let service): events.appendForAll(.startedServing(service))
        case .stopServing(let reason): events.appendForAll(.stoppedServing(reason: reason))
        }
    }

    private func apply(
        _ record: TxnRecord, _ origin: Origin?, events: inout EventBatch, report: inout Report
    ) {
        changes.isWanted = events.isHeard
        let applied = tree.apply(record, listing: &changes)
        if applied.digestMismatch { report.digestMismatches.append(applied.zxid) }
        guard events.isHeard else { return }
        append(changes.list, to: &events.list)
        changes.removeAll()
        if let origin { events.list.append(answer(to: origin, record, applied)) }
        // Behind the answer: the client that closes its session is told before its connection ends.
        if let session = applied.closedSession { events.list.append(.sessionClosed(session)) }
    }

    /// A znode's coming or going and its parent's change are told as one: watchers are looked up once for both.
    private func append(_ changes: [TreeChange], to events: inout [WorkerEvent]) {
        var index = 0
        while index < changes.count {
            let change = changes[index]
            index += 1
            guard change.kind == .created || change.kind == .deleted else {
                precondition(change.kind == .dataChanged, "a parent's change without a child's at \(change.zxid)")
                events.append(.changed(change, parentACL: nil))
                continue
            }
            precondition(
                index < changes.count && changes[index].kind == .childrenChanged, "no parent of \(change.path)")
            events.append(.changed(change, parentACL: changes[index].acl))
            index += 1
        }
    }

    /// What happened under one taking of the locks.
    private struct EventBatch {
        var list: [WorkerEvent] = []
        /// False while no worker has connections: then nobody needs to be told what clients are told.
        let isHeard: Bool
        /// Something stands in it that workers without connections must know as well.
        private(set) var isForAll = false
        private static let roomAtFirst = 64

        init(isHeard: Bool, steps: Int) {
            self.isHeard = isHeard
            // A change and an answer each.
            if isHeard { list.reserveCapacity(min(2 * steps, Self.roomAtFirst)) }
        }

        mutating func appendForAll(_ event: WorkerEvent) {
            list.append(event)
            isForAll = true
        }
    }

    /// On the writer's thread: how long who has waited for whom.
    func lockFigures() -> LockFigures {
        var total = figures
        for lane in lanes {
            lane.lock()
            total.add(readers: lane.readerWaits)
            lane.unlock()
        }
        return total
    }

    private func answer(to origin: Origin, _ record: TxnRecord, _ applied: AppliedTxn) -> WorkerEvent {
        if case .createSession(let txn) = record.body {
            return .sessionOpened(origin.client, record.header.clientId, timeoutMs: txn.timeOut)
        }
        return .outcome(origin.client, origin.xid, origin.opCode, applied.zxid, applied.result)
    }
}
