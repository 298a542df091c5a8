// One worker's share of the published tree: its lock and its inbox. Separate because the place of the lock in memory
// matters.
import Glibc
import Libevent
import Synchronization
public import Tree

/// The lock under which one worker reads the tree, alone on its cache lines, and the events it has not seen yet.
///
/// `@unchecked Sendable`: the mutex guards every stored variable; `wakeUp` is a mailbox, `readerWaiting` atomic.
@safe public final class WorkerLane: @unchecked Sendable {
    /// Two cache lines: neighbours are fetched in pairs.
    private static let lineBytes = 128
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    /// Batches in the order of the history.
    private var inbox: [[WorkerEvent]] = []
    private var isWoken = false
    private var isClosed = false
    /// Whether the worker has connections, and so wants to hear what clients are told.
    private(set) var isAttentive = false
    private let readerWaiting = Atomic<Bool>(false)
    /// The worker's waits for its own lock.
    private(set) var readerWaits = LockFigures.Waits()
    /// Read only between `lock` and `unlock`.
    public fileprivate(set) var view: ReadView
    let wakeUp = Mailbox<Nudge>(capacity: 1)

    /// There is something in the inbox.
    struct Nudge: Sendable {}

    init(tree: DataTree) {
        precondition(unsafe MemoryLayout<pthread_mutex_t>.size <= Self.lineBytes)
        let line = UnsafeMutableRawPointer.allocate(byteCount: Self.lineBytes, alignment: Self.lineBytes)
        unsafe mutex = line.bindMemory(to: pthread_mutex_t.self, capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
        view = ReadView(tree)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    /// Returns how long that took, nanoseconds; 0 when the lock was free.
    @discardableResult
    public func lock() -> Int64 {
        if unsafe pthread_mutex_trylock(mutex) == 0 { return 0 }
        let beganNs = MonotonicClock.nowNs
        unsafe pthread_mutex_lock(mutex)
        return MonotonicClock.nowNs - beganNs
    }

    /// For the worker whose lane this is.
    func lockForReading() {
        if unsafe pthread_mutex_trylock(mutex) == 0 { return }
        readerWaiting.store(true, ordering: .relaxed)
        readerWaits.note(lock())
        readerWaiting.store(false, ordering: .relaxed)
    }

    /// Whether the worker waits for its lock now. Any thread.
    var isReaderWaiting: Bool { readerWaiting.load(ordering: .relaxed) }

    public func unlock() { unsafe pthread_mutex_unlock(mutex) }

    // MARK: Under the lock

    /// What happened since the last call. While it is empty, a read shows nothing whose events are not queued (I8).
    func takeInbox() -> [[WorkerEvent]] {
        isWoken = false
        guard !inbox.isEmpty else { return [] }
        defer { inbox.removeAll(keepingCapacity: inbox.count <= 64) }
        return inbox
    }

    /// Said by the worker before it forwards anything for a connection: an answer finds it attentive.
    func setAttentive(_ isAttentive: Bool) { self.isAttentive = isAttentive }

    var waiting: Int { inbox.count }

    /// True when the worker is to be woken.
    func append(_ batch: [WorkerEvent]) -> Bool {
        guard !isClosed else { return false }
        inbox.append(batch)
        defer { isWoken = true }
        return !isWoken
    }

    func replace(tree: DataTree) { view = ReadView(tree) }

    /// The worker is gone; nobody will empty the inbox.
    func close() {
        isClosed = true
        inbox.removeAll()
    }
}
