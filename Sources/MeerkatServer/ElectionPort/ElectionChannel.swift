// One election connection: greeting first if it was accepted, then length-prefixed notifications in both directions.

import Jute
import Libevent

/// Turns bytes into greetings and notifications. Closes itself on malformed input. Lives on the replica loop.
final class ElectionChannel {
    private enum Phase { case greeting, undecided, open, silent }

    /// The other end, for log lines.
    let peer: String
    private let stream: Stream
    private var phase: Phase
    private var handshake: Timer?
    var onGreeting: ((ElectionGreeting) -> Void)?
    var onNotification: ((Notification) -> Void)?
    /// Everything written has left.
    var onDrained: (() -> Void)?
    /// A notification that cannot be read was dropped; the channel goes on, as upstream.
    var onDropped: ((JuteError) -> Void)?
    /// The connection ended, not by `close()`.
    var onEnd: ((_ reason: String, _ isHostile: Bool) -> Void)?

    /// `handshakeTimeoutMs` is nil on a dialled connection: its peer sends no greeting.
    init(on loop: EventLoop, fd: Int32, peer: String, handshakeTimeoutMs: Int64?, isKeepAlive: Bool) {
        self.peer = peer
        Socket.setNoDelay(fd)
        if isKeepAlive { Socket.setKeepAlive(fd) }
        var limits = Stream.Limits()
        limits.maximumInput = Notification.maximumSize + 4 + 65_536
        // Reports every time all output has left.
        limits.highWater = 1
        limits.lowWater = 0
        stream = Stream(on: loop, fd: fd, limits: limits)
        phase = handshakeTimeoutMs == nil ? .open : .greeting
        if let handshakeTimeoutMs {
            let timer = Timer(on: loop) { [unowned self] in end("no greeting within \(handshakeTimeoutMs) ms") }
            timer.start(afterMs: handshakeTimeoutMs)
            handshake = timer
        }
        stream.onBytes = { [unowned self] in receive($0) }
        stream.onDrained = { [unowned self] in onDrained?() }
        stream.onClosed = { [unowned self] in if $0 != .closedHere { end("\($0)") } }
    }

    /// Begins to read. Set the closures before.
    func start() { stream.start() }

    /// The greeting was accepted: notifications follow.
    func open() {
        handshake = nil
        phase = .open
    }

    /// Reads on and says nothing until the handshake's time is over.
    func beSilent() { phase = .silent }

    var isIdle: Bool { stream.pendingOutput == 0 }
    func write(_ bytes: [UInt8]) { stream.write(bytes) }

    /// Without a report.
    func close() {
        detach()
        stream.close()
    }

    /// Without a report; what was written still leaves.
    func closeAfterFlush(then done: @escaping () -> Void) {
        detach()
        stream.onBytes = nil
        stream.onDrained = nil
        stream.onClosed = { _ in done() }
        stream.closeAfterFlush()
    }

    private func detach() {
        handshake = nil
        onGreeting = nil
        onNotification = nil
        onDrained = nil
        onDropped = nil
        onEnd = nil
    }

    private func end(_ reason: String, isHostile: Bool = false) {
        let report = onEnd
        close()
        report?(reason, isHostile)
    }

    /// Gets everything that is buffered, returns how much it used.
    private func receive(_ bytes: RawSpan) -> Int {
        var used = 0
        do throws(ElectionWireError) {
            while used < bytes.byteCount, !stream.isClosed {
                let step = try take(bytes.extracting(droppingFirst: used))
                if step == 0 { break }
                used += step
            }
        } catch {
            end("malformed input: \(error)", isHostile: true)
        }
        return used
    }

    /// Takes one message from the front; 0 if it is not complete.
    private func take(_ bytes: RawSpan) throws(ElectionWireError) -> Int {
        switch phase {
        case .greeting:
            var used = 0
            guard let greeting = try ElectionGreeting.read(bytes, used: &used) else { return 0 }
            phase = .undecided
            onGreeting?(greeting)
            return used
        case .undecided: preconditionFailure("what becomes of \(peer) was not decided")
        case .silent: return bytes.byteCount
        case .open: return try takeNotification(bytes)
        }
    }

    private func takeNotification(_ bytes: RawSpan) throws(ElectionWireError) -> Int {
        var decoder = JuteDecoder(bytes)
        guard let length = try? decoder.readInt32() else { return 0 }
        guard length > 0, Int(length) <= Notification.maximumSize else { throw .frameLength(length) }
        guard decoder.remaining >= Int(length) else { return 0 }
        do throws(JuteError) {
            let notification = try Notification(decoding: Array(decoder.readRest().prefix(Int(length))))
            onNotification?(notification)
        } catch {
            onDropped?(error)
        }
        return 4 + Int(length)
    }
}
