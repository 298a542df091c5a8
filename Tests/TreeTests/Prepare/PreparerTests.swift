// Writes that follow each other faster than they are applied.

import Jute
import Testing
import Tree

struct PreparerTests {
    @Test func sequentialNamesCountPendingCreates() {
        var rig = PreparerRig()
        _ = rig.create("/a")
        #expect(rig.create("/a/n-", flags: 2).createdPath == "/a/n-0000000000")
        #expect(rig.create("/a/plain").error == .ok)
        rig.applyOne()
        #expect(rig.create("/a/n-", flags: 3).createdPath == "/a/n-0000000002")
        _ = rig.prepare(.delete, DeleteRequest(path: "/a/plain", version: -1))
        #expect(rig.create("/a/", flags: 2).createdPath == "/a/0000000003")
        #expect(rig.create("/a/n-/x").error == .noNode)
        rig.applyAll()
        #expect(rig.create("/a/n-", flags: 2).createdPath == "/a/n-0000000004")
    }

    @Test func negativeCounters() {
        var rig = PreparerRig()
        _ = rig.create("/a")
        rig.applyAll()
        rig.tree.nodes["/a"]?.stat.cversion = .min
        #expect(rig.create("/a/n", flags: 2).createdPath == "/a/n-2147483648")
        var small = PreparerRig()
        _ = small.create("/a")
        small.applyAll()
        small.tree.nodes["/a"]?.stat.cversion = -7
        #expect(small.create("/a/n", flags: 2).createdPath == "/a/n-000000007")
    }

    @Test func closeSessionNamesAppliedAndPendingEphemerals() {
        var rig = PreparerRig()
        _ = rig.create("/a")
        _ = rig.create("/a/one", flags: 1)
        _ = rig.create("/a/two", flags: 1)
        rig.applyAll()
        _ = rig.create("/a/three", flags: 1)
        _ = rig.create("/a/foreign", flags: 1, session: PreparerRig.other)
        _ = rig.prepare(.delete, DeleteRequest(path: "/a/one", version: -1))
        let paths: [UString] = ["/a/three", "/a/two"]
        #expect(rig.prepare(.closeSession, []).body == .closeSession(CloseSessionTxn(paths2Delete: paths)))
        #expect(rig.create("/a/late", flags: 1).error == .sessionExpired)
        #expect(rig.prepare(.closeSession, []).body == .closeSession(CloseSessionTxn(paths2Delete: [])))
        rig.applyAll()
        #expect(rig.tree.children(of: "/a") == ["/a/foreign"])
    }

    @Test func sessionsStartWhenPrepared() {
        var rig = PreparerRig()
        let fresh = SessionID(0x7_0000)
        #expect(rig.prepare(.createSession, CreateSessionTxn(timeOut: 4000), session: fresh).error == .ok)
        #expect(rig.sessions.timeout(of: fresh) == 4000)
        #expect(rig.create("/f", flags: 1, session: fresh).error == .ok)
    }

    @Test func cleanerDeletes() {
        var rig = PreparerRig()
        let container = CreateRequest(path: "/c", data: nil, acl: PreparerRig.open, flags: 4)
        _ = rig.prepare(.createContainer, container)
        _ = rig.create("/c/x")
        let delete = DeleteContainerRequest(path: "/c")
        #expect(rig.prepare(.deleteContainer, delete, session: .none).error == .notEmpty)
        _ = rig.prepare(.delete, DeleteRequest(path: "/c/x", version: -1))
        #expect(rig.prepare(.deleteContainer, delete, session: .none).error == .ok)
        #expect(rig.create("/c").error == .ok)
        #expect(rig.prepare(.deleteContainer, delete, session: .none).error == .badVersion)
        let system = DeleteContainerRequest(path: "/zookeeper")
        #expect(rig.prepare(.deleteContainer, system, session: .none).error == .badArguments)
        let ttl = CreateTTLRequest(path: "/t", data: nil, acl: PreparerRig.open, flags: 5, ttl: 100)
        _ = rig.prepare(.createTTL, ttl)
        let expired = DeleteContainerRequest(path: "/t")
        #expect(rig.prepare(.deleteContainer, expired, session: .none).error == .badVersion)
        rig.time += 200
        #expect(rig.prepare(.deleteContainer, expired, session: .none).error == .ok)
    }

