// Listener and connector over loopback.
import Glibc
import Libevent
import Testing

@Suite struct ConnectionTests {
    @Test func largeDataEchoesThroughPartialWrites() throws {
        let loop = EventLoop()
        var servers: [Stream] = []
        let listener = try Listener(on: loop, host: "127.0.0.1", port: 0) { fd, peer in
            #expect(peer.hostText == "127.0.0.1")
            #expect(Socket.peerAddress(fd) == peer)
            let server = Stream(on: loop, fd: fd)
            server.onBytes = { [unowned server] bytes in
                server.write(bytes)
                return bytes.byteCount
            }
            server.start()
            servers.append(server)
        }
        #expect(listener.address.port != 0)
        let connector = Connector(on: loop, resolver: Resolver())
        let sent = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        var received: [UInt8] = []
        var client: Stream?
        connector.connect(host: "localhost", port: listener.address.port, timeoutMs: 10_000) { result in
            guard case .success(let fd) = result else {
                Issue.record("\(result)")
                return
            }
            client = Stream(on: loop, fd: fd)
            client?.onBytes = { bytes in
                received += array(bytes)
                return bytes.byteCount
            }
            client?.start()
            client?.write(sent)
        }
        loop.turn { received.count >= sent.count }
        let same = received == sent
        #expect(same)
        client?.close()
        loop.turn { servers[0].isClosed }
    }

    @Test func everyAddressMeansBothFamilies() throws {
        let loop = EventLoop()
        var accepted = 0
        let listener = try Listener(on: loop, host: nil, port: 0) { fd, peer in
            #expect(peer.hostText == "127.0.0.1")
            accepted += 1
            Socket.close(fd)
        }
        let connector = Connector(on: loop, resolver: Resolver())
        let local = SocketAddress.loopback(port: 0)
        connector.connect(host: "127.0.0.1", port: listener.address.port, timeoutMs: 10_000, from: local) { result in
            if case .success(let fd) = result { Socket.close(fd) } else { Issue.record("\(result)") }
        }
        loop.turn { accepted == 1 }
    }

    @Test func aPausedListenerLeavesConnectionsWaiting() throws {
        let loop = EventLoop()
        var accepted = 0
        let listener = try Listener(on: loop, host: "127.0.0.1", port: 0) { fd, _ in
            accepted += 1
            Socket.close(fd)
        }
        listener.pause()
        let connector = Connector(on: loop, resolver: Resolver())
        var connected = false
        connector.connect(host: "127.0.0.1", port: listener.address.port, timeoutMs: 10_000) { result in
            if case .success(let fd) = result { Socket.close(fd) }
            connected = true
        }
        loop.turn { connected }
        loop.turn(wait: false)
        #expect(accepted == 0)
        listener.resume()
        loop.turn { accepted == 1 }
        listener.close()
        listener.close()
        listener.resume()
    }

    @Test func aTakenPortIsNamed() throws {
        let loop = EventLoop()
        let first = try Listener(on: loop, host: "127.0.0.1", port: 0) { _, _ in }
        let taken = SocketError(.bind, first.address.description, code: EADDRINUSE)
        #expect(throws: taken) {
            _ = try Listener(on: loop, host: "127.0.0.1", port: first.address.port) { _, _ in }
        }
        #expect(taken.description.hasSuffix("Address already in use"))
    }

    @Test func aRefusedConnectSaysSo() throws {
        let loop = EventLoop()
        let listener = try Listener(on: loop, host: "127.0.0.1", port: 0) { _, _ in }
        let port = listener.address.port
        listener.close()
        let connector = Connector(on: loop, resolver: Resolver())
        var outcome: Result<Int32, SocketError>?
        connector.connect(host: "127.0.0.1", port: port, timeoutMs: 10_000) { outcome = $0 }
        #expect(outcome == nil)
        loop.turn { outcome != nil }
        #expect(outcome == .failure(SocketError(.connect, "127.0.0.1:\(port)", code: ECONNREFUSED)))
    }

    @Test func anUnansweredConnectTimesOut() throws {
        let loop = EventLoop()
        var options = Listener.Options()
        options.backlog = 1
        let listener = try Listener(on: loop, host: "127.0.0.1", port: 0, options: options) { fd, _ in
            Socket.close(fd)
        }
        // With the backlog full and nobody accepting, the kernel drops further handshakes.
        listener.pause()
        let connector = Connector(on: loop, resolver: Resolver())
        var outcomes: [Result<Int32, SocketError>] = []
        for _ in 0..<6 {
            connector.connect(host: "127.0.0.1", port: listener.address.port, timeoutMs: 300) { outcomes.append($0) }
        }
        loop.turn { outcomes.count == 6 }
        let late = SocketError(.connect, listener.address.description, code: ETIMEDOUT)
        #expect(outcomes.contains(.failure(late)))
        for case .success(let fd) in outcomes { Socket.close(fd) }
    }

    @Test func aCancelledConnectIsSilent() throws {
        let loop = EventLoop()
        let listener = try Listener(on: loop, host: "127.0.0.1", port: 0) { fd, _ in Socket.close(fd) }
        let connector = Connector(on: loop, resolver: Resolver())
        let attempt = connector.connect(host: "127.0.0.1", port: listener.address.port, timeoutMs: 1) { _ in
            Issue.record("cancelled attempts do not complete")
        }
        attempt.cancel()
        var ended = false
        connector.connect(host: "no such host", port: 1, timeoutMs: 10_000) { result in
            guard case .failure(let error) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(error.operation == .resolve)
            ended = true
        }
        loop.turn { ended }
    }
}
