// One ZooKeeper session as the client sees it: bytes and requests in, verdicts out. Separate from the connection, which
// owns socket and buffers: nothing here does I/O or reads a clock.
import Jute

/// Who a session is to the servers, kept across connections.
struct SessionIdentity: Equatable, Sendable {
    /// 0 asks for a new session.
    var id: Int64 = 0
    var password = [UInt8](repeating: 0, count: 16)
    /// What the server granted.
    var timeoutMs: Int32 = 0
}

/// The protocol state of one session (client protocol, "Connect handshake" and "Headers, special xids, ordering").
///
/// Requests are answered in the order in which they were sent, so a reply is checked against the oldest request under
/// way: its xid, its error code, its body, and that the zxid never goes back.
struct Session: ~Copyable {
    enum Phase: Equatable, Sendable {
        /// No connection, or one that has not been greeted.
        case apart
        case handshaking
        case live
        /// closeSession is the last request under way, or answered.
        case closing
    }

    /// Frames beyond this are taken for nonsense.
    static let maximumFrame = 64 << 20
    private static let pingXid: Int32 = -2
    private static let eventXid: Int32 = -1

    /// Stable within its loop, from 0.
    let index: Int
    private(set) var phase = Phase.apart
    private(set) var identity = SessionIdentity()
    private(set) var lastZxid: Int64 = 0
    /// When the ping under way was sent; 0 when none is.
    private(set) var pingSentNs: Int64 = 0
    /// Requests ever issued on a schedule.
    private var scheduled = 0
    private var pending: PendingRing
    private var nextXid: Int32 = 1
    /// The xid of the oldest request under way.
    private var dueXid: Int32 = 1

    init(index: Int, outstanding: Int) {
        self.index = index
        pending = PendingRing(limit: outstanding)
    }

    /// Requests without a reply.
    var outstanding: Int { pending.count }
    var mayAsk: Bool { phase == .live && pending.room > 0 }

    // MARK: Life

    /// The greeting for a fresh connection; a known session is asked for again.
    mutating func greet(timeoutMs: Int32, into writer: inout RequestWriter) {
        phase = .handshaking
        writer.connect(
            ConnectRequest(
                protocolVersion: 0, lastZxidSeen: Zxid(lastZxid), timeOut: timeoutMs, sessionId: SessionID(identity.id),
                passwd: identity.password, readOnly: false))
    }

    /// The connection is gone. Returns how many requests will never be answered.
    mutating func disconnected() -> Int {
        let lost = pending.count
        pending.removeAll()
        phase = .apart
        pingSentNs = 0
        nextXid = 1
        dueXid = 1
        return lost
    }

    /// The next greeting will ask for a new session.
    mutating func forgetIdentity() { identity = SessionIdentity() }

    // MARK: Asking

    /// Lets `load` ask as long as there is room, something to ask, and it is due.
    ///
    /// Reached through a generic class, which the compiler does not specialise: the load whose own cost matters most is
    /// named. The same holds for `receive`.
    @_specialize(where Load == ReadLoad)
    mutating func fill<Load: Workload>(
        from load: inout Load, into writer: inout RequestWriter, schedule: Schedule?, nowNs: Int64
    ) {
        guard phase == .live else { return }
        while pending.room > 0, !writer.isFull {
            var startNs = nowNs
            if let schedule {
                guard let due = schedule.start(session: index, count: scheduled, nowNs: nowNs) else { return }
                startNs = due
            }
            guard let asked = load.ask(session: index, xid: nextXid, nowNs: nowNs, into: &writer) else { return }
            scheduled += 1
            pending.append(PendingRequest(startNs: startNs, key: Int32(asked.key), kind: asked.kind))
            nextXid = nextXid == .max ? 1 : nextXid + 1
            if asked.kind == .closeSession {
                phase = .closing
                return
            }
        }
    }

    /// Asks for the end of the session; nothing may be asked afterwards. No effect unless live.
    mutating func close(into writer: inout RequestWriter, nowNs: Int64) {
        guard phase == .live, pending.room > 0 else { return }
        writer.bare(.closeSession, xid: nextXid)
        pending.append(PendingRequest(startNs: nowNs, key: 0, kind: .closeSession))
        phase = .closing
    }

    /// Keeps the session alive; at most one ping is under way.
    mutating func ping(into writer: inout RequestWriter, nowNs: Int64) {
        guard phase == .live, pingSentNs == 0 else { return }
        pingSentNs = nowNs
        writer.bare(.ping, xid: Self.pingXid)
    }

    // MARK: Receiving

