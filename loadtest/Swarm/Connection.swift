// The hands of one session: its socket and the bytes that wait. What to send and what to make of replies is decided by
// `Session` and the workload.
import Glibc
import Libevent

/// One session's connection on its loop. Owned by its `SwarmLoop`, which outlives it.
final class Connection<Load: Workload>: ReadinessDelegate {
    private unowned let swarm: SwarmLoop<Load>
    private(set) var session: Session
    private var readiness: ReadinessEvent?
    /// What the kernel would not take yet; while it waits nothing new is asked.
    private var unsent = ByteQueue()
    /// The beginning of a frame whose rest has not come.
    private var partial = ByteQueue()
    private var connectBeganNs: Int64 = 0
    private var lastSentNs: Int64 = 0
    private var lastReceivedNs: Int64 = 0
    /// How often the next server of the list had to be tried.
    private(set) var moves = 0

    init(swarm: SwarmLoop<Load>, index: Int) {
        self.swarm = swarm
        session = Session(index: index, outstanding: swarm.plan.outstanding)
    }

    var isLive: Bool { session.phase == .live }
    var isConnected: Bool { readiness != nil }

    // MARK: Life

    /// A connect is about to begin.
    func willConnect(nowNs: Int64) { connectBeganNs = nowNs }

    /// Takes ownership of a connected descriptor and greets the server.
    func connected(fd: Int32, nowNs: Int64) {
        let event = ReadinessEvent(on: swarm.loop, fd: fd, delegate: self)
        readiness = event
        guard event.enableReading() else { return lost("the kernel refused to watch the socket") }
        lastReceivedNs = nowNs
        session.greet(timeoutMs: swarm.plan.timeoutMs, into: &swarm.writer)
        flush(nowNs: nowNs)
    }

    /// From now on closing the socket resets the connection: none of its ports stays taken for a minute.
    func resetsOnClose() {
        guard let fd = readiness?.fd else { return }
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(fd, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Closes the socket. Returns how many requests remain unanswered.
    func disconnect() -> Int {
        if let event = readiness {
            event.close()
            Socket.close(event.fd)
        }
        readiness = nil
        unsent.removeAll()
        partial.removeAll()
        return session.disconnected()
    }

    /// The next connect goes to the next server of the list.
    func moveOn() { moves += 1 }

    /// The next connect asks for a new session.
    func forgetSession() { session.forgetIdentity() }

    private func lost(_ reason: String) { swarm.connectionLost(self, reason: reason) }

    // MARK: Asking

    /// Asks whatever is due and there is room for.
    func pump(nowNs: Int64) {
        guard swarm.isLoading, unsent.isEmpty, readiness != nil else { return }
        session.fill(from: &swarm.load, into: &swarm.writer, schedule: swarm.schedule, nowNs: nowNs)
        flush(nowNs: nowNs)
    }

    /// Pings when nothing has been sent for a third of the session's timeout; gives up a server that has said nothing
    /// for two thirds of it.
    func keepHouse(nowNs: Int64) {
        let timeoutMs = isLive ? session.identity.timeoutMs : swarm.plan.timeoutMs
        let thirdNs = Int64(timeoutMs) * 1_000_000 / 3
        if isConnected, nowNs - lastReceivedNs > 2 * thirdNs {
            let isWaiting = session.phase == .handshaking
            return lost("\(isWaiting ? "no answer to the handshake" : "nothing heard") for \(timeoutMs * 2 / 3) ms")
        }
        guard isLive, unsent.isEmpty, nowNs - lastSentNs >= thirdNs else { return }
        session.ping(into: &swarm.writer, nowNs: nowNs)
        flush(nowNs: nowNs)
    }

    /// Ends the session politely.
    func closeSession(nowNs: Int64) {
        guard isLive, unsent.isEmpty else { return }
        session.close(into: &swarm.writer, nowNs: nowNs)
        flush(nowNs: nowNs)
    }

    private func flush(nowNs: Int64) {
        guard swarm.writer.count > 0, let fd = readiness?.fd else { return swarm.writer.removeAll() }
        lastSentNs = nowNs
        let bytes = unsafe swarm.writer.bytes
        var sent = 0
        switch unsafe Socket.send(fd, bytes) {
        case .bytes(let count): sent = count
        case .wouldBlock: break
        case .failed(let code):
            swarm.writer.removeAll()
            return lost(SocketError.text(errno: code))
        }
        if sent < bytes.count {
            unsafe unsent.append(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
            readiness?.enableWriting()
        }
        swarm.writer.removeAll()
    }

    func socketWritable() {
        guard let event = readiness else { return }
        let outcome = unsafe unsent.withUnsafeBytes { unsafe Socket.send(event.fd, $0) }
        switch outcome {
        case .bytes(let count): unsent.consume(count)
        case .wouldBlock: return
        case .failed(let code): return lost(SocketError.text(errno: code))
        }
        guard unsent.isEmpty else { return }
        event.disableWriting()
        pump(nowNs: MonotonicClock.nowNs)
    }

    // MARK: Receiving

    func socketReadable() {
        guard let event = readiness else { return }
        let held = partial.count
        let room = unsafe swarm.input.room(behind: held)
        let target = unsafe UnsafeMutableRawBufferPointer(rebasing: room[held...])
        switch unsafe Socket.receive(event.fd, into: target) {
        case .wouldBlock: return
        case .closed: return lost("closed by the server")
        case .failed(let code): return lost(SocketError.text(errno: code))
        case .bytes(let count):
            if held > 0 {
                unsafe partial.withUnsafeBytes { unsafe room.copyMemory(from: $0) }
                partial.removeAll()
            }
            unsafe take(UnsafeRawBufferPointer(rebasing: room[..<(held + count)]))
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        let nowNs = MonotonicClock.nowNs
        lastReceivedNs = nowNs
        let wasHandshaking = session.phase == .handshaking
        do throws(SessionFault) {
            let taken = try unsafe session.receive(
                bytes, load: &swarm.load, check: &swarm.check, tally: &swarm.tally, nowNs: nowNs)
            if taken < bytes.count { unsafe partial.append(UnsafeRawBufferPointer(rebasing: bytes[taken...])) }
        } catch {
            return swarm.faulted(self, error)
        }
        swarm.tally.endRun(nowNs: nowNs)
        if wasHandshaking, session.phase != .handshaking {
            swarm.greeted(self, beganNs: connectBeganNs, nowNs: nowNs)
        }
        swarm.publishCounts()
        pump(nowNs: nowNs)
    }
}
