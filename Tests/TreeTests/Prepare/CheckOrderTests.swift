// Which error a write meets first.

import Jute
import Testing
import Tree

struct CheckOrderTests {
    private let readOnly: [ACL] = [.readUnsafe]

    /// `/a` open, `/locked` read only, `/e` ephemeral of the other session, `/a/child`.
    private func rig(_ options: PreparerOptions = PreparerOptions(extendedTypes: true)) -> PreparerRig {
        var rig = PreparerRig(options)
        _ = rig.create("/a")
        _ = rig.create("/a/child")
        _ = rig.create("/locked", acl: readOnly)
        _ = rig.create("/e", flags: 1, session: PreparerRig.other)
        return rig
    }

    @Test(
        arguments: [
            ("/a/x", 9, true, -8), ("/a/x", 0, false, -114), ("/nowhere/x", 0, false, -114),
            ("/nowhere/x", 0, true, -101),
            ("/a//b", 0, true, -101), ("/a/./b", 0, true, -101), ("/a/", 0, true, -8), ("/a/..", 0, true, -8),
            ("nopath", 0, true, -8), ("", 0, true, -8), ("/a/\0", 0, true, -8), ("/locked/x", 0, true, -102),
            ("/locked/..", 0, true, -102), ("/a", 0, true, -110), ("/", 0, true, -110), ("/e/x", 0, true, -108),
            ("/a/x", 5, true, -8), ("/a/x", 6, true, -8), ("/a/x", 0, true, 0), ("/a/x", 4, true, 0),
        ] as [(UString, Int32, Bool, Int32)])
    func create(path: UString, flags: Int32, validACL: Bool, expected: Int32) {
        var rig = rig()
        let prepared = rig.create(path, flags: flags, acl: validACL ? PreparerRig.open : [])
        #expect(prepared.error == ErrorCode(expected))
    }

    @Test func createWithoutSession() {
        var rig = rig()
        let unknown = SessionID(99)
        #expect(rig.create("/a/x", flags: 9, session: unknown).error == .badArguments)
        #expect(rig.create("nopath", session: unknown).error == .sessionExpired)
        rig.sessions.markClosing(PreparerRig.client)
        #expect(rig.create("/a/x").error == .sessionExpired)
    }

    @Test func nullsInCreate() {
        var rig = rig()
        #expect(rig.create(.null).error == .marshallingError)
        #expect(rig.create("/a/x", acl: nil).error == .invalidACL)
        #expect(rig.create("/a/x", acl: [ACL(perms: 31, id: Id(scheme: "ip", id: .null))]).error == .marshallingError)
        #expect(rig.create("/a/x", data: nil).error == .ok)
    }

    @Test func ttl() {
        var rig = rig()
        func ttl(_ flags: Int32, _ ttl: Int64) -> CreateTTLRequest {
            CreateTTLRequest(path: "/a/t", data: nil, acl: PreparerRig.open, flags: flags, ttl: ttl)
        }
        for (flags, milliseconds) in [(5, 0), (5, 1 << 40), (5, -1), (0, -1), (0, 5), (4, -1), (7, 5)] {
            let prepared = rig.prepare(.createTTL, ttl(Int32(flags), Int64(milliseconds)))
            #expect(prepared.error == .badArguments, "flags \(flags), ttl \(milliseconds)")
        }
        let sequential = rig.prepare(.createTTL, ttl(6, 1 << 40 - 1))
        #expect(sequential.createdPath == "/a/t0000000001")
        rig.applyAll()
        #expect(rig.tree.nodes["/a/t0000000001"]?.stat.ephemeralOwner == Int64(bitPattern: 0xff00_00ff_ffff_ffff))
        var plain = self.rig(PreparerOptions())
        #expect(plain.prepare(.createTTL, ttl(5, 5)).error == .unimplemented)
        #expect(plain.create("/a/x", flags: 5).error == .unimplemented)
    }

    @Test func containerFlags() {
        var rig = rig()
        func container(_ flags: Int32) -> CreateRequest {
            CreateRequest(path: "/a/c", data: nil, acl: PreparerRig.open, flags: flags)
        }
        #expect(rig.prepare(.createContainer, container(2)).createdPath == "/a/c0000000001")
        #expect(rig.prepare(.createContainer, container(0)).createdPath == "/a/c")
        #expect(rig.prepare(.createContainer, container(5)).error == .badArguments)
        #expect(rig.prepare(.createContainer, container(7)).error == .badArguments)
        rig.applyAll()
        #expect(rig.tree.nodes["/a/c"]?.stat.ephemeralOwner == .min)
    }

