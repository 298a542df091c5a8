// A client port end to end, over loopback and a fake replica.
import Jute
import MeerkatServer
import Replica
import Testing
import Tree

struct ClientPortTests {
    private func create(_ path: UString, _ data: [UInt8] = [1, 2, 3], flags: Int32 = 0) -> [UInt8] {
        CreateRequest(path: path, data: data, acl: [.openUnsafe], flags: flags).encoded()
    }

    @Test func servesASession() throws {
        let server = try TestServer()
        let client = server.session()
        #expect(client.session != .none)
        #expect(client.password == SessionPassword.bytes(for: client.session))

        let ping = try #require(client.call(.ping))
        #expect(ping.header.xid == .ping && ping.header.err == .ok)
        let created = try #require(client.call(.create, create("/rec/a")))
        #expect(created.header.err == .ok)
        #expect(try CreateResponse(decoding: created.body).path == "/rec/a")
        let read = try #require(client.call(.getData, GetDataRequest(path: "/rec/a", watch: false).encoded()))
        #expect(read.header.zxid == created.header.zxid)
        #expect(try GetDataResponse(decoding: read.body).data == [1, 2, 3])
        let closed = try #require(client.call(.closeSession))
        #expect(closed.header.err == .ok)
        #expect(client.receive() == .closed)
    }

