// The client port of a simulated server: sessions, order within a connection, reads from the local tree, watches.

import Jute
import Replica
import Tree

/// One client's connection to one server.
final class SimulatedClientConnection {
    let id: ClientID
    unowned let client: SimulatedClient
    var session = SessionID.none
    var isReady = false
    /// Requests without an answer, in order. Reads wait for the writes before them.
    var queue: [SimulatedRequest] = []
    /// Paths watched for a change of data, deletion or creation.
    var watches: Set<UString> = []

    init(id: ClientID, client: SimulatedClient) {
        self.id = id
        self.client = client
    }

    /// The end of its session waits for its turn among the answers.
    var isAnsweredEarly: Bool { queue.contains { if case .closed? = $0.earlyAnswer { true } else { false } } }
}

struct SimulatedRequest {
    enum Kind {
        case write(OpCode, body: [UInt8])
        case read(UString, watch: Bool)
        case sync
    }
    let xid: Xid
    let kind: Kind
    /// Handed to the replica, the outcome is on its way.
    var isForwarded = false
    /// Answered before what stands in front of it.
    var earlyAnswer: ClientAnswer?
}

final class SimulatedClientPort {
    private unowned let server: SimulatedServer
    private var connections: [ClientID: SimulatedClientConnection] = [:]
    private var isServing = false
    /// Sessions begun as local ones in this role that have not ended.
    private var opened: Set<SessionID> = []
    private var touched: [SessionID: Int32] = [:]
    static let timeoutMs: Int32 = 2_000

    init(server: SimulatedServer) { self.server = server }

    // MARK: The server's side

    func startServing() {
        isServing = true
        sendTouches(server.life)
    }

    func stopServing() {
        isServing = false
        dropAll()
    }

    func treeReplaced() {
        if !connections.isEmpty { server.cluster.fail("server \(server.id) took another tree while it had clients") }
    }

    func serverCrashed() {
        isServing = false
        dropAll()
    }

    private func dropAll() {
        opened = []
        let dropped = connections.values.sorted { $0.id.rawValue < $1.id.rawValue }
        connections = [:]
        for connection in dropped { connection.client.connectionLost(connection) }
    }

    private func sendTouches(_ life: Int) {
        server.later(SimulatedCluster.tickTimeMs / 2) { [self] in
            guard isServing, life == server.life else { return }
            let batch = touched.sorted { $0.key < $1.key }.map { (session: $0.key, timeoutMs: $0.value) }
            touched = [:]
            if !batch.isEmpty { server.feed(.client(.touched(batch))) }
            sendTouches(life)
        }
    }

    func applied(_ applied: AppliedTxn, record: TxnRecord, origin: Origin?) {
        for change in applied.changes { fire(change) }
        if let closed = applied.closedSession { sessionEnded(closed, but: origin?.client) }
        guard let origin, let connection = connections[origin.client] else { return }
        if origin.opCode == .createSession {
            connection.session = origin.session
            connection.isReady = true
            connection.client.sessionOpened(connection, timeoutMs: Self.timeoutMs, at: record.zxid)
            return
        }
        guard let head = connection.queue.first, head.xid == origin.xid else {
            return server.cluster.fail("the outcome of \(origin.xid) is not next for its client")
        }
        connection.queue.removeFirst()
        let error = applied.result.error
        if error == .sessionMoved { return drop(connection) }
        connection.client.written(connection, head, record: record, error: error)
        if origin.opCode == .closeSession { drop(connection) } else { proceed(connection) }
    }

    /// Its connections end, but for the one that is yet to be told.
    func sessionEnded(_ session: SessionID, but client: ClientID? = nil) {
        opened.remove(session)
        for connection in sorted
        where connection.session == session && connection.id != client && !connection.isAnsweredEarly {
            drop(connection)
        }
    }

    private func fire(_ change: TreeChange) {
        switch change.kind {
        case .created, .deleted, .dataChanged:
            for connection in sorted where connection.watches.remove(change.path) != nil {
                connection.client.watchFired(connection, change)
            }
        case .childrenChanged: break
        }
    }