    @Test(
        arguments: [
            ("/", -1, -8), ("/zookeeper", -1, -8), ("/zookeeper/quota", -1, -8), ("/zookeeper/config", -1, -8),
            ("", -1, -8), ("noslash", -1, -8), ("/no/where", -1, -101), ("/locked/x", -1, -102), ("/a/x", 3, -101),
            ("/a", 3, -103), ("/a", -1, -111), ("/a", 0, -111), ("/a/child", 0, 0), ("/e", -1, 0),
        ] as [(UString, Int32, Int32)])
    func delete(path: UString, version: Int32, expected: Int32) {
        var rig = rig()
        #expect(rig.prepare(.delete, DeleteRequest(path: path, version: version)).error == ErrorCode(expected))
    }

    @Test(
        arguments: [
            ("/a/", -1, -8), ("", -1, -8), ("/none", -1, -101), ("/locked", 9, -102), ("/a", 1, -103), ("/a", 0, 0),
            ("/zookeeper/config", -1, -102),
        ] as [(UString, Int32, Int32)])
    func setData(path: UString, version: Int32, expected: Int32) {
        var rig = rig()
        let request = SetDataRequest(path: path, data: [1], version: version)
        #expect(rig.prepare(.setData, request).error == ErrorCode(expected))
    }

    @Test func setACLOrder() {
        var rig = rig()
        func set(_ path: UString, _ acl: [ACL]?, _ version: Int32 = -1) -> ErrorCode? {
            rig.prepare(.setACL, SetACLRequest(path: path, acl: acl, version: version)).error
        }
        #expect(set("/a/", []) == .badArguments)
        #expect(set(.null, []) == .badArguments)
        #expect(set("/none", []) == .invalidACL)
        #expect(set("/none", nil) == .invalidACL)
        #expect(set("/none", readOnly) == .noNode)
        #expect(set("/locked", readOnly, 5) == .noAuth)
        #expect(set("/a", readOnly, 5) == .badVersion)
        #expect(set("/a", readOnly, 0) == .ok)
        // The new list counts from now on, applied or not.
        #expect(set("/a", PreparerRig.open) == .noAuth)
        #expect(rig.create("/a/late").error == .noAuth)
    }

    @Test func quotaComesBeforeVersions() {
        var rig = rig(PreparerOptions(enforcesQuota: true))
        rig.tree.limits = ["/a": .quotaExceeded, "/a/x": .quotaExceeded, "/a/y": .marshallingError]
        #expect(rig.prepare(.setData, SetDataRequest(path: "/a", data: [1], version: 9)).error == .quotaExceeded)
        #expect(rig.create("/a/x").error == .quotaExceeded)
        #expect(rig.create("/a/y").error == .marshallingError)
        #expect(rig.create("/e/x").error == .noChildrenForEphemerals)
    }

    @Test func nullPaths() {
        var rig = rig()
        #expect(rig.prepare(.delete, DeleteRequest(path: .null, version: -1)).error == .marshallingError)
        #expect(rig.prepare(.setData, SetDataRequest(path: .null, data: nil, version: -1)).error == .badArguments)
    }

    @Test func reconfigIsRefused() {
        let request = ReconfigRequest(joiningServers: .null, leavingServers: .null, newMembers: "x", curConfigId: -1)
        var rig = rig()
        #expect(rig.prepare(.reconfig, request).error == .reconfigDisabled)
    }

    @Test(arguments: [
        OpCode.create, .create2, .createContainer, .createTTL, .delete, .setData, .setACL, .reconfig,
    ])
    func truncatedBodiesUseNoZxid(opCode: OpCode) {
        var rig = rig()
        #expect(rig.prepare(opCode, [0, 0, 0, 2, 47]) == .refused(.marshallingError))
        let request = WriteRequest(session: .none, cxid: Xid(0), opCode: opCode.rawValue, body: [], identities: [])
        #expect(!RequestValidation.isDecodable(request))
    }

    @Test func numbersThatAreNoWrite() {
        var rig = rig()
        for opCode in [OpCode.check, .getData, .notification, .error, .ping] {
            #expect(rig.prepare(opCode, []) == .refused(.unimplemented))
        }
    }

    @Test func movedSession() {
        var rig = rig()
        #expect(rig.prepare(.multi, encoded(MultiHeader.end), owner: SessionOwner(8)).errors == [])
        let body = encoded(DeleteRequest(path: "/a/child", version: -1))
        #expect(rig.prepare(.delete, body, owner: SessionOwner(8)).error == .sessionMoved)
        #expect(rig.prepare(.delete, body).error == .ok)
    }

    @Test func localSessions() {
        var rig = rig()
        rig.sessions.track(SessionID(5), timeout: 5000, now: 0, isLocal: true)
        #expect(rig.create("/a/l", session: SessionID(5)).error == .ok)
        #expect(rig.create("/a/m", flags: 1, session: SessionID(5)).error == .ephemeralOnLocalSession)
    }
}