    @Test func errorsCarryNoDigest() {
        var rig = PreparerRig()
        guard case .txn(let record) = rig.create("/no/where") else { return }
        #expect(record.header.type == OpCode.error.rawValue && record.digest == nil)
        guard case .txn(let session) = rig.prepare(.closeSession, []) else { return }
        #expect(session.digest?.version == 2)
        var silent = PreparerRig(PreparerOptions(writesDigest: false, namesClosedPaths: false))
        guard case .txn(let created) = silent.create("/a") else { return }
        #expect(created.digest == nil)
        #expect(silent.prepare(.closeSession, []).body == .closeSession(nil))
    }

    /// Random writes, applied late and in bursts: every digest equals the sum over the model after its transaction.
    @Test(arguments: 1...6 as ClosedRange<UInt64>, [true, false])
    func digestsComeTrue(seed: UInt64, usesRealTree: Bool) {
        var random = SeededGenerator(seed: seed)
        var rig = PreparerRig()
        rig.usesRealTree = usesRealTree
        var applied = 0
        for _ in 0..<600 {
            randomWrite(&rig, &random)
            guard UInt8.random(in: 0..<4, using: &random) == 0 else { continue }
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                guard let next = rig.outstanding.first else { break }
                rig.applyOne()
                applied += 1
                if let digest = next.digest {
                    #expect(digest.treeDigest == Int64(bitPattern: rig.tree.currentDigest), "\(next)")
                }
            }
        }
        #expect(applied > 100 && rig.surprises.isEmpty)
        #expect(rig.realTree.checkInvariants() == [])
        #expect(Int64(bitPattern: rig.tree.currentDigest) == rig.realTree.treeDigest)
        #expect(rig.preparer.changes.count <= rig.outstanding.count * 12)
    }

    private func randomWrite(_ rig: inout PreparerRig, _ random: inout SeededGenerator) {
        let names: [UString] = ["/a", "/b", "/a/x", "/a/y", "/b/x", "/a/x/deep", "/zookeeper/z", "/zookeeper/z/q"]
        func path() -> UString { names[Int.random(in: 0..<names.count, using: &random)] }
        func data() -> [UInt8]? { Bool.random(using: &random) ? [UInt8](repeating: 7, count: 5) : nil }
        func create() -> CreateRequest {
            CreateRequest(path: path(), data: data(), acl: PreparerRig.open, flags: .random(in: 0...4, using: &random))
        }
        let session = Bool.random(using: &random) ? PreparerRig.client : PreparerRig.other
        switch UInt8.random(in: 0..<12, using: &random) {
        case 0...3: _ = rig.prepare(.create2, create(), session: session)
        case 4: _ = rig.prepare(.createContainer, create(), session: session)
        case 5, 6: _ = rig.prepare(.delete, DeleteRequest(path: path(), version: -1), session: session)
        case 7: _ = rig.prepare(.setData, SetDataRequest(path: path(), data: data(), version: -1), session: session)
        case 8:
            let request = SetACLRequest(path: path(), acl: PreparerRig.open, version: -1)
            _ = rig.prepare(.setACL, request, session: session)
        case 9:
            _ = rig.prepare(.closeSession, [], session: session)
            rig.sessions.remove(session)
            rig.sessions.track(session, timeout: 10_000, now: 0)
        default:
            let operations: [(OpCode, any JuteRecord)] = [
                (.create, create()), (.setData, SetDataRequest(path: path(), data: data(), version: -1)),
                (.delete, DeleteRequest(path: path(), version: -1)),
            ]
            let count = Int.random(in: 1...3, using: &random)
            _ = rig.multi(operations.shuffled(using: &random).suffix(count), session: session)
        }
    }
}
