// One client's socket and what hangs on it. A shell: what may happen is decided by `ClientConnectionState`, what does
// happen by the worker.
import Jute
import Libevent
import Replica

/// A client connection of one worker. Owns its descriptor; idle, it owns no buffer.
final class ClientConnection: ReadinessDelegate {
    let id: ClientID
    let peer: SocketAddress
    /// Outlives its connections.
    private unowned(unsafe) let worker: ClientWorker
    private var readiness: ReadinessEvent?

    var state = ClientConnectionState()
    var statistics: ConnectionStatistics
    /// Beside the address. Copied into each write, so an array.
    var provenIdentities: [Id] = []
    /// Made when first needed: most connections of an open tree never show who they are.
    private var addressIdentity: Id?

    /// Bytes received and not taken yet: an incomplete frame, or requests that must wait.
    var input = ByteQueue()
    /// Bytes to send that do not stand in the worker's reply arena.
    var output = ByteQueue()
    /// This connection's piece of the reply arena in this turn.
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
        unsafe self.worker = worker
        acceptedMs = nowMs
        heardMs = nowMs
        statistics = ConnectionStatistics(establishedMs: WallClock.nowMs)
        readiness = ReadinessEvent(on: worker.loop, fd: fd, delegate: self)
    }

    /// The client's address and what it has proven since.
    var identities: [Id] {
        let address = addressIdentity ?? Id(scheme: "ip", id: UString(peer.hostText))
        addressIdentity = address
        return [address] + provenIdentities
    }

    /// `cons`: 1 reading, 4 writing.
    var interest: Int { (readiness?.isReading == true ? 1 : 0) | (readiness?.isWriting == true ? 4 : 0) }
    var isWaitingToSend: Bool { readiness?.isWriting == true }
    var fd: Int32 {
        guard let readiness else { preconditionFailure("connection \(id.rawValue) is closed") }
        return readiness.fd
    }

    /// False when the kernel refused: close.
    func setReading(_ on: Bool) -> Bool {
        guard on else {
            readiness?.disableReading()
            return true
        }
        return readiness?.enableReading() ?? false
    }

    func setWriting(_ on: Bool) -> Bool {
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
        let fd = readiness.fd
        readiness.close()
        self.readiness = nil
        Socket.close(fd)
        input.removeAll()
        output.removeAll()
    }

    func socketReadable() { unsafe worker.gather(self) }
    func socketWritable() { unsafe worker.resumeSending(self) }
}
