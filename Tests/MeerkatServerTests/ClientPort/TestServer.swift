// A client port over a fake replica, and a client that speaks bytes.
import Glibc
import Jute
import Libevent
import MeerkatServer
import Replica
import Tree

enum Pause {
    static func milliseconds(_ ms: Int64) { usleep(UInt32(ms) * 1000) }
}

/// Everything a client could talk to, on a free loopback port.
final class TestServer {
    let replica: FakeReplica
    let port: ClientPort

    init(
        _ options: FakeReplica.Options = FakeReplica.Options(), terms change: (inout ClientTerms) -> Void = { _ in }
    ) throws {
        var terms = ClientTerms()
        terms.tickTimeMs = Int64(options.tickTimeMs)
        terms.sessionTimeouts = SessionTimeouts(tickTime: options.tickTimeMs)
        terms.rules = options.rules
        terms.words = FourLetterWhitelist("*")
        change(&terms)
        replica = FakeReplica(options)
        let desk = WordDesk(whitelist: terms.words) { _, deliver in deliver(ServerReport()) }
        port = try ClientPort(
            host: "127.0.0.1", port: 0, terms: terms, published: replica.published, inbox: replica, desk: desk)
        desk.attach(port)
    }

    deinit {
        port.stop()
        replica.stop()
    }

    func connect() -> RawClient { RawClient(port: port.address.port) }

    /// A client with a session of its own.
    func session(timeoutMs: Int32 = 10_000) -> RawClient {
        let client = connect()
        client.send(
            ConnectRequest(
                protocolVersion: 0, lastZxidSeen: .zero, timeOut: timeoutMs, sessionId: .none,
                passwd: [UInt8](repeating: 0, count: 16), readOnly: false
            ).framed())
        let answer = client.receive()
        guard case .frame(let payload) = answer, let response = try? ConnectResponse(decoding: payload) else {
            preconditionFailure("no session: \(answer)")
        }
        client.session = response.sessionId
        client.password = response.passwd ?? []
        return client
    }
}

/// A blocking connection. Waits at most ten seconds for anything.
final class RawClient {
    enum Received: Equatable {
        case frame([UInt8])
        case closed
        case nothing
    }

    private let fd: Int32
    private var buffer: [UInt8] = []
    var session = SessionID.none
    var password: [UInt8] = []
    private var lastXid: Int32 = 0

    init(port: UInt16) {
        fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(result == 0, "connect: errno \(errno)")
        Socket.setNoDelay(fd)
    }

    deinit { Glibc.close(fd) }

    func send(_ bytes: [UInt8]) {
        var offset = 0
        while offset < bytes.count {
            let sent = bytes[offset...].withUnsafeBytes { rest in
                Glibc.send(fd, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            // The server may have closed already; the test sees that when it reads.
            if sent <= 0 { return }
            offset += sent
        }
    }

    func shutdown() { _ = Glibc.shutdown(fd, Int32(SHUT_WR)) }

    /// The next frame's payload.
    func receive(timeoutMs: Int32 = 10_000) -> Received {
        while true {
            if buffer.count >= 4 {
                let length = buffer[0..<4].reduce(0) { $0 << 8 | Int($1) }
                if buffer.count >= 4 + length {
                    defer { buffer.removeFirst(4 + length) }
                    return .frame(Array(buffer[4..<4 + length]))
                }
            }
            if let end = fill(timeoutMs) { return end }
        }
    }

    /// Everything until the server closes.
    func receiveText() -> [UInt8] {
        while fill(10_000) == nil {}
        defer { buffer = [] }
        return buffer
    }

    private func fill(_ timeoutMs: Int32) -> Received? {
        var descriptor = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, timeoutMs) > 0 else { return .nothing }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(fd, &chunk, chunk.count, 0)
        guard count > 0 else { return .closed }
        buffer += chunk[0..<count]
        return nil
    }

    // MARK: Requests

    static func frame(_ xid: Int32, _ opCode: Int32, _ body: [UInt8]) -> [UInt8] {
        var encoder = JuteEncoder()
        encoder.write(Int32(8 + body.count))
        encoder.write(xid)
        encoder.write(opCode)
        encoder.writeRaw(body)
        return encoder.bytes
    }

    @discardableResult func request(_ opCode: OpCode, _ body: [UInt8] = []) -> Int32 {
        lastXid += 1
        send(Self.frame(lastXid, opCode.rawValue, body))
        return lastXid
    }

    struct Reply {
        var header: ReplyHeader
        var body: [UInt8]
    }

    func reply(timeoutMs: Int32 = 10_000) -> Reply? {
        guard case .frame(let payload) = receive(timeoutMs: timeoutMs) else { return nil }
        guard let header = try? ReplyHeader(decoding: payload) else { return nil }
        return Reply(header: header, body: Array(payload.dropFirst(ReplyHeader.encodedSize)))
    }

    func call(_ opCode: OpCode, _ body: [UInt8] = []) -> Reply? {
        request(opCode, body)
        return reply()
    }
}
