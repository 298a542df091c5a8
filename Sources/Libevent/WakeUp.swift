// How a thread is woken. Separate from the mailboxes because these two are not generic: what a mailbox does with its
// messages is compiled where their type is known, and this stays here.
import CKernel
import Glibc

/// Wakes an event loop: a descriptor that is readable from `signal()` on until `clear()`. Any thread.
public final class WakeUp: Sendable {
    let descriptor: Int32

    /// Made at start-up: it needs a descriptor, and without one the process cannot work.
    @usableFromInline init() {
        descriptor = ckernel_eventfd()
        precondition(descriptor >= 0, "no eventfd for a mailbox: \(SocketError.text(errno: errno))")
    }

    deinit { Socket.close(descriptor) }

    @usableFromInline func signal() { ckernel_eventfd_signal(descriptor) }
    @usableFromInline func clear() { ckernel_eventfd_clear(descriptor) }
}

/// A lock, and the condition that a thread without a loop waits for while it holds it.
///
/// `@unchecked Sendable`: both are made to be shared.
@safe public final class WaitingRoom: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let arrival: UnsafeMutablePointer<pthread_cond_t>

    @usableFromInline init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe arrival = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe arrival.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(arrival, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(arrival)
        unsafe pthread_mutex_destroy(mutex)
        unsafe arrival.deallocate()
        unsafe mutex.deallocate()
    }

    @usableFromInline func lock() { unsafe pthread_mutex_lock(mutex) }
    @usableFromInline func unlock() { unsafe pthread_mutex_unlock(mutex) }

    /// Wakes all threads that wait.
    @usableFromInline func broadcast() { unsafe pthread_cond_broadcast(arrival) }

    /// Lets the lock go until a signal comes; may return without one. Hold the lock.
    /// - Parameter deadlineNs: on the monotonic clock; nil waits without limit.
    /// - Returns: false when the deadline has passed.
    @usableFromInline func wait(untilNs deadlineNs: Int64?) -> Bool {
        guard let deadlineNs else {
            unsafe pthread_cond_wait(arrival, mutex)
            return true
        }
        var deadline = timespec(tv_sec: Int(deadlineNs / 1_000_000_000), tv_nsec: Int(deadlineNs % 1_000_000_000))
        return unsafe pthread_cond_timedwait(arrival, mutex, &deadline) != ETIMEDOUT
    }
}
