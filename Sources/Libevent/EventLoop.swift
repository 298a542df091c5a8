// One event_base on one thread, cut into turns. Separate because the turn is the unit in which output is coalesced:
// everything that happened in one turn leaves in one send at its end.
import CLibevent
import Glibc

/// A loop that belongs to the thread that created it. Not `Sendable`: other threads reach it through a `Mailbox`.
///
/// One turn waits for events, calls everything that is ready once, then runs the work asked for with
/// `requestEndOfTurn(_:)`. Readiness is level-triggered; whatever was left unread fires again next turn.
@safe public final class EventLoop {
    let base: OpaquePointer
    private let thread: pthread_t
    private var stopRequested = false
    private var endOfTurn: [() -> Void] = []
    private var spare: [() -> Void] = []
    private var signals: [SignalSlot] = []

    /// One buffer that every connection of this loop receives into; its contents last until the next receive on the
    /// same loop. 64 KiB. Idle connections therefore own no buffer.
    public let receiveBuffer: UnsafeMutableRawBufferPointer

    /// Call on the thread that will call `run()`.
    public init() {
        guard let configuration = unsafe event_config_new() else { preconditionFailure("no memory for an event base") }
        // No locks: only its own thread ever touches this base.
        unsafe event_config_set_flag(configuration, Int32(EVENT_BASE_FLAG_NOLOCK.rawValue))
        guard let made = unsafe event_base_new_with_config(configuration) else {
            preconditionFailure("no event base: epoll is missing or descriptors are exhausted (errno \(errno))")
        }
        unsafe event_config_free(configuration)
        unsafe base = made
        thread = pthread_self()
        unsafe receiveBuffer = .allocate(byteCount: 64 * 1024, alignment: 64)
    }

    deinit {
        signals.removeAll()
        unsafe event_base_free(base)
        unsafe receiveBuffer.deallocate()
    }

    /// Runs turns until `stop()`. The turn in which stop was called is completed, its end included.
    public func run() {
        preconditionInLoop()
        while !stopRequested { turn() }
        stopRequested = false
    }

    /// One turn. Does not wait when `wait` is false, or when work for the end of a turn is already waiting.
    public func turn(wait: Bool = true) {
        let mayWait = wait && endOfTurn.isEmpty
        // ONCE in both: without it a socket that stays readable, because it is read at the end of the turn, would keep
        // the base going round inside one turn.
        let flags = mayWait ? EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY : EVLOOP_ONCE | EVLOOP_NONBLOCK
        let result = unsafe event_base_loop(base, flags)
        precondition(result >= 0, "event_base_loop failed with errno \(errno)")
        finishTurn()
    }

    /// Ends `run()` after the current turn. Own thread only.
    public func stop() {
        preconditionInLoop()
        stopRequested = true
    }

    /// Runs `work` once, at the end of this turn. Work asked for by such work waits for the end of the next turn, which
    /// then does not wait for events. Callers keep a flag of their own so that they ask once per turn.
    public func requestEndOfTurn(_ work: @escaping () -> Void) {
        preconditionInLoop()
        endOfTurn.append(work)
    }

    private func finishTurn() {
        guard !endOfTurn.isEmpty else { return }
        swap(&endOfTurn, &spare)
        // `spare` is not touched by the work itself, which appends to `endOfTurn`.
        for work in spare { work() }
        spare.removeAll(keepingCapacity: true)
    }

    /// Calls `action` on this loop when the process receives `signal` (SIGTERM, SIGINT, SIGHUP). One loop per process
    /// may do so. The action stays for the life of the loop.
    public func onSignal(_ signal: Int32, _ action: @escaping () -> Void) {
        // Threads that a runtime started may have every signal blocked; then nobody would receive it.
        var mask = sigset_t()
        unsafe sigemptyset(&mask)
        unsafe sigaddset(&mask, signal)
        unsafe pthread_sigmask(SIG_UNBLOCK, &mask, nil)
        signals.append(SignalSlot(loop: self, signal: signal, action: action))
    }

    public func preconditionInLoop() {
        precondition(pthread_equal(thread, pthread_self()) != 0, "used from a thread that does not own this event loop")
    }
}

@available(*, unavailable)
extension EventLoop: Sendable {}

/// A signal's action; owned by its loop, so it holds no reference back.
private final class SignalSlot {
    private var slot: EventSlot?
    fileprivate let action: () -> Void

    init(loop: EventLoop, signal: Int32, action: @escaping () -> Void) {
        self.action = action
        slot = unsafe EventSlot(loop: loop, fd: signal, flags: EV_SIGNAL | EV_PERSIST, owner: self) { _, _, argument in
            unsafe EventSlot.owner(argument, as: SignalSlot.self).action()
        }
        let added = slot?.add() ?? false
        precondition(added, "signal \(signal) cannot be caught")
    }
}
