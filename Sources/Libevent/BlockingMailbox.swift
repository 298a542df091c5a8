// The door into a thread without a loop, such as one that waits on a disk. Separate from `Mailbox` because it wakes
// by condition variable, not by descriptor.
import Glibc

/// A bounded queue with many posting threads and one thread that waits for messages.
///
/// `@unchecked Sendable`: everything mutable is guarded by `lock`.
@safe package final class BlockingMailbox<Message: Sendable>: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let arrival: UnsafeMutablePointer<pthread_cond_t>
    /// Signalled when messages are taken.
    private let departure: UnsafeMutablePointer<pthread_cond_t>
    private var messages: [Message] = []
    private var isClosed = false
    /// Messages it holds at most.
    package let capacity: Int

    package init(capacity: Int) {
        precondition(capacity > 0, "a mailbox must hold at least one message")
        self.capacity = capacity
        unsafe lock = .allocate(capacity: 1)
        unsafe arrival = .allocate(capacity: 1)
        unsafe departure = .allocate(capacity: 1)
        unsafe lock.initialize(to: pthread_mutex_t())
        unsafe arrival.initialize(to: pthread_cond_t())
        unsafe departure.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(lock, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(arrival, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
        unsafe pthread_cond_init(departure, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(arrival)
        unsafe pthread_cond_destroy(departure)
        unsafe pthread_mutex_destroy(lock)
        unsafe arrival.deallocate()
        unsafe departure.deallocate()
        unsafe lock.deallocate()
    }

    /// Any thread. False, and nothing queued, when the mailbox is full or closed.
    package func post(_ message: Message) -> Bool { postBatch([message]) }

    /// Any thread. All or nothing: false when the batch does not fit whole or the mailbox is closed.
    package func postBatch(_ batch: [Message]) -> Bool {
        var isFirst = false
        let isTaken = locked {
            guard !isClosed, batch.count <= capacity - messages.count else { return false }
            isFirst = messages.isEmpty && !batch.isEmpty
            messages.append(contentsOf: batch)
            return true
        }
        // Outside the lock: the thread should find it free when it wakes.
        if isFirst { unsafe pthread_cond_signal(arrival) }
        return isTaken
    }

    /// Any thread. Waits until there is room; false, and nothing queued, when the mailbox is closed.
    package func postWaiting(_ message: Message) -> Bool {
        var isFirst = false
        let isTaken = locked {
            while messages.count == capacity && !isClosed { unsafe pthread_cond_wait(departure, lock) }
            guard !isClosed else { return false }
            isFirst = messages.isEmpty
            messages.append(message)
            return true
        }
        if isFirst { unsafe pthread_cond_signal(arrival) }
        return isTaken
    }

    /// Waits until messages are there and takes them all, in order.
    /// - Parameter limitMs: longest wait in milliseconds; nil waits without limit.
    /// - Returns: an empty array when the time passed; nil when closed and everything has been taken.
    package func takeAll(waitingUpToMs limitMs: Int64? = nil) -> [Message]? {
        let deadlineNs = limitMs.map { MonotonicClock.nowNs + $0 * 1_000_000 }
        return locked {
            while messages.isEmpty && !isClosed {
                guard wait(untilNs: deadlineNs) else { return [] }
            }
            guard !messages.isEmpty else { return nil }
            var taken: [Message] = []
            swap(&taken, &messages)
            unsafe pthread_cond_broadcast(departure)
            return taken
        }
    }

    /// Refuses further posts and ends the waiting, once what is queued has been taken. Any thread; idempotent.
    package func close() {
        locked {
            isClosed = true
            unsafe pthread_cond_broadcast(arrival)
            unsafe pthread_cond_broadcast(departure)
        }
    }

    /// Messages waiting now; a figure for metrics, stale when read.
    package var count: Int { locked { messages.count } }

    /// False when the deadline has passed.
    private func wait(untilNs deadlineNs: Int64?) -> Bool {
        guard let deadlineNs else {
            unsafe pthread_cond_wait(arrival, lock)
            return true
        }
        var deadline = timespec(tv_sec: Int(deadlineNs / 1_000_000_000), tv_nsec: Int(deadlineNs % 1_000_000_000))
        return unsafe pthread_cond_timedwait(arrival, lock, &deadline) != ETIMEDOUT
    }

    private func locked<Result>(_ body: () -> Result) -> Result {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return body()
    }
}
