// Timers of one loop. Separate from readiness because a timer carries a closure, which the I/O path does not.
import CLibevent

/// A one-shot or repeating timer on the monotonic clock, with a resolution of a few milliseconds; timers due in the
/// same turn fire in the order of their deadlines. Own loop only.
///
/// The owner keeps the timer; when it lets go, the timer is cancelled. The action must not keep the owner alive
/// (`[unowned self]`), or neither ever goes away.
public final class Timer {
    private var oneShot: EventSlot?
    private var repeating: EventSlot?
    private let loop: EventLoop
    private let action: () -> Void

    /// True between a start and the (one-shot) firing or the cancellation.
    public private(set) var isRunning = false

    public init(on loop: EventLoop, _ action: @escaping () -> Void) {
        self.loop = loop
        self.action = action
    }

    deinit {
        oneShot = nil
        repeating = nil
    }

    /// Fires once, `delayMs` from now. Replaces an earlier start.
    public func start(afterMs delayMs: Int64) {
        cancel()
        if oneShot == nil {
            oneShot = unsafe EventSlot(loop: loop, fd: -1, flags: 0, owner: self) { _, _, argument in
                unsafe EventSlot.owner(argument, as: Timer.self).fire(repeats: false)
            }
        }
        oneShot?.add(afterMs: delayMs)
        isRunning = true
    }

    /// Fires every `intervalMs`, first one interval from now. A loop that falls behind skips firings, never bunches
    /// them. Replaces an earlier start.
    public func start(everyMs intervalMs: Int64) {
        precondition(intervalMs > 0, "an interval of \(intervalMs) ms would never let the loop rest")
        cancel()
        if repeating == nil {
            repeating = unsafe EventSlot(loop: loop, fd: -1, flags: EV_PERSIST, owner: self) { _, _, argument in
                unsafe EventSlot.owner(argument, as: Timer.self).fire(repeats: true)
            }
        }
        repeating?.add(afterMs: intervalMs)
        isRunning = true
    }

    public func cancel() {
        guard isRunning else { return }
        isRunning = false
        oneShot?.remove()
        repeating?.remove()
    }

    private func fire(repeats: Bool) {
        if !repeats { isRunning = false }
        action()
    }
}

@available(*, unavailable)
extension Timer: Sendable {}
