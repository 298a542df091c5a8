// A client that writes what it can recognise later, reads it back, and remembers what it was promised.

import Jute
import Replica
import Tree

public final class SimulatedClient {
    let number: Int
    private unowned let cluster: SimulatedCluster
    private var random: SeededRandom
    private var connection: SimulatedClientConnection?
    private var server: SimulatedServer?
    private(set) var session = SessionID.none
    private var lastZxid = Zxid.zero
    private var lastXid: Int32 = 0
    private var value = 0
    private var connectionCount: UInt64 = 0
    /// The zxid at which each watch of this connection was set; a second watch of a path adds nothing to the first.
    private var watched: [UString: Zxid] = [:]
    /// Writes answered after the faults ended.
    public private(set) var calmWrites = 0
    private var isCalm = false
    private var isResting = false

    init(number: Int, cluster: SimulatedCluster, random: SeededRandom) {
        self.number = number
        self.cluster = cluster
        self.random = random
    }

    func start() {
        act()
        ping()
    }

    func calmDown() { isCalm = true }

    /// Writes no more, so that everything under way can end.
    func rest() { isResting = true }

    private var checkers: Checkers { cluster.checkers }

    // MARK: Connecting

    private func connect() {
        let ids = cluster.serverIDs
        guard let server = cluster.servers[ids.randomElement(using: &random)!], server.isUp else { return }
        connectionCount += 1
        let id = ClientID(rawValue: UInt64(number) << 32 | connectionCount)
        self.server = server
        watched = [:]
        connection = server.port.connect(self, id: id, session: session, lastZxid: lastZxid)
        guard let connection else { return }
        // A connection that gets no answer is given up.
        cluster.schedule.after(1_500) { [self] in
            if self.connection === connection, !connection.isReady { leave(connection) }
        }
    }

    private func leave(_ connection: SimulatedClientConnection) {
        let port = server?.port
        self.connection = nil
        port?.close(connection)
    }

    func sessionOpened(_ connection: SimulatedClientConnection, timeoutMs: Int32, at zxid: Zxid) {
        session = connection.session
        saw(zxid, on: connection)
    }

    func sessionExpired(_ connection: SimulatedClientConnection, isUnknown: Bool) {
        checkers.told(number, thatEnded: session, isUnknown: isUnknown, cluster)
        self.connection = nil
        session = .none
    }

    func connectionLost(_ connection: SimulatedClientConnection) {
        if self.connection === connection { self.connection = nil }
    }

    private func saw(_ zxid: Zxid, on connection: SimulatedClientConnection) {
        if zxid < lastZxid { cluster.fail("client \(number) saw \(zxid) after \(lastZxid)") }
        lastZxid = zxid
        checkWatches(upTo: zxid)
    }

    /// Every change of a watched path up to `zxid` must have been told.
    func checkWatches(upTo zxid: Zxid) {
        guard connection != nil else { return }
        for (path, since) in watched {
            checkers.checkTold(of: path, since: since, upTo: zxid, by: number, cluster)
        }
    }

    // MARK: Acting

    private func act() {
        if isResting { return }
        defer { cluster.schedule.after(random.ms(5...120)) { [self] in act() } }
        guard let connection, let server else { return connect() }
        guard connection.isReady, connection.queue.count < 4 else { return }
        if !isCalm, random.oneIn(60) { return leave(connection) }
        lastXid += 1
        let xid = Xid(lastXid)
        if random.oneIn(150) {
            server.port.receive(SimulatedRequest(xid: xid, kind: .write(.closeSession, body: [])), on: connection)
        } else if random.oneIn(12) {
            server.port.receive(SimulatedRequest(xid: xid, kind: .sync), on: connection)
        } else if random.oneIn(3) {
            server.port.receive(
                SimulatedRequest(xid: xid, kind: .read(randomPath(), watch: random.oneIn(2))), on: connection)
        } else {
            server.port.receive(SimulatedRequest(xid: xid, kind: randomWrite()), on: connection)
        }
    }

    private func ping() {
        cluster.schedule.after(random.ms(300...600)) { [self] in
            if let connection, let server { server.port.ping(connection) }
            ping()
        }
    }

    private func randomPath() -> UString { UString("/n\(Int.random(in: 0..<8, using: &random))") }

    private func randomWrite() -> SimulatedRequest.Kind {
        value += 1
        let data = Array("\(number):\(value)".utf8)
        let path = randomPath()
        switch Int.random(in: 0..<8, using: &random) {
        case 0...2:
            return .write(.create, body: CreateRequest(path: path, data: data, acl: [.openUnsafe], flags: 0).encoded())
        case 3, 4:
            return .write(.setData, body: SetDataRequest(path: path, data: data, version: -1).encoded())
        case 5:
            return .write(.delete, body: DeleteRequest(path: path, version: -1).encoded())
        case 6:
            let path = UString("/e\(number)-")
            let create = CreateRequest(path: path, data: data, acl: [.openUnsafe], flags: 3).encoded()
            // In a multi what a local session asks for reaches the leader even if it is refused.
            guard cluster.scenario.sessions != .global, random.oneIn(2) else { return .write(.create2, body: create) }
            let header = MultiHeader(type: OpCode.create2.rawValue, done: false, err: ErrorCode(-1)).encoded()
            return .write(.multi, body: header + create + MultiHeader.end.encoded())
        default:
            let path = UString("/s-")
            return .write(.create, body: CreateRequest(path: path, data: data, acl: [.openUnsafe], flags: 2).encoded())
        }
    }

    // MARK: Answers

    func written(
        _ connection: SimulatedClientConnection, _ request: SimulatedRequest, record: TxnRecord, error: ErrorCode
    ) {
        guard self.connection === connection else { return }
        saw(record.zxid, on: connection)
        checkers.acknowledged(record, by: number, cluster)
        if isCalm { calmWrites += 1 }
        if case .write(.closeSession, _) = request.kind, error == .ok { sessionClosed(connection) }
    }

    func sessionClosed(_ connection: SimulatedClientConnection) {
        guard self.connection === connection else { return }
        session = .none
        self.connection = nil
    }

    func answered(_ connection: SimulatedClientConnection, _ request: SimulatedRequest, zxid: Zxid) {
        guard self.connection === connection else { return }
        saw(zxid, on: connection)
    }

    func watchFired(_ connection: SimulatedClientConnection, _ change: TreeChange) {
        guard self.connection === connection else { return }
        guard let since = watched.removeValue(forKey: change.path) else {
            return cluster.fail("client \(number) got an event for \(change.path) that it does not watch")
        }
        if change.zxid <= since {
            cluster.fail("client \(number) got the event of \(change.zxid), watched since \(since)")
        }
    }

    func readDone(
        _ connection: SimulatedClientConnection, _ request: SimulatedRequest, path: UString, data: [UInt8]?,
        exists: Bool,
        zxid: Zxid, watch: Bool
    ) {
        guard self.connection === connection else { return }
        saw(zxid, on: connection)
        if watch, watched[path] == nil { watched[path] = zxid }
        checkers.read(path, data: data, zxid: zxid, by: number, cluster)
    }
}
