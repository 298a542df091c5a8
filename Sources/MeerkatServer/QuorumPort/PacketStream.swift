// A stream of quorum packets over one socket: bytes in, packets out, and the other way round. Shared by both ends.

import Jute
import Libevent

/// Splits what arrives into packets and hands them over one by one. Malformed input ends the connection.
final class PacketStream {
    private let stream: Stream
    private let maximumPacketBytes: Int
    private let onPacket: (QuorumPacket) -> Void
    private let onEnd: (String) -> Void
    /// Takes raw bytes instead of packets while a snapshot comes in; returns how many it used. nil otherwise.
    var onRawBytes: ((RawSpan) -> Int)?
    private var isClosed = false
    private var authinfo = AuthinfoMemo()
    /// Who is at the other end, for the log.
    let peer: String

    init(
        on loop: EventLoop, fd: Int32, limits: QuorumLimits, onPacket: @escaping (QuorumPacket) -> Void,
        onEnd: @escaping (String) -> Void
    ) {
        Socket.setNoDelay(fd)
        peer = Socket.peerAddress(fd).map { "\($0)" } ?? "unknown address"
        var streamLimits = Stream.Limits()
        // A snapshot's next slice is made when `onDrained` says so: that must come for the bytes one slice leaves.
        streamLimits.highWater = limits.snapshotSliceBytes
        streamLimits.lowWater = limits.snapshotSliceBytes / 2
        streamLimits.maximumInput = limits.maximumPacketBytes * 2 + 4096
        self.stream = Stream(on: loop, fd: fd, limits: streamLimits)
        self.maximumPacketBytes = limits.maximumPacketBytes
        self.onPacket = onPacket
        self.onEnd = onEnd
        stream.onBytes = { [unowned self] in receive($0) }
        stream.onClosed = { [unowned self] end in finish("\(end)") }
    }

    func start() { stream.start() }

    /// Bytes accepted for sending and not sent.
    var pendingOutput: Int { stream.pendingOutput }
    var onDrained: (() -> Void)? {
        get { stream.onDrained }
        set { stream.onDrained = newValue }
    }

    func pauseReading() { stream.pauseReading() }
    func resumeReading() { stream.resumeReading() }

    func send(_ bytes: [UInt8]) { if !isClosed { stream.write(bytes) } }
    func send(_ bytes: RawSpan) { if !isClosed { stream.write(bytes) } }

    /// What is queued leaves with the next packet that is sent, or by `sendQueued()`, which may end the stream.
    func enqueue(_ bytes: RawSpan) {
        if !isClosed { unsafe bytes.withUnsafeBytes { unsafe stream.enqueue($0) } }
    }
    func sendQueued() { stream.sendQueued() }

    /// Closes without a report.
    func close() {
        isClosed = true
        stream.close()
    }

    private func finish(_ reason: String) {
        if isClosed { return }
        isClosed = true
        onEnd(reason)
    }

    private func fail(_ reason: String) {
        // Before the stream reports that it was closed here.
        finish(reason)
        stream.close()
    }

    /// Called with everything that is buffered; returns how much was used.
    private func receive(_ bytes: RawSpan) -> Int {
        var used = 0
        while used < bytes.byteCount, !isClosed {
            if onRawBytes == nil { used += AckRun.superfluousBytes(in: bytes.extracting(droppingFirst: used)) }
            let rest = bytes.extracting(droppingFirst: used)
            if let onRawBytes {
                let taken = onRawBytes(rest)
                if taken == 0 { break }
                used += taken
                continue
            }
            do {
                guard let length = try QuorumPacketFraming.length(of: rest, maximumLength: maximumPacketBytes) else {
                    break
                }
                var decoder = JuteDecoder(rest.extracting(first: length))
                let packet = try QuorumPacket(from: &decoder, memo: &authinfo)
                used += length
                onPacket(packet)
            } catch {
                fail("malformed packet: \(error)")
            }
        }
        return used
    }
}
