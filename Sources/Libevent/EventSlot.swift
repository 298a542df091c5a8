// Owner of one libevent `struct event`. Separate because it is the only place that allocates, arms and frees events;
// timers, signals and readiness build on it and stay free of pointers.
import CLibevent
import Glibc

/// What libevent calls: descriptor or signal number, what happened, and the unretained owner.
typealias EventCallback = @convention(c) (Int32, Int16, UnsafeMutableRawPointer?) -> Void

/// One event of one base. Freed, and thereby disarmed, when the slot goes away, which must be before its base does:
/// every owner of a slot holds its `EventLoop` strongly and clears the slot first.
@safe struct EventSlot: ~Copyable {
    private let event: UnsafeMutablePointer<event>

    /// - Parameter owner: given back to `callback`, not retained; must outlive the slot.
    init(loop: EventLoop, fd: Int32, flags: Int32, owner: AnyObject, callback: @escaping EventCallback) {
        loop.preconditionInLoop()
        let argument = unsafe Unmanaged.passUnretained(owner).toOpaque()
        guard let made = unsafe event_new(loop.base, fd, Int16(truncatingIfNeeded: flags), callback, argument) else {
            preconditionFailure("event_new refused fd \(fd) flags \(flags): bad flags, or no memory")
        }
        unsafe event = made
    }

    deinit { unsafe event_free(event) }

    /// Arms without a time limit. False when the kernel refused; errno says why.
    func add() -> Bool { unsafe event_add(event, nil) == 0 }

    /// Arms to fire after `delayMs` milliseconds; an already armed event is moved.
    func add(afterMs delayMs: Int64) {
        precondition(delayMs >= 0, "a timer cannot fire \(-delayMs) ms in the past")
        var delay = timeval(tv_sec: Int(delayMs / 1000), tv_usec: Int(delayMs % 1000) * 1000)
        let result = unsafe event_add(event, &delay)
        precondition(result == 0, "event_add refused a timer of \(delayMs) ms: no memory")
    }

    func remove() {
        // A refusal leaves nothing armed either: the descriptor was already unknown to the kernel.
        _ = unsafe event_del(event)
    }

    /// The owner handed to `init`, from inside a callback.
    static func owner<Owner: AnyObject>(_ argument: UnsafeMutableRawPointer?, as: Owner.Type) -> Owner {
        guard let argument = unsafe argument else { preconditionFailure("libevent lost the owner of an event") }
        return unsafe Unmanaged<Owner>.fromOpaque(argument).takeUnretainedValue()
    }
}
