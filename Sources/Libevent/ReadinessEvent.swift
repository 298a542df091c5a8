// Readiness of one socket. Separate, and without closures, because every connection has one and every wake-up passes
// through it: nothing here allocates after the first use of each direction.
import CLibevent
import Glibc

/// Told when a descriptor may be read or written without blocking.
public protocol ReadinessDelegate: AnyObject {
    /// Bytes, the end of input, or an error wait to be received.
    func socketReadable()
    /// There is room to send, a connect has ended, or an error waits.
    func socketWritable()
}

/// Level-triggered readiness of one descriptor, which it does not own. Own loop only.
///
/// The delegate is not retained: it owns this event, or calls `close()` before it goes away. During a callback both
/// are kept alive, so a delegate may drop its last reference from inside. After `close()` no callback comes, even if
/// both directions were ready in the same turn. Call `close()` before closing the descriptor.
@safe public final class ReadinessEvent {
    private var reading: EventSlot?
    private var writing: EventSlot?
    private let loop: EventLoop
    private unowned(unsafe) let delegate: any ReadinessDelegate
    public let fd: Int32
    public private(set) var isReading = false
    public private(set) var isWriting = false

    public init(on loop: EventLoop, fd: Int32, delegate: any ReadinessDelegate) {
        precondition(fd >= 0, "fd \(fd) is no descriptor")
        self.loop = loop
        self.fd = fd
        unsafe self.delegate = delegate
    }

    deinit { close() }

    /// Idempotent. False when the kernel refused to watch the descriptor (errno): close the connection.
    @discardableResult public func enableReading() -> Bool {
        guard !isReading else { return true }
        if reading == nil {
            let flags = EV_READ | EV_PERSIST
            reading = unsafe EventSlot(loop: loop, fd: fd, flags: flags, owner: self) { _, _, argument in
                let event = unsafe EventSlot.owner(argument, as: ReadinessEvent.self)
                unsafe event.delegate.socketReadable()
            }
        }
        isReading = reading?.add() ?? false
        return isReading
    }

    /// Idempotent. Arm only while something waits to be sent: a socket is nearly always writable.
    /// False when the kernel refused to watch the descriptor (errno): close the connection.
    @discardableResult public func enableWriting() -> Bool {
        guard !isWriting else { return true }
        if writing == nil {
            let flags = EV_WRITE | EV_PERSIST
            writing = unsafe EventSlot(loop: loop, fd: fd, flags: flags, owner: self) { _, _, argument in
                let event = unsafe EventSlot.owner(argument, as: ReadinessEvent.self)
                unsafe event.delegate.socketWritable()
            }
        }
        isWriting = writing?.add() ?? false
        return isWriting
    }

    public func disableReading() {
        guard isReading else { return }
        isReading = false
        reading?.remove()
    }

    public func disableWriting() {
        guard isWriting else { return }
        isWriting = false
        writing?.remove()
    }

    /// Ends both interests for good of this arming; idempotent.
    public func close() {
        isReading = false
        isWriting = false
        reading = nil
        writing = nil
    }
}

@available(*, unavailable)
extension ReadinessEvent: Sendable {}
