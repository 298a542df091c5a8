// A buffered socket for the connections between servers: few, long-lived, with large frames. Separate from
// `ReadinessEvent`, which the many client connections use directly with buffers shared by the loop.
import Glibc

/// Why a stream ended.
public enum StreamEnd: Equatable, Sendable {
    /// `close()` or `closeAfterFlush()`.
    case closedHere
    /// The peer ended its output.
    case endOfInput
    /// The reader left more than `Limits.maximumInput` bytes unconsumed.
    case inputTooLarge
    /// errno
    case failed(Int32)
}

/// Owns one connected, non-blocking socket. Own loop only.
///
/// Set the closures, then `start()`. They must not keep the stream's owner alive. They are never called from inside
/// `write`, `enqueue`, `pauseReading` or `resumeReading`, and none is called after `onClosed`; any of them may close the
/// stream.
public final class Stream: ReadinessDelegate {
    public struct Limits: Sendable {
        /// Unsent bytes from which `isAboveHighWater` holds. Writing is never refused: the writer should stop.
        public var highWater = 1 << 20
        /// Unsent bytes at which `onDrained` is called after the high-water mark had been reached.
        public var lowWater = 1 << 18
        /// Received bytes that the reader may leave unconsumed, i.e. a little more than the largest frame.
        public var maximumInput = 64 << 20
        public init() {}
    }

    /// Gets every byte not yet consumed and returns how many it consumes now; the rest is shown again together with
    /// what follows. Frames left whole (after `pauseReading`) are shown again on `resumeReading`.
    public var onBytes: ((RawSpan) -> Int)?
    /// Unsent output fell to the low-water mark after having been above the high one.
    public var onDrained: (() -> Void)?
    /// The peer ended its output; ours stays open until `close()`. Without this closure the stream ends instead.
    public var onEndOfInput: (() -> Void)?
    /// Called exactly once, when the socket has been closed.
    public var onClosed: ((StreamEnd) -> Void)?

    /// Bytes of output storage kept while nothing waits: an ordinary turn's packets then never make it grow anew.
    private static let keptOutput = 1 << 16

    public let fd: Int32
    private let loop: EventLoop
    private let limits: Limits
    private var readiness: ReadinessEvent?
    private var input = ByteQueue()
    private var output = ByteQueue()
    private var isReadingPaused = false
    private var inputEnded = false
    private var closesWhenFlushed = false
    private var flushRequested = false
    private var deliveryRequested = false
    /// True from reaching the high-water mark until `onDrained`.
    public private(set) var isAboveHighWater = false

    /// Takes the descriptor over.
    public init(on loop: EventLoop, fd: Int32, limits: Limits = Limits()) {
        precondition(limits.lowWater < limits.highWater, "low water \(limits.lowWater) >= high \(limits.highWater)")
        self.loop = loop
        self.fd = fd
        self.limits = limits
        readiness = ReadinessEvent(on: loop, fd: fd, delegate: self)
    }

    deinit {
        // Without an owner nobody is left to hear `onClosed`.
        if let readiness {
            readiness.close()
            Socket.close(fd)
        }
    }

    public var isClosed: Bool { readiness == nil }

    /// Bytes written and not yet handed to the kernel. Kept beside the queue: asked for with every write.
    public private(set) var pendingOutput = 0

    /// Begins to read. Writing is possible before.
    public func start() {
        guard let readiness, !isReadingPaused, !inputEnded else { return }
        if !readiness.enableReading() { end(.failed(errno)) }
    }

    /// Stops reading; TCP then slows the peer down.
    public func pauseReading() {
        isReadingPaused = true
        readiness?.disableReading()
    }

    /// Reads again. Bytes left unconsumed are delivered at the end of this turn.
    public func resumeReading() {
        guard isReadingPaused, readiness != nil else { return }
        isReadingPaused = false
        if !input.isEmpty && !deliveryRequested {
            deliveryRequested = true
            loop.requestEndOfTurn { [weak self] in self?.redeliver() }
        }
        start()
    }

    /// Ends the stream now, dropping unsent output. Idempotent.
    public func close() { end(.closedHere) }

    /// Stops reading, sends what is waiting, then ends the stream.
    public func closeAfterFlush() {
        guard readiness != nil else { return }
        closesWhenFlushed = true
        pauseReading()
        requestFlush()
    }

