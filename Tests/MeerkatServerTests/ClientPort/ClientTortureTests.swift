// Bytes in every size of piece, bytes that are wrong, and clients that are slow: others are served, the tree changes
// only by transactions (I14).
import Glibc
import Jute
import MeerkatServer
import Replica
import Testing
import Tree

struct ClientTortureTests {
    /// A conversation whose replies are known.
    private func conversation() -> [UInt8] {
        let big = [UInt8](repeating: 7, count: 100_000)
        let requests: [(OpCode, [UInt8])] = [
            (.create, CreateRequest(path: "/rec/t", data: [1], acl: [.openUnsafe], flags: 0).encoded()),
            (.getData, GetDataRequest(path: "/rec/t", watch: true).encoded()),
            (.ping, []),
            (.setData, SetDataRequest(path: "/rec/t", data: big, version: -1).encoded()),
            (.getData, GetDataRequest(path: "/rec/t", watch: false).encoded()),
            (.whoAmI, []),
            (.delete, DeleteRequest(path: "/rec/t", version: -1).encoded()),
            (.sync, SyncRequest(path: "/").encoded()),
            (.closeSession, []),
        ]
        return requests.enumerated().flatMap { RawClient.frame(Int32($0 + 1), $1.0.rawValue, $1.1) }
    }

    private static let xids: [Int32] = [1, 2, -2, -1, 4, 5, 6, 7, 8, 9]

    @Test(arguments: [1, 3, 1000, 70_000, 1_000_000])
    func framingDoesNotDependOnPieces(_ size: Int) throws {
        let server = try TestServer()
        let client = server.session()
        let bytes = conversation()
        // The last kilobytes byte by byte are enough when pieces are tiny.
        let whole = size < 1000 ? bytes.count - 2000 : 0
        if whole > 0 { client.send(Array(bytes[..<whole])) }
        var offset = whole
        while offset < bytes.count {
            client.send(Array(bytes[offset..<min(offset + size, bytes.count)]))
            offset += size
        }
        for xid in Self.xids {
            let reply = try #require(client.reply())
            #expect(reply.header.xid.rawValue == xid && reply.header.err == .ok)
            if xid == 5 { #expect(try GetDataResponse(decoding: reply.body).data?.count == 100_000) }
        }
        #expect(client.receive() == .closed)
    }

    @Test func servesManyPipelinedReadsInOrder() throws {
        let server = try TestServer()
        let client = server.session()
        var bytes: [UInt8] = []
        let body = ExistsRequest(path: "/rec", watch: false).encoded()
        for xid in 0..<20_000 as Range<Int32> { bytes += RawClient.frame(xid, OpCode.exists.rawValue, body) }
        client.send(bytes)
        for xid in 0..<20_000 as Range<Int32> {
            let reply = try #require(client.reply())
            #expect(reply.header.xid.rawValue == xid)
        }
    }

    /// A small request may name the same large znode many times: its reply is never built.
    @Test func closesAMultiReadThatAsksForTooMuch() throws {
        let server = try TestServer { $0.limits.outputLimitBytes = 200_000 }
        func multiRead(_ count: Int) -> [UInt8] {
            var body = JuteEncoder()
            for _ in 0..<count {
                body.write(MultiHeader(type: OpCode.getData.rawValue, done: false, err: .ok))
                body.write(GetDataRequest(path: "/rec/big", watch: false))
            }
            body.write(MultiHeader.end)
            return RawClient.frame(2, OpCode.multiRead.rawValue, body.bytes)
        }
        let client = server.session()
        let data = [UInt8](repeating: 7, count: 10_000)
        let create = CreateRequest(path: "/rec/big", data: data, acl: [.openUnsafe], flags: 0).encoded()
        client.send(RawClient.frame(1, OpCode.create.rawValue, create))
        #expect(try #require(client.reply()).header.err == .ok)
        client.send(multiRead(10))
        #expect(try #require(client.reply()).body.count > 100_000)
        client.send(multiRead(40))
        #expect(client.receive() == .closed)
        #expect(server.session().call(.ping) != nil)
    }

    @Test func dropsLateGreetings() throws {
        let server = try TestServer { $0.handshakeTimeoutMs = 100 }
        let silent = server.connect()
        let slow = server.connect()
        slow.send([0, 0, 0])
        #expect(silent.receive() == .closed)
        #expect(slow.receive() == .closed)
        #expect(server.session().call(.ping) != nil)
    }

    @Test func closesSilentConnections() throws {
        let server = try TestServer { $0.sessionTimeouts = SessionTimeouts(minimum: 100, maximum: 200) }
        #expect(server.session(timeoutMs: 100).receive() == .closed)
    }

    @Test func mutatedConversationsHarmNobody() throws {
        let server = try TestServer { terms in
            terms.limits.connectionsPerAddress = 0
        }
        let witness = server.session()
        let before = server.replica.inspect { $0.nodeCount }
        var random = SplitMix(state: 11)
        let handshake = ConnectRequest(
            protocolVersion: 0, lastZxidSeen: .zero, timeOut: 4000, sessionId: .none, passwd: [0], readOnly: true
        ).framed()
        for round in 0..<150 {
            let client = round % 3 == 0 ? server.connect() : server.session()
            var bytes = round % 3 == 0 ? handshake + reads() : reads()
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            client.send(bytes)
            client.shutdown()
            while case .frame = client.receive() {}
        }
        #expect(witness.call(.ping)?.header.err == .ok)
        let created = server.replica.history.filter { record in
            switch record.body {
            case .createSession, .closeSession, .error: false
            default: true
            }
        }
        let after = server.replica.inspect { ($0.nodeCount, $0.checkInvariants()) }
        #expect(after.0 == before + created.count && after.1.isEmpty)
    }

    private func reads() -> [UInt8] {
        let lists: [UString] = ["/rec", "/none"]
        let requests: [(Int32, [UInt8])] = [
            (4, GetDataRequest(path: "/rec", watch: true).encoded()),
            (8, GetChildrenRequest(path: "/rec", watch: true).encoded()),
            (3, ExistsRequest(path: "/none", watch: true).encoded()),
            (6, GetACLRequest(path: "/rec").encoded()),
            (
                105,
                SetWatches2(
                    relativeZxid: Zxid(1), dataWatches: lists, existWatches: lists, childWatches: lists,
                    persistentWatches: lists, persistentRecursiveWatches: lists
                ).encoded()
            ),
            (106, AddWatchRequest(path: "/rec", mode: 1).encoded()),
            (18, RemoveWatchesRequest(path: "/rec", type: 3).encoded()),
            (100, AuthPacket(type: 0, scheme: "digest", auth: [65, 58, 66]).encoded()),
            (107, []),
            (103, GetEphemeralsRequest(prefixPath: "/").encoded()),
        ]
        return requests.enumerated().flatMap { RawClient.frame(Int32($0 + 1), $1.0, $1.1) }
    }
}
