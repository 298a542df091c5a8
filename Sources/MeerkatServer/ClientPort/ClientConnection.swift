// One client's socket and what hangs on it. A shell: what may happen is decided by `ClientConnectionState`, what does
// happen by the worker.
import Jute
import Libevent
import Replica

/// A client connection of one worker. Owns its descriptor; idle, it owns no buffer.
final class ClientConnection: ReadinessDelegate {
    let id: ClientID
    let peer: SocketAddress
    /// No descriptor once closed.
    private(set) var fd: Int32
    /// Outlives its connections.
    private unowned(unsafe) let worker: ClientWorker
    private var readiness: ReadinessEvent?

    var state = ClientConnectionState()
    var statistics: ConnectionStatistics
    /// Made when first needed: most connections of an open tree never show who they are.
    private var knownIdentities: [Id]?

    /// Bytes received and not taken yet: an incomplete frame, or requests that must wait.
    var input = ByteQueue()
    /// Bytes to send that do not stand in the worker's reply arena.
    var output = ByteQueue()
    /// This connection's piece of the reply arena in this turn. What waits for it in the worker's `shares` is older, and
    /// `output` is older than that.
    var piece = 0..<0

    /// Monotonic milliseconds.
    let acceptedMs: Int64
    var heardMs: Int64
    /// Heard from since the replica was last told.
    var isTouched = false
    /// In the worker's list of connections to flush.
    var isDirty = false
    /// In the worker's list of connections to go on with.
    var isResumed = false
    /// The next request in `input` is complete but must wait.
    var isHeld = false
    /// Close when the output is sent.
    var endsWith: CloseReason?
    /// Closed at the end of this turn; nothing more happens.
    private(set) var isDoomed = false

    init(id: ClientID, fd: Int32, peer: SocketAddress, worker: ClientWorker, nowMs: Int64) {
        self.id = id
        self.peer = peer
        self.fd = fd
        unsafe self.worker = worker
        acceptedMs = nowMs
        heardMs = nowMs
        statistics = ConnectionStatistics(establishedMs: WallClock.nowMs)
        readiness = ReadinessEvent(on: worker.loop, fd: fd, delegate: self)
    }

    /// The client's address and what it has proven since. Copied into each write.
    var identities: [Id] {
        if let knownIdentities { return knownIdentities }
        let address = [Id(scheme: "ip", id: UString(peer.hostText))]
        knownIdentities = address
        return address
    }

    /// The client has shown that it is this, too.
    func prove(_ identity: Id) {
        let known = identities
        if !known.contains(identity) { knownIdentities = known + [identity] }
    }

    /// `cons`: 1 reading, 4 writing.
    var interest: Int { (readiness?.isReading == true ? 1 : 0) | (readiness?.isWriting == true ? 4 : 0) }
    var isWaitingToSend: Bool { readiness?.isWriting == true }

    /// False when the kernel refused: close.
    func setReading(_ on: Bool) -> Bool {
        // Nearly always, and without a reference counted up and down.
        if readiness?.isReading == on { return true }
        guard on else {
            readiness?.disableReading()
            return true
        }
        return readiness?.enableReading() ?? false
    }

    func setWriting(_ on: Bool) -> Bool {
        if readiness?.isWriting == on { return true }
        guard on else {
            readiness?.disableWriting()
            return true
        }
        return readiness?.enableWriting() ?? false
    }

    func doom() { isDoomed = true }

    /// For the worker, at the end of a turn.
    func close() {
        guard let readiness else { return }
        readiness.close()
        self.readiness = nil
        Socket.close(fd)
        fd = -1
        input.removeAll()
        output.removeAll()
    }

    func socketReadable() { unsafe worker.gather(self) }
    func socketWritable() { unsafe worker.resumeSending(self) }
}
