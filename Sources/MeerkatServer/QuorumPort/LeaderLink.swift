// A learner's end of its connection to the leader: dials, introduces nothing itself, carries packets, and takes the
// snapshot that may stand among them.

public import Jute
import Libevent
import Logging
import Replica
import ReplicaStore
import Tree

/// One attempt to be led: made for one leader, given up for good when the connection ends. Lives on the replica loop.
public final class LeaderLink {
    private let loop: EventLoop
    private let connector: Connector
    private let host: String
    private let port: UInt16
    private let limits: QuorumLimits
    private let log: Logger
    private let feed: (Input) -> Void
    /// Takes the bytes of a snapshot for the disk, in order.
    private let keepSnapshot: (SnapshotPiece) -> Void
    private let making: TreeMaking

    private var attempt: ConnectAttempt?
    private var attemptsLeft: Int
    private var pause: Timer?
    private var packets: PacketStream?
    private var incoming: IncomingSnapshot?
    private var isClosed = false
    /// Used for one packet after the other.
    private var encoder = JuteEncoder(capacity: 4096)

    /// What the disk needs of a snapshot that arrives.
    public enum SnapshotPiece: Sendable {
        case begin(Zxid)
        case bytes([UInt8])
        case abandon
    }

    init(
        loop: EventLoop, connector: Connector, host: String, port: UInt16, limits: QuorumLimits, making: TreeMaking,
        log: Logger, keepSnapshot: @escaping (SnapshotPiece) -> Void, feed: @escaping (Input) -> Void
    ) {
        self.loop = loop
        self.connector = connector
        self.host = host
        self.port = port
        self.limits = limits
        self.making = making
        self.log = log
        self.keepSnapshot = keepSnapshot
        self.feed = feed
        self.attemptsLeft = limits.connectAttempts
        connect()
    }

    // MARK: Connecting

    /// A leader listens only once it knows that it leads: a refusal right after the election is ordinary.
    private func connect() {
        attemptsLeft -= 1
        attempt = connector.connect(host: host, port: port, timeoutMs: limits.connectTimeoutMs) { [unowned self] in
            attempt = nil
            switch $0 {
            case .success(let fd): connected(fd)
            case .failure(let error): failed(error)
            }
        }
    }

    private func failed(_ error: SocketError) {
        if isClosed { return }
        if attemptsLeft == 0 { return end("\(error)") }
        let timer = Timer(on: loop) { [unowned self] in connect() }
        timer.start(afterMs: limits.connectPauseMs)
        pause = timer
    }

    private func connected(_ fd: Int32) {
        if isClosed { return Socket.close(fd) }
        let packets = PacketStream(
            on: loop, fd: fd, limits: limits, onPacket: { [unowned self] in receive($0) },
            onEnd: { [unowned self] in end($0) })
        self.packets = packets
        packets.start()
        feed(.connectedToLeader)
    }

    private func end(_ reason: String) {
        if isClosed { return }
        close()
        feed(.disconnectedFromLeader(reason))
    }

    /// Without a report: the replica asked for it.
    func close() {
        isClosed = true
        attempt?.cancel()
        pause?.cancel()
        packets?.close()
        if incoming != nil { keepSnapshot(.abandon) }
        incoming = nil
    }

    // MARK: Packets

    func send(_ packet: QuorumPacket) {
        guard let packets else { return }
        encoder.reset()
        encoder.write(packet)
        unsafe encoder.withUnsafeBytes { packets.send(unsafe $0.bytes) }
    }

    private func receive(_ packet: QuorumPacket) {
        feed(.receivedFromLeader(packet))
        guard !isClosed, packet.type == PacketType.snap.rawValue else { return }
        incoming = IncomingSnapshot(zxid: packet.zxid, making: making)
        keepSnapshot(.begin(packet.zxid))
        packets?.onRawBytes = { [unowned self] in receiveSnapshot($0) }
    }

    private func receiveSnapshot(_ bytes: RawSpan) -> Int {
        guard let incoming else { return 0 }
        do {
            let progress = try incoming.consume(bytes)
            if progress.treeBytes > 0 { keepSnapshot(.bytes(incoming.copy(bytes, first: progress.treeBytes))) }
            if let tree = progress.tree {
                self.incoming = nil
                packets?.onRawBytes = nil
                feed(.receivedSnapshot(tree, incoming.zxid))
            } else {
                feed(.receivingSnapshot)
            }
            return progress.used
        } catch {
            end("malformed snapshot: \(error)")
            return bytes.byteCount
        }
    }
}
