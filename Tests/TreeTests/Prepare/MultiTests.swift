// Several operations, one outcome.

import Jute
import Testing
import Tree

struct MultiTests {
    private func create(_ path: UString, _ flags: Int32 = 0, acl: [ACL]? = PreparerRig.open) -> CreateRequest {
        CreateRequest(path: path, data: [1], acl: acl, flags: flags)
    }

    @Test func operationsSeeEarlierOnes() {
        var rig = PreparerRig()
        let prepared = rig.multi([
            (.create, create("/a")), (.setData, SetDataRequest(path: "/a", data: [2], version: 0)),
            (.check, CheckVersionRequest(path: "/a", version: 1)), (.create, create("/a/s-", 2)),
            (.create, create("/a/s-", 2)), (.delete, DeleteRequest(path: "/a/s-0000000000", version: -1)),
        ])
        #expect(prepared.errors?.allSatisfy { $0 == .ok } == true)
        rig.applyAll()
        #expect(rig.tree.children(of: "/a") == ["/a/s-0000000001"])
    }

    @Test func failureLeavesNothing() {
        var rig = PreparerRig()
        _ = rig.create("/a")
        let digest = rig.preparer.changes.digest
        let prepared = rig.multi([
            (.create, create("/a/x", 1)), (.setData, SetDataRequest(path: "/a", data: [1], version: 7)),
            (.delete, DeleteRequest(path: "/a", version: -1)),
        ])
        #expect(prepared.errors == [.ok, .badVersion, .runtimeInconsistency])
        guard case .txn(let record) = prepared else { return }
        #expect(record.header.type == OpCode.multi.rawValue)
        #expect(record.digest?.treeDigest == Int64(bitPattern: digest))
        #expect(rig.create("/a/x").error == .ok)
        #expect(rig.create("/a/s-", flags: 2).createdPath == "/a/s-0000000001")
        let close = rig.prepare(.closeSession, [])
        #expect(close.body == .closeSession(CloseSessionTxn(paths2Delete: [])))
    }

    @Test func formsOfCreate() throws {
        var rig = PreparerRig()
        let ttl = CreateTTLRequest(path: "/t", data: nil, acl: PreparerRig.open, flags: 5, ttl: 9)
        let plainTTL = CreateTTLRequest(path: "/p", data: nil, acl: PreparerRig.open, flags: 0, ttl: 0)
        let operations: [(OpCode, any JuteRecord)] = [
            (.create2, create("/a")), (.create, create("/b", 4)), (.createTTL, ttl), (.createTTL, plainTTL),
        ]
        let prepared = rig.multi(operations)
        guard case .multi(let bodies) = prepared.body else { return }
        #expect(bodies.map(\.opCode) == [.create, .createContainer, .createTTL, .create])
        var later = PreparerRig(PreparerOptions(extendedTypes: true, writesCreate2InMulti: true))
        guard case .multi(let newer) = later.multi(operations).body else { return }
        #expect(newer.first?.opCode == .create2)
        let request = try MultiWrite(decoding: body(operations))
        #expect(request.resultTypes == [.create2, .create2, .create2, .create])
    }

    private func body(_ operations: [(OpCode, any JuteRecord)]) -> [UInt8] {
        var encoder = JuteEncoder()
        for (opCode, record) in operations {
            encoder.write(MultiHeader(type: opCode.rawValue, done: false, err: ErrorCode(-1)))
            record.encode(into: &encoder)
        }
        encoder.write(MultiHeader(type: 0, done: true, err: .ok))
        return encoder.bytes
    }

    @Test func malformedOnesUseAZxid() {
        var rig = PreparerRig()
        for bad in [create("/a", 77), create("/a", 5), create("/a", 6)] {
            #expect(rig.multi([(.create, bad)]).error == .marshallingError)
        }
        #expect(rig.prepare(.multi, []).error == .marshallingError)
        #expect(rig.multi([(.getData, GetDataRequest(path: "/", watch: false))]).error == .marshallingError)
        #expect(rig.multi([(.delete, DeleteRequest(path: .null, version: -1))]).error == .marshallingError)
        #expect(rig.multi([(.create, create("/a", acl: nil))]) == .refused(.marshallingError))
        #expect(rig.multi([(.create, create("/a", acl: []))]).errors == [.invalidACL])
        #expect(rig.multi([]).errors == [])
    }

    @Test func ephemeralsOfLocalSessions() {
        var rig = PreparerRig()
        rig.sessions.track(SessionID(5), timeout: 5000, now: 0, isLocal: true)
        let prepared = rig.multi([(.create, create("/a")), (.create, create("/b", 1))], session: SessionID(5))
        #expect(prepared.errors == [.ok, .ephemeralOnLocalSession])
        #expect(RequestValidation.createsEphemeral(.multi, body: body([(.create, create("/b", 3))])))
        #expect(!RequestValidation.createsEphemeral(.multi, body: body([(.create, create("/b", 2))])))
    }
}