    /// Takes every complete frame of `bytes` and returns how many bytes that was.
    @_specialize(where Load == ReadLoad)
    mutating func receive<Load: Workload>(
        _ bytes: UnsafeRawBufferPointer, load: inout Load, check: inout ReplyCheck, tally: inout Tally, nowNs: Int64
    ) throws(SessionFault) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var offset = 0
        while bytes.count - offset >= 4 {
            let length = unsafe Self.int32(base + offset)
            guard length >= 0, length <= Self.maximumFrame else { throw .frameLength(Int(length)) }
            let end = offset + 4 + Int(length)
            if end > bytes.count { break }
            let frame = unsafe UnsafeRawBufferPointer(start: base + offset + 4, count: Int(length))
            offset = end
            if phase == .handshaking {
                try unsafe greeted(frame, load: &load, tally: &tally, nowNs: nowNs)
                continue
            }
            guard length >= ReplyHeader.encodedSize else { throw .frameLength(Int(length)) }
            let xid = unsafe Self.int32(base + (end - Int(length)))
            if xid == dueXid, pending.count > 0 {
                try unsafe replied(frame, load: &load, check: &check, tally: &tally, nowNs: nowNs)
            } else {
                try unsafe outOfLine(frame, xid: xid, load: &load, tally: &tally, nowNs: nowNs)
            }
        }
        return offset
    }

    @inline(__always) private static func int32(_ at: UnsafeRawPointer) -> Int32 {
        Int32(bigEndian: unsafe at.loadUnaligned(as: Int32.self))
    }

    @inline(__always) private static func int64(_ at: UnsafeRawPointer) -> Int64 {
        Int64(bigEndian: unsafe at.loadUnaligned(as: Int64.self))
    }

    @inline(__always) private mutating func replied<Load: Workload>(
        _ frame: UnsafeRawBufferPointer, load: inout Load, check: inout ReplyCheck, tally: inout Tally, nowNs: Int64
    ) throws(SessionFault) {
        guard let header = frame.baseAddress else { throw .frameLength(0) }
        let request = pending.removeFirst()
        dueXid = dueXid == .max ? 1 : dueXid + 1
        let zxid = unsafe Self.int64(header + 4)
        guard zxid >= lastZxid else { throw .zxidWentBack(from: lastZxid, to: zxid) }
        lastZxid = zxid
        let code = unsafe Self.int32(header + 12)
        let body = unsafe UnsafeRawBufferPointer(
            start: header + ReplyHeader.encodedSize, count: frame.count - ReplyHeader.encodedSize)
        if code == 0 {
            if let fault = unsafe check.fault(request, body) { throw fault }
        } else if !load.tolerates(error: code, for: request) {
            throw .errorCode(request, code)
        }
        tally.replied(request, nowNs: nowNs)
        let reply = unsafe Reply(error: code, body: body)
        if let causeNs = try load.answered(session: index, request, reply, nowNs: nowNs) {
            tally.settled(causeNs: causeNs, nowNs: nowNs)
        }
    }

    private mutating func outOfLine<Load: Workload>(
        _ frame: UnsafeRawBufferPointer, xid: Int32, load: inout Load, tally: inout Tally, nowNs: Int64
    ) throws(SessionFault) {
        guard let header = frame.baseAddress else { throw .frameLength(0) }
        switch xid {
        case Self.pingXid:
            guard pingSentNs != 0 else { throw .unaskedReply(xid: xid) }
            tally.pinged(sentNs: pingSentNs, nowNs: nowNs)
            pingSentNs = 0
        case Self.eventXid:
            // type, state, length of path
            let path = ReplyHeader.encodedSize + 12
            guard frame.count >= path else { throw .malformedEvent }
            let type = unsafe Self.int32(header + ReplyHeader.encodedSize)
            let length = unsafe Int(Self.int32(header + ReplyHeader.encodedSize + 8))
            guard length >= 0, frame.count == path + length else { throw .malformedEvent }
            let bytes = unsafe UnsafeRawBufferPointer(start: header + path, count: length)
            let event = unsafe WatchEvent(type: type, path: bytes)
            tally.notified(causeNs: try load.notified(session: index, event, nowNs: nowNs), nowNs: nowNs)
        default:
            throw pending.count == 0 ? .unaskedReply(xid: xid) : .wrongXid(got: xid, expected: dueXid)
        }
    }

    private mutating func greeted<Load: Workload>(
        _ frame: UnsafeRawBufferPointer, load: inout Load, tally: inout Tally, nowNs: Int64
    ) throws(SessionFault) {
        var decoder = unsafe JuteDecoder(frame.bytes)
        guard let response = try? decoder.read(ConnectResponse.self), let password = response.passwd,
            response.protocolVersion == 0
        else { throw .malformedHandshake }
        guard response.timeOut > 0, response.sessionId.rawValue != 0 else {
            forgetIdentity()
            throw .sessionExpired
        }
        let arrival = Arrival(isResumed: response.sessionId.rawValue == identity.id, lastZxid: lastZxid)
        identity = SessionIdentity(
            id: response.sessionId.rawValue, password: password, timeoutMs: response.timeOut)
        phase = .live
        if let causeNs = load.connected(session: index, arrival, nowNs: nowNs) {
            tally.settled(causeNs: causeNs, nowNs: nowNs)
        }
    }
}
