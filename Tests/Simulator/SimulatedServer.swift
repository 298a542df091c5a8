// One server of a simulated ensemble: the production replica over a faulty disk, network and clock.

public import Jute
public import Replica
import Tree
import Zab

/// Performs a replica's actions in virtual time, as the real loop does in real time, and dies on command.
public final class SimulatedServer {
    public let id: ServerID
    unowned let cluster: SimulatedCluster
    /// What survives a crash.
    let store: SimulatedStore
    /// Counts restarts: what was scheduled for an earlier life finds nobody.
    private(set) var life = 0
    public private(set) var replica: Replica?
    private(set) var service: Service?
    /// The history in memory: what `replica.tree` holds.
    private(set) var history: [HistoryEntry] = []
    /// What the disk holds, as far as it has said so.
    var account = LogAccount()
    var port: SimulatedClientPort!

    private var inputs: [Input] = []
    private var isFeeding = false
    private var connection: SimulatedConnection?
    private var isQuorumPortOpen = false
    /// Deaf, dumb and motionless until then (SIGSTOP).
    private var pausedUntilMs: Int64 = 0
    private let clockDriftPerMille: Int64
    private let clockOffsetMs: Int64

    /// The disk's queue and what it is doing, for SimulatedServer+Disk.swift.
    var disk = DiskState()
    /// The snapshot that arrived from the leader, until it is installed.
    var arrivingSnapshot: ArrivingSnapshot?
    private var snapshotBytes: [UInt8] = []
    init(id: ServerID, cluster: SimulatedCluster, store: SimulatedStore, drift: Int64, offset: Int64) {
        self.id = id
        self.cluster = cluster
        self.store = store
        self.clockDriftPerMille = drift
        self.clockOffsetMs = offset
        self.port = SimulatedClientPort(server: self)
    }

    public var isUp: Bool { replica != nil }
    var tree: DataTree? { replica?.tree }
    private var isPaused: Bool { cluster.schedule.nowMs < pausedUntilMs }

    private static let wallBeganMs: Int64 = 1_700_000_000_000

    /// This server's clock: it runs a little fast or slow, and its civil time is its own.
    var now: Moment {
        let elapsed = cluster.schedule.nowMs
        return Moment(
            monotonicMs: elapsed + elapsed * clockDriftPerMille / 1000,
            wallMs: Self.wallBeganMs + elapsed + clockOffsetMs)
    }

    /// The virtual time at which this server's civil time was that.
    func elapsedMs(atWallMs wallMs: Int64) -> Int64 { wallMs - Self.wallBeganMs - clockOffsetMs }

    // MARK: Life and death

    func start() {
        precondition(replica == nil)
        life += 1
        let recovered: RecoveredState
        do {
            recovered = try store.recover()
        } catch {
            return cluster.fail("server \(id) cannot recover: \(error)")
        }
        let end = recovered.tree.lastProcessedZxid
        switch account.recover(endingAt: end, epoch: recovered.currentEpoch, accepted: recovered.acceptedEpoch) {
        case .success(let held): history = held
        case .failure(let wrong): return cluster.fail("server \(id) \(wrong.text)")
        }
        let replica = Replica(configuration: cluster.configuration(of: id), recovered: recovered, at: now)
        self.replica = replica
        perform { $0.start(at: $1) }
        tick(life)
    }

    /// Power loss: memory is gone, the disk keeps what was synced and perhaps more.
    func crash() {
        guard replica != nil else { return }
        replica = nil
        service = nil
        inputs = []
        disk = DiskState()
        isQuorumPortOpen = false
        arrivingSnapshot = nil
        connection?.isOpen = false
        connection = nil
        port.serverCrashed()
        store.crash()
        cluster.connectionsBroken(of: id)
    }

    func pause(forMs duration: Int64) { pausedUntilMs = cluster.schedule.nowMs + duration }

    func slowDisk(forMs duration: Int64) { disk.slowUntilMs = cluster.schedule.nowMs + duration }

    private func tick(_ life: Int) {
        guard life == self.life, replica != nil else { return }
        if !isPaused { feed(.ticked) }
        cluster.schedule.after(ReplicaConfiguration.tickResolutionMs) { [self] in tick(life) }
    }

    /// Does something in this life only, and not before a pause is over.
    func later(_ delayMs: Int64, _ body: @escaping () -> Void) {
        let life = life
        cluster.schedule.after(delayMs) { [self] in whenAwake(life, body) }
    }

    private func whenAwake(_ life: Int, _ body: @escaping () -> Void) {
        guard life == self.life, replica != nil else { return }
        if isPaused {
            cluster.schedule.after(pausedUntilMs - cluster.schedule.nowMs) { [self] in whenAwake(life, body) }
        } else {
            body()
        }
    }

    // MARK: Inputs and actions