    fileprivate func end(_ reason: StreamEnd) {
        guard let open = readiness else { return }
        open.close()
        readiness = nil
        Socket.close(fd)
        input.removeAll()
        output.removeAll()
        pendingOutput = 0
        let report = onClosed
        // What the closures hold on to is released here, so a stream and its owner cannot keep each other alive.
        onBytes = nil
        onDrained = nil
        onEndOfInput = nil
        onClosed = nil
        report?(reason)
    }
}

// MARK: - Input

extension Stream {
    /// For the readiness event only: one receive per turn, so no peer starves the others.
    public func socketReadable() {
        switch unsafe Socket.receive(fd, into: loop.receiveBuffer) {
        case .bytes(let count):
            let received = unsafe UnsafeRawBufferPointer(rebasing: loop.receiveBuffer[..<count])
            if input.isEmpty && !isReadingPaused {
                // The usual case: whole frames, read where they were received; only the tail is kept.
                let consumed = unsafe deliver(received)
                if !isClosed { unsafe input.append(UnsafeRawBufferPointer(rebasing: received[consumed...])) }
            } else {
                unsafe input.append(received)
                redeliver()
            }
            if input.count > limits.maximumInput { end(.inputTooLarge) }
        case .wouldBlock: break
        case .closed: inputDidEnd()
        case .failed(let code): end(.failed(code))
        }
    }

    private func inputDidEnd() {
        guard let onEndOfInput else { return end(.endOfInput) }
        inputEnded = true
        readiness?.disableReading()
        onEndOfInput()
    }

    fileprivate func redeliver() {
        deliveryRequested = false
        guard !isClosed, !isReadingPaused, !input.isEmpty else { return }
        // Taken out, since the reader may close the stream and with it the queue.
        var waiting = input.take()
        let consumed = unsafe waiting.withUnsafeBytes { unsafe deliver($0) }
        waiting.consume(consumed)
        if !isClosed { swap(&input, &waiting) }
    }

    private func deliver(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let onBytes else { return 0 }
        let consumed = onBytes(unsafe bytes.bytes)
        precondition(consumed >= 0 && consumed <= bytes.count, "consumed \(consumed) of \(bytes.count) bytes")
        return consumed
    }
}

// MARK: - Output

extension Stream {
    /// Queues bytes; everything queued until the end of the turn leaves in one send then. Ignored once closed or closing.
    public func write(_ bytes: UnsafeRawBufferPointer) {
        unsafe enqueue(bytes)
        requestFlush()
    }

    /// Queues bytes that wait for a `write` behind them, or for `sendQueued()`. Ignored once closed or closing.
    public func enqueue(_ bytes: UnsafeRawBufferPointer) {
        guard readiness != nil, !closesWhenFlushed else { return }
        unsafe output.append(bytes)
        pendingOutput += bytes.count
        if pendingOutput >= limits.highWater { isAboveHighWater = true }
    }

    /// Sends now what is queued, if the socket takes it. May call `onDrained` and `onClosed`.
    public func sendQueued() {
        if readiness?.isWriting == false, !output.isEmpty { flush() }
    }

    public func write(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe write($0) }
    }

    public func write(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe write($0) }
    }

    private func requestFlush() {
        // While the socket is full, its readiness will flush. A closed stream has none.
        guard !flushRequested, readiness?.isWriting == false else { return }
        flushRequested = true
        loop.requestEndOfTurn { [weak self] in self?.flush() }
    }

    /// For the readiness event only.
    public func socketWritable() { flush() }

    private func flush() {
        flushRequested = false
        guard let readiness else { return }
        if !output.isEmpty {
            switch unsafe output.withUnsafeBytes({ unsafe Socket.send(fd, $0) }) {
            case .bytes(let count):
                output.consume(count, keeping: Self.keptOutput)
                pendingOutput -= count
            case .wouldBlock: break
            case .failed(let code): return end(.failed(code))
            }
        }
        if output.isEmpty {
            readiness.disableWriting()
            if closesWhenFlushed { return end(.closedHere) }
        } else if !readiness.enableWriting() {
            return end(.failed(errno))
        }
        if isAboveHighWater && output.count <= limits.lowWater {
            isAboveHighWater = false
            onDrained?()
        }
    }
}

@available(*, unavailable)
extension Stream: Sendable {}
