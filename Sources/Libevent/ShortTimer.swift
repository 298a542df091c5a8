// A timer finer than a loop's own. Separate because it is a descriptor: worth it for one timer of a thread, not for one
// of each connection.
import CKernel
import CLibevent
import Glibc

/// A one-shot timer on the monotonic clock that is right to some microseconds. Own loop only.
///
/// The owner keeps the timer; when it lets go, the timer is cancelled. The action must not keep the owner alive
/// (`[unowned self]`), or neither ever goes away.
public final class ShortTimer {
    private let fd: Int32
    private var slot: EventSlot?
    private let action: () -> Void

    /// True between a start and the firing or the cancellation.
    public private(set) var isRunning = false

    public init(on loop: EventLoop, _ action: @escaping () -> Void) {
        fd = ckernel_timerfd()
        precondition(fd >= 0, "no timer: descriptors are exhausted (errno \(errno))")
        self.action = action
        slot = unsafe EventSlot(loop: loop, fd: fd, flags: EV_READ | EV_PERSIST, owner: self) { _, _, argument in
            unsafe EventSlot.owner(argument, as: ShortTimer.self).fire()
        }
        let added = slot?.add() ?? false
        precondition(added, "a timer cannot be watched (errno \(errno))")
    }

    deinit {
        slot = nil
        close(fd)
    }

    /// Fires once, `delayNs` from now. Replaces an earlier start.
    public func start(afterNs delayNs: Int64) {
        precondition(delayNs > 0, "a timer of \(delayNs) ns would not fire")
        isRunning = true
        ckernel_timerfd_start(fd, Int(delayNs))
    }

    public func cancel() {
        guard isRunning else { return }
        isRunning = false
        ckernel_timerfd_start(fd, 0)
    }

    /// The loop may have seen an earlier start run out, before another event of the same turn put an end to it.
    private func fire() {
        guard ckernel_timerfd_expired(fd) != 0, isRunning else { return }
        isRunning = false
        action()
    }
}

@available(*, unavailable)
extension ShortTimer: Sendable {}