    func feed(_ input: Input) {
        guard replica != nil else { return }
        inputs.append(input)
        if isFeeding { return }
        isFeeding = true
        while !inputs.isEmpty, replica != nil {
            let input = inputs.removeFirst()
            if case .leader? = service { cluster.checkers.received(input, by: self) }
            for action in replica!.receive(input, at: now) where replica != nil { perform(action) }
        }
        isFeeding = false
    }

    private func perform(_ decide: (inout Replica, Moment) -> [Action]) {
        isFeeding = true
        for action in decide(&replica!, now) { perform(action) }
        isFeeding = false
    }

    private func perform(_ action: Action) {
        switch action {
        case .sendNotification(let notification, let recipient):
            cluster.sendNotification(notification, from: self, to: recipient)
        case .openQuorumPort: isQuorumPortOpen = true
        case .closeQuorumPort:
            isQuorumPortOpen = false
            cluster.closeLearnerConnections(of: self)
        case .send(let packet, let links):
            for link in links { cluster.sendDown(.packet(packet), on: link, from: self) }
        case .sendSnapshot(let link): cluster.streamSnapshot(from: self, on: link)
        case .disconnectLearner(let link, _): cluster.closeConnection(link, by: self)
        case .connectToLeader(let leader): cluster.connect(self, to: leader)
        case .sendToLeader(let packet): if let connection { cluster.sendUp(packet, on: connection) }
        case .disconnectFromLeader:
            if let connection { cluster.closeConnection(connection, by: self) }
            connection = nil
            arrivingSnapshot = nil
        case .abandonOwnSnapshot: store.abandonSnapshot()
        case .persist(let operation, let ticket, let isAwaited): enqueue(operation, ticket, isAwaited: isAwaited)
        case .apply(let record, let origin): apply(record, origin)
        case .adoptTree(let tree): adopt(tree)
        case .answer(let client, let answer): port.answer(client, answer)
        case .endLocalSession(let session): port.sessionEnded(session)
        case .startServing(let service): startServing(service)
        case .stopServing:
            service = nil
            port.stopServing()
        case .log(let transition): cluster.note(self, transition)
        case .halt(let reason): cluster.fail("server \(id) halted: \(reason)")
        }
    }

    // MARK: Tree

    private func apply(_ record: TxnRecord, _ origin: Origin?) {
        let tree = replica!.tree
        history.append(.next(after: history.last, zxid: record.zxid, payload: record.encoded()))
        let applied = tree.apply(record)
        if applied.digestMismatch { cluster.fail("server \(id): digest mismatch at \(record.zxid)") }
        if service != nil { cluster.checkers.appliedInService(self, record) }
        port.applied(applied, record: record, origin: origin)
    }

    private func adopt(_ tree: DataTree) {
        port.treeReplaced()
        store.abandonSnapshot()
        if let snapshot = arrivingSnapshot, snapshot.zxid == tree.lastProcessedZxid {
            history = snapshot.history
        } else if let held = history.prefix(through: tree.lastProcessedZxid) {
            history = held
        } else {
            cluster.fail("server \(id) truncated to \(tree.lastProcessedZxid), not in its history")
        }
    }

    private func startServing(_ service: Service) {
        self.service = service
        cluster.checkers.startedServing(self, service)
        port.startServing()
        cluster.serviceBegan(self, service)
    }

    // MARK: Network

    var acceptsLearners: Bool { isUp && isQuorumPortOpen && !isPaused }

    func connected(_ connection: SimulatedConnection) {
        self.connection = connection
        feed(.connectedToLeader)
    }

    func connectionFailed() { feed(.disconnectedFromLeader("cannot connect")) }

    func leaderConnectionBroke(_ connection: SimulatedConnection) {
        guard self.connection === connection else { return }
        self.connection = nil
        feed(.disconnectedFromLeader("connection broke"))
    }

    func receive(_ message: Downstream, on connection: SimulatedConnection) {
        guard self.connection === connection else { return }
        switch message {
        case .packet(let packet):
            if packet.type == PacketType.snap.rawValue { snapshotBytes = [] }
            feed(.receivedFromLeader(packet))
        case .snapshotSlice(let bytes):
            snapshotBytes += bytes
            feed(.receivingSnapshot)
        case .snapshotEnd(let zxid, let history):
            let bytes = snapshotBytes
            snapshotBytes = []
            do {
                let tree = try SimulatedStore.load(snapshot: bytes, zxid: zxid)
                guard let held = history.prefix(through: zxid) else {
                    return cluster.fail("a snapshot of \(zxid) of a history without it")
                }
                arrivingSnapshot = (bytes, zxid, held)
                feed(.receivedSnapshot(tree, zxid))
            } catch {
                cluster.fail("server \(id) cannot read the snapshot of \(zxid): \(error)")
            }
        }
    }
}