    @Test func answersPipelinedRequestsInOrderAndEventsFirst() throws {
        var options = FakeReplica.Options()
        options.delayMs = 2
        let server = try TestServer(options)
        let client = server.session()
        client.request(.exists, ExistsRequest(path: "/rec/x", watch: true).encoded())
        client.request(.create, create("/rec/x"))
        client.request(.getData, GetDataRequest(path: "/rec/x", watch: true).encoded())
        client.request(.setData, SetDataRequest(path: "/rec/x", data: [9], version: -1).encoded())
        client.request(.delete, DeleteRequest(path: "/rec/x", version: 1).encoded())
        client.request(.getData, GetDataRequest(path: "/rec/x", watch: false).encoded())
        client.request(.ping)
        let xids: [Int32] = [1, -1, 2, 3, -1, 4, 5, 6, -2]
        for xid in xids {
            let reply = try #require(client.reply())
            #expect(reply.header.xid.rawValue == xid)
            if xid == 6 { #expect(reply.header.err == .noNode) }
        }
    }

    /// A worker that has answered many lets the next request wait for as many, and then forwards it alone.
    @Test func oneRequestAfterManyAnswersGoesAlone() throws {
        let server = try TestServer { $0.limits.gatheredAnswers = 2 }
        let client = server.session()
        let change = SetDataRequest(path: "/rec", data: [9], version: -1).encoded()
        for _ in 0..<5 {
            for _ in 0..<16 { client.request(.setData, change) }
            for _ in 0..<16 { #expect(try #require(client.reply()).header.err == .ok) }
            let alone = try #require(client.call(.setData, change))
            #expect(alone.header.err == .ok)
        }
    }

    /// A session may come back on another worker as soon as its connection ends: what it has asked for does not wait for
    /// others' requests then, here for an hour.
    @Test func requestsOfAConnectionThatEndsDoNotWait() throws {
        let server = try TestServer {
            $0.limits.gatheredAnswers = 5
            $0.limits.gatherNs = 3_600_000_000_000
        }
        func change(_ byte: UInt8) -> [UInt8] {
            SetDataRequest(path: "/rec", data: [byte], version: -1).encoded()
        }
        for round in 1...3 as ClosedRange<UInt8> {
            let client = server.session()
            // In one piece, so that they are answered together; more than the end of a connection adds to what waits.
            client.send((1...5).flatMap { RawClient.frame($0, OpCode.setData.rawValue, change(0)) })
            for _ in 0..<5 { #expect(try #require(client.reply()).header.err == .ok) }
            client.send(RawClient.frame(6, OpCode.setData.rawValue, change(round)))
            client.shutdown()
            let isThere = (0..<10_000).contains { _ in
                Pause.milliseconds(1)
                return server.replica.history.contains { record in
                    if case .setData(let txn) = record.body { txn.data == [round] } else { false }
                }
            }
            #expect(isThere, "round \(round)")
        }
    }

    /// A change that many watch leaves in slices; whoever asks meanwhile is told first.
    @Test func tellsACrowdInSlices() throws {
        let server = try TestServer { $0.limits.noticeSendsPerTurn = 3 }
        let writer = server.session()
        _ = writer.call(.create, create("/rec/a"))
        let watchers = (0..<40).map { _ in server.session() }
        for watcher in watchers { _ = watcher.call(.getData, GetDataRequest(path: "/rec/a", watch: true).encoded()) }
        _ = writer.call(.setData, SetDataRequest(path: "/rec/a", data: [9], version: -1).encoded())
        for watcher in watchers { watcher.request(.getData, GetDataRequest(path: "/rec/a", watch: false).encoded()) }
        for watcher in watchers {
            let event = try #require(watcher.reply())
            #expect(event.header.xid == .notification)
            let read = try #require(watcher.reply())
            #expect(try GetDataResponse(decoding: read.body).data == [9])
        }
    }

    /// The slot of a connection with many watches is not used again before all of them are forgotten.
    @Test func forgetsWatchesOfClosedConnectionsInSlices() throws {
        var options = FakeReplica.Options()
        options.workers = 1
        let server = try TestServer(options) { $0.limits.watchesForgottenPerTurn = 2 }
        let writer = server.session()
        _ = writer.call(.create, create("/rec/a"))
        for _ in 0..<5 {
            let watcher = server.session()
            for name in 0..<9 {
                _ = watcher.call(.exists, ExistsRequest(path: UString("/rec/\(name)"), watch: true).encoded())
            }
            _ = watcher.call(.getData, GetDataRequest(path: "/rec/a", watch: true).encoded())
            _ = watcher.call(.closeSession)
        }
        let watcher = server.session()
        _ = watcher.call(.setData, SetDataRequest(path: "/rec/a", data: [9], version: -1).encoded())
        let reply = try #require(watcher.call(.exists, ExistsRequest(path: "/rec/a", watch: false).encoded()))
        #expect(reply.header.xid != .notification)
    }

    @Test func answersWordsBeforeTheHandshake() throws {
        let server = try TestServer()
        let client = server.connect()
        client.send(Array("ruok\n".utf8))
        #expect(client.receiveText() == Array("imok".utf8))
        let other = server.connect()
        other.send(Array("isro".utf8))
        other.shutdown()
        #expect(other.receiveText() == Array("rw".utf8))
    }

    @Test func closesTheOlderConnectionOfASessionOnAnyWorker() throws {
        var options = FakeReplica.Options()
        options.workers = 2
        let server = try TestServer(options)
        let first = server.session()
        for _ in 0..<3 {
            let again = server.connect()
            again.send(
                ConnectRequest(
                    protocolVersion: 0, lastZxidSeen: .zero, timeOut: 5000, sessionId: first.session,
                    passwd: first.password, readOnly: nil
                ).framed())
            guard case .frame(let payload) = again.receive() else { throw Failure.noAnswer }
            let response = try ConnectResponse(decoding: payload)
            #expect(response.sessionId == first.session && response.timeOut == 5000 && response.readOnly == nil)
            _ = try #require(again.call(.ping))
        }
        #expect(first.receive() == .closed)
    }

    @Test func dropsClientsWhenServingStops() throws {
        let server = try TestServer()
        let client = server.session()
        server.replica.stopServing()
        #expect(client.receive() == .closed)
        let late = server.connect()
        late.send(
            ConnectRequest(
                protocolVersion: 0, lastZxidSeen: .zero, timeOut: 5000, sessionId: .none, passwd: [], readOnly: false
            ).framed())
        #expect(late.receive() == .closed)
        let probe = server.connect()
        probe.send(Array("isro".utf8))
        #expect(probe.receiveText() == Array("null".utf8))
        server.replica.startServing()
        _ = server.session()
    }

    @Test func aWordWhoseAnswerIsTooLongIsToldSo() throws {
        let server = try TestServer { $0.limits.outputLimitBytes = 100 }
        let probe = server.connect()
        probe.send(Array("mntr".utf8))
        let text = String(decoding: probe.receiveText(), as: UTF8.self)
        #expect(text.hasPrefix("The answer takes ") && text.hasSuffix("this server sends 100 at most.\n"))
    }

    /// Whether a list is made in one turn or in many.
    @Test(arguments: [1, 512]) func gathersTheWorkersPartsForWords(_ listedPerTurn: Int) throws {
        var options = FakeReplica.Options()
        options.workers = 2
        let server = try TestServer(options) { $0.limits.listedPerTurn = listedPerTurn }
        let clients = (0..<3).map { _ in server.session() }
        for client in clients {
            _ = client.call(.getData, GetDataRequest(path: "/rec", watch: true).encoded())
        }
        func answer(_ word: String) -> String {
            let probe = server.connect()
            probe.send(Array(word.utf8))
            return String(decoding: probe.receiveText(), as: UTF8.self)
        }
        #expect(answer("srvr").contains("Connections: 4\n"))
        #expect(answer("wchs") == "3 connections watching 1 paths\nTotal watches:3\n")
        _ = clients[0].call(.exists, ExistsRequest(path: "/other", watch: true).encoded())
        #expect(answer("wchs") == "3 connections watching 2 paths\nTotal watches:4\n")
        let bySession = answer("wchc")
        for client in clients { #expect(bySession.contains("0x\(String(client.session.rawValue, radix: 16))\n\t/")) }
        let byPath = answer("wchp").split(separator: "\n")
        #expect(byPath.first == "/other" && byPath.count == 6)
        #expect(byPath[2] == "/rec" && Set(byPath[3...]).count == 3)
        let dump = answer("dump")
        for client in clients { #expect(dump.contains("0x\(String(client.session.rawValue, radix: 16))")) }
        let connections = answer("cons")
        for client in clients { #expect(connections.contains("sid=\(client.session)")) }
        #expect(connections.contains("lop=GETD"))
        #expect(answer("crst") == "Connection stats reset.\n")
        #expect(answer("gtmk") == "306")
        #expect(answer("stmk\0\0\0\0\0\0\u{1}\0") == "256")
    }

    private enum Failure: Error { case noAnswer }
}