    func answer(_ client: ClientID, _ answer: ClientAnswer) {
        guard let connection = connections[client] else { return }
        switch answer {
        case .synced(let xid):
            guard let head = connection.queue.first, head.xid == xid else {
                return server.cluster.fail("the answer to \(xid) is not next for its client")
            }
            connection.queue.removeFirst()
            connection.client.answered(connection, head, zxid: server.tree!.lastProcessedZxid)
            proceed(connection)
        case .refused(let xid, _), .closed(let xid):
            guard let index = connection.queue.firstIndex(where: { $0.xid == xid }) else {
                return server.cluster.fail("an answer to \(xid), which its client did not ask")
            }
            connection.queue[index].earlyAnswer = answer
            proceed(connection)
        case .opened(let session, let timeoutMs), .reattached(let session, let timeoutMs):
            if case .opened = answer { opened.insert(session) }
            if server.cluster.scenario.sessions == .local, session.rawValue >> 56 != server.id.rawValue {
                return server.cluster.fail("server \(server.id) took up \(session), another's local session")
            }
            connection.session = session
            connection.isReady = true
            connection.client.sessionOpened(connection, timeoutMs: timeoutMs, at: server.tree!.lastProcessedZxid)
        case .sessionInvalid:
            connections[client] = nil
            connection.client.sessionExpired(connection, isUnknown: !opened.contains(connection.client.session))
        case .outcomeUnknown: drop(connection)
        }
    }

    private func drop(_ connection: SimulatedClientConnection) {
        guard connections.removeValue(forKey: connection.id) != nil else { return }
        server.feed(.client(.disconnected(connection.id)))
        connection.client.connectionLost(connection)
    }

    private var sorted: [SimulatedClientConnection] { connections.values.sorted { $0.id.rawValue < $1.id.rawValue } }

    // MARK: The clients' side

    /// Accepts a connection, or does not.
    func connect(_ client: SimulatedClient, id: ClientID, session: SessionID, lastZxid: Zxid)
        -> SimulatedClientConnection?
    {
        guard isServing, let tree = server.tree, lastZxid <= tree.lastProcessedZxid else { return nil }
        let connection = SimulatedClientConnection(id: id, client: client)
        connections[id] = connection
        if session == .none {
            server.feed(.client(.openSession(id, timeoutMs: Self.timeoutMs)))
        } else {
            for old in sorted where old.session == session && old.id != id { drop(old) }
            server.feed(.client(.reattachSession(id, session, timeoutMs: Self.timeoutMs)))
        }
        return connection
    }

    func receive(_ request: SimulatedRequest, on connection: SimulatedClientConnection) {
        guard connections[connection.id] === connection, connection.isReady else { return }
        touch(connection)
        connection.queue.append(request)
        proceed(connection)
    }

    func ping(_ connection: SimulatedClientConnection) {
        if connections[connection.id] === connection, connection.isReady { touch(connection) }
    }

    private func touch(_ connection: SimulatedClientConnection) {
        touched[connection.session] = Self.timeoutMs
        server.cluster.checkers.heard(connection.session, atMs: server.cluster.schedule.nowMs)
    }

    func close(_ connection: SimulatedClientConnection) {
        if connections.removeValue(forKey: connection.id) != nil {
            server.feed(.client(.disconnected(connection.id)))
        }
    }

    /// Serves the reads at the front, tells answers that have come early, and forwards the writes that no read stands
    /// before.
    private func proceed(_ connection: SimulatedClientConnection) {
        while let head = connection.queue.first, isServing {
            if case .read(let path, let watch) = head.kind {
                connection.queue.removeFirst()
                read(path, watch: watch, head, connection)
            } else if let answer = head.earlyAnswer {
                connection.queue.removeFirst()
                let zxid = server.tree!.lastProcessedZxid
                connection.client.answered(connection, head, zxid: zxid)
                if case .closed = answer {
                    connection.client.sessionClosed(connection)
                    return drop(connection)
                }
            } else {
                break
            }
        }
        for index in connection.queue.indices {
            guard connections[connection.id] === connection, index < connection.queue.count else { return }
            let request = connection.queue[index]
            if case .read = request.kind { break }
            if request.isForwarded { continue }
            connection.queue[index].isForwarded = true
            let opCode: OpCode
            let body: [UInt8]
            switch request.kind {
            case .write(let code, let bytes): (opCode, body) = (code, bytes)
            case .sync: (opCode, body) = (.sync, SyncRequest(path: "/").encoded())
            case .read: preconditionFailure("reads are not forwarded")
            }
            let write = WriteRequest(
                session: connection.session, cxid: request.xid, opCode: opCode.rawValue, body: body, identities: [])
            server.feed(.client(.request(connection.id, write)))
        }
    }

    private func read(
        _ path: UString, watch: Bool, _ request: SimulatedRequest, _ connection: SimulatedClientConnection
    ) {
        guard let tree = server.tree else { return }
        let node = tree.node(at: path)
        if watch { connection.watches.insert(path) }
        connection.client.readDone(
            connection, request, path: path, data: node.flatMap { tree.data(of: $0) }, exists: node != nil,
            zxid: tree.lastProcessedZxid, watch: watch)
    }
}
