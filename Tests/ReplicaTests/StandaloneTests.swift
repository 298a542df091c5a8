// An ensemble of one: the same three quorums, reached alone, and never an answer before the disk.

import Jute
import Replica
import Testing
import Tree
import Zab

@Suite struct StandaloneTests {
    private static let own = ServerID(1)

    private static func replica() -> Replica {
        let membership = Membership(voters: [own], text: Array("server.1=a:1:2:participant\nversion=0".utf8))
        let configuration = ReplicaConfiguration(
            id: own, membership: membership, tickTimeMs: 1000, initLimit: 10, syncLimit: 5,
            preparation: PreparerOptions())
        let recovered = RecoveredState(
            tree: DataTree(seed: 1), acceptedEpoch: Epoch(0), currentEpoch: Epoch(0), recent: [])
        return Replica(configuration: configuration, recovered: recovered, at: Moment(monotonicMs: 0, wallMs: 0))
    }

    /// Drives a replica over a disk that is told when to finish.
    private struct Driver {
        var replica = StandaloneTests.replica()
        var nowMs: Int64 = 0
        var tickets: [DiskTicket] = []
        var applied: [TxnRecord] = []
        var service: Service?

        mutating func perform(_ actions: [Action]) {
            for action in actions {
                switch action {
                case .persist(_, let ticket, _): tickets.append(ticket)
                case .apply(let record, _):
                    applied.append(record)
                    _ = replica.tree.apply(record)
                case .startServing(let service): self.service = service
                default: break
                }
            }
        }

        mutating func feed(_ input: Input) {
            perform(replica.receive(input, at: Moment(monotonicMs: nowMs, wallMs: 1_000_000 + nowMs)))
        }

        mutating func finishDisk() {
            guard let last = tickets.last else { return }
            tickets = []
            feed(.didPersist(through: last))
        }

        mutating func becomeLeader() {
            perform(replica.start(at: Moment(monotonicMs: 0, wallMs: 1_000_000)))
            for _ in 0..<200 where service == nil {
                nowMs += 20
                feed(.ticked)
                finishDisk()
            }
        }
    }

    @Test func leadsAloneOnceBothEpochsAreDurable() {
        var driver = Driver()
        driver.becomeLeader()
        #expect(driver.service == .leader(Epoch(1)))
        #expect(driver.replica.acceptedEpoch == Epoch(1))
        #expect(driver.replica.currentEpoch == Epoch(1))
    }

    @Test func appliesAWriteOnlyAfterItIsDurable() throws {
        var driver = Driver()
        driver.becomeLeader()
        driver.feed(.client(.openSession(ClientID(rawValue: 7), timeoutMs: 4000)))
        #expect(driver.applied.isEmpty, "a session was opened before its record was on disk (I1)")
        driver.finishDisk()
        let record = try #require(driver.applied.first)
        #expect(record.zxid == Zxid(epoch: Epoch(1), counter: 1))
        #expect(record.body == .createSession(CreateSessionTxn(timeOut: 4000)))
    }

    @Test func expiresASilentSessionNotEarly() {
        var driver = Driver()
        driver.becomeLeader()
        driver.feed(.client(.openSession(ClientID(rawValue: 7), timeoutMs: 4000)))
        driver.finishDisk()
        let opened = driver.nowMs
        var closed: Int64?
        for _ in 0..<500 where closed == nil {
            driver.nowMs += 20
            driver.feed(.ticked)
            driver.finishDisk()
            if case .closeSession? = driver.applied.last?.body { closed = driver.nowMs }
        }
        let lived = (closed ?? 0) - opened
        #expect(lived >= 4000 && lived <= 4000 + 1000 + 20, "it lived for \(lived) ms (I10)")
    }

    @Test func removesAContainerThatLostItsLastChild() throws {
        var driver = Driver()
        driver.becomeLeader()
        let client = ClientID(rawValue: 7)
        driver.feed(.client(.openSession(client, timeoutMs: 4000)))
        driver.finishDisk()
        let session = try #require(driver.applied.first).header.clientId
        func write(_ opCode: OpCode, _ xid: Int32, _ body: [UInt8]) {
            let request = WriteRequest(
                session: session, cxid: Xid(xid), opCode: opCode.rawValue, body: body, identities: [])
            driver.feed(.client(.request(client, request)))
            driver.finishDisk()
        }
        let open = [ACL.openUnsafe]
        write(.createContainer, 1, CreateRequest(path: "/used", data: [], acl: open, flags: 4).encoded())
        write(.createContainer, 2, CreateRequest(path: "/unused", data: [], acl: open, flags: 4).encoded())
        write(.create, 3, CreateRequest(path: "/used/child", data: [], acl: open, flags: 0).encoded())
        write(.delete, 4, DeleteRequest(path: "/used/child", version: -1).encoded())
        #expect(driver.replica.tree.node(at: "/used" as UString) != nil)
        for _ in 0..<620 {
            driver.nowMs += 100
            let touch: (session: SessionID, timeoutMs: Int32) = (session, 4000)
            driver.feed(.client(.touched([touch])))
            driver.feed(.ticked)
            driver.finishDisk()
        }
        #expect(driver.replica.tree.node(at: "/used" as UString) == nil)
        #expect(driver.replica.tree.node(at: "/unused" as UString) != nil, "it never had a child")
    }
}
