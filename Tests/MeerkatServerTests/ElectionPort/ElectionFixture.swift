// Election ports on one loop, and a raw peer to annoy them with.

import Glibc
import Jute
import Libevent
import Logging
import MeerkatServer
import Testing

final class ElectionFixture {
    let loop = EventLoop()
    let resolver = Resolver()
    private(set) var ports: [ServerID: ElectionPort] = [:]
    /// What each port received, in order.
    private(set) var received: [ServerID: [(notification: Notification, from: ServerID)]] = [:]
    var onNotification: ((ServerID, Notification, ServerID) -> Void)?
    var bindFailures: [SocketError] = []
    static let log = Logger(label: "election", factory: { _ in SwiftLogNoOpLogHandler() })

    func plan(_ id: Int64, port: UInt16 = 0, peers: [Int64: UInt16] = [:]) -> ElectionPlan {
        var addresses: [ServerID: [ElectionAddress]] = [:]
        for (peer, port) in peers { addresses[ServerID(peer)] = [ElectionAddress(host: "127.0.0.1", port: port)] }
        return ElectionPlan(
            myID: ServerID(id), ownAddress: ElectionAddress(host: "127.0.0.1", port: port), listenHost: "127.0.0.1",
            peers: addresses, resolver: resolver)
    }

    @discardableResult func open(_ plan: ElectionPlan) -> ElectionPort {
        let id = plan.myID
        received[id] = []
        let port = ElectionPort(
            loop: loop, plan: plan, log: Self.log,
            onNotification: { [unowned self] in
                received[id]!.append(($0, $1))
                onNotification?(id, $0, $1)
            },
            onBindFailure: { [unowned self] in bindFailures.append($0) })
        ports[id] = port
        return port
    }

    /// Ports for servers 1...count that know each other.
    func ensemble(_ count: Int64) {
        let free = (1...count).map { _ in freePort() }
        for id in 1...count {
            var peers: [Int64: UInt16] = [:]
            for peer in 1...count where peer != id { peers[peer] = free[Int(peer) - 1] }
            open(plan(id, port: free[Int(id) - 1], peers: peers))
        }
    }

    func freePort() -> UInt16 {
        let listener = try! Listener(on: loop, host: "127.0.0.1", port: 0) { fd, _ in Socket.close(fd) }
        defer { listener.close() }
        return listener.address.port
    }

    subscript(_ id: Int64) -> ElectionPort { ports[ServerID(id)]! }
    func heard(by id: Int64) -> [Notification] { received[ServerID(id)]!.map(\.notification) }

    /// Turns the loop until `done`; fails after ten seconds, which only a broken build takes.
    func turn(until done: () -> Bool, _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation) {
        let end = MonotonicClock.nowMs + 10_000
        let tick = Timer(on: loop) {}
        tick.start(everyMs: 5)
        while !done() {
            if MonotonicClock.nowMs > end {
                Issue.record(what, sourceLocation: sourceLocation)
                return
            }
            loop.turn()
        }
    }

    func close(_ id: Int64) {
        ports.removeValue(forKey: ServerID(id))?.close()
    }
}

/// A peer that says what it is told to.
final class RawPeer {
    private let connector: Connector
    private var stream: Libevent.Stream?
    private(set) var input: [UInt8] = []
    private(set) var isConnected = false
    private(set) var isClosed = false

    init(_ fixture: ElectionFixture, port: UInt16, sending bytes: [UInt8]) {
        connector = Connector(on: fixture.loop, resolver: fixture.resolver)
        connector.connect(host: "127.0.0.1", port: port, timeoutMs: 5000) { [unowned self, loop = fixture.loop] in
            guard case .success(let fd) = $0 else { return isClosed = true }
            adopt(fd, loop)
            stream?.write(bytes)
        }
    }

    private func adopt(_ fd: Int32, _ loop: EventLoop) {
        isConnected = true
        let stream = Libevent.Stream(on: loop, fd: fd)
        stream.onBytes = { [unowned self] bytes in
            bytes.withUnsafeBytes { input += Array($0) }
            return bytes.byteCount
        }
        stream.onClosed = { [unowned self] _ in isClosed = true }
        stream.start()
        self.stream = stream
    }

    func send(_ bytes: [UInt8]) { stream?.write(bytes) }
    func close() { stream?.close() }

    static func greeting(_ sid: Int64, port: UInt16 = 1) -> [UInt8] {
        ElectionGreeting(sid: ServerID(sid), addresses: [ElectionAddress(host: "127.0.0.1", port: port)]).encoded()
    }

    static func frame(_ bytes: [UInt8]) -> [UInt8] {
        var encoder = JuteEncoder()
        encoder.write(Int32(bytes.count))
        encoder.writeRaw(bytes)
        return encoder.bytes
    }
}

func vote(_ leader: Int64, round: Int64 = 1, state: PeerState = .looking) -> Notification {
    Notification(
        state: state, leader: ServerID(leader), zxid: .zero, electionEpoch: round, peerEpoch: Epoch(0),
        config: Array("server.1=127.0.0.1:1:2:participant\nversion=0".utf8))
}
