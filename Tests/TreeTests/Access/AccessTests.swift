// Lists, identities, addresses.

import Jute
import Testing
import Tree

struct AccessTests {
    private let bob = Id(scheme: "digest", id: "bob:ikIaKsbtGweaHnb/jKn7OHqbunM=")
    private let local = Id(scheme: "ip", id: "127.0.0.1")

    @Test func digestOfTheReference() throws {
        #expect(DigestScheme.id(of: Array("bob:pw".utf8)) == bob.id)
        #expect(DigestScheme.id(of: Array("super:secret".utf8)) == "super:lK75jTNcA+U9vtVEw5vB51mj/w4=")
        var rules = ACLRules()
        #expect(try rules.authenticate(scheme: "digest", data: Array("bob:pw".utf8), address: "::1") == [bob])
        rules.superDigest = bob.id
        let identities = try rules.authenticate(scheme: "digest", data: Array("bob:pw".utf8), address: "::1")
        #expect(identities == [Id(scheme: "super", id: ""), bob])
    }

    @Test func authentication() throws {
        let rules = ACLRules()
        #expect(try rules.authenticate(scheme: "digest", data: [], address: "").first?.id.bytes.first == 58)
        #expect(try rules.authenticate(scheme: "digest", data: [110], address: "").count == 1)
        #expect(try rules.authenticate(scheme: "ip", data: [], address: "127.0.0.1") == [local])
        for scheme: UString in ["world", "auth", "sasl", "nobody", .null] {
            #expect(throws: ErrorCode.authFailed) {
                try rules.authenticate(scheme: scheme, data: [1], address: "")
            }
        }
        #expect(throws: ErrorCode.authFailed) { try rules.authenticate(scheme: "digest", data: nil, address: "") }
    }

    @Test(
        arguments: [
            ("a:b", true), (":b", true), ("a:b:", true), ("a:b::", true), ("a", false), ("a:", false), ("a:b:c", false),
            ("", false), (":", false),
        ] as [(UString, Bool)])
    func digestIds(id: UString, valid: Bool) { #expect(DigestScheme.isValid(id) == valid) }

    @Test(
        arguments: [
            ("127.0.0.1", true), ("127.0.0.1/8", true), ("127.0.0.1/0", true), ("127.0.0.1/33", false),
            ("127.0.0", false),
            ("127.0.0.256", false), ("127.0.0.1/", false), ("127.0.0.1/x", false), ("::1", true), ("::", true),
            ("fe80::1/64", true), ("::1/128", true), ("::1/129", false), ("1:2:3:4:5:6:7:8", true), ("1:2:3", false),
            ("1::2::3", false), ("1:2:3:4:5:6:7:8:9", false), ("::ffff:1.2.3.4", true), ("g::1", false), ("", false),
            ("0:0:0:0:0:0:0:1%lo", true), ("1:2:3:4:5:6:7::8", false),
        ] as [(UString, Bool)])
    func addresses(id: UString, valid: Bool) { #expect(IPScheme.isValid(id) == valid) }

    @Test(
        arguments: [
            ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.9.9.9/8", true), ("128.0.0.1", "127.0.0.1/8", false),
            ("10.1.2.3", "10.1.2.0/31", false), ("10.1.2.1", "10.1.2.0/31", true), ("127.0.0.1", "::1", false),
            ("0:0:0:0:0:0:0:1", "::1", true), ("fe80::1:2", "fe80::/10", true), ("fec0::1", "fe80::/10", false),
            ("9.9.9.9", "0.0.0.0/0", true), ("::1", "0.0.0.0/0", false), ("junk", "0.0.0.0/0", false),
        ] as [(UString, UString, Bool)])
    func ranges(address: UString, entry: UString, matches: Bool) {
        #expect(IPScheme.matches(address, entry: entry) == matches)
    }

    @Test func checking() {
        let rules = ACLRules()
        let network = Id(scheme: "ip", id: "127.0.0.0/8")
        let acl = [ACL(perms: 1, id: .anyone), ACL(perms: 6, id: bob), ACL(perms: 16, id: network)]
        #expect(rules.allows(.read, acl: acl, identities: []))
        #expect(!rules.allows(.write, acl: acl, identities: [local]))
        #expect(rules.allows(.write, acl: acl, identities: [local, bob]))
        #expect(rules.allows(.admin, acl: acl, identities: [local]))
        #expect(rules.allows([.read, .admin], acl: acl, identities: []))
        #expect(!rules.allows(.delete, acl: acl, identities: [local, bob]))
        #expect(rules.allows(.delete, acl: acl, identities: [Id(scheme: "super", id: "")]))
        #expect(rules.allows(.delete, acl: [], identities: []))
        #expect(ACLRules(skipACL: true).allows(.delete, acl: acl, identities: []))
        #expect(
            !rules.allows(
                .read, acl: [ACL(perms: 31, id: Id(scheme: "odd", id: "x"))],
                identities: [
                    Id(scheme: "odd", id: "x")
                ]))
    }

    @Test func saslMatching() {
        let acl = [ACL(perms: 31, id: Id(scheme: "sasl", id: "alice"))]
        let rules = ACLRules(knowsSASL: true, saslSuperUsers: ["root"])
        #expect(rules.allows(.read, acl: acl, identities: [Id(scheme: "sasl", id: "alice")]))
        #expect(rules.allows(.read, acl: acl, identities: [Id(scheme: "sasl", id: "super")]))
        #expect(rules.allows(.read, acl: acl, identities: [Id(scheme: "sasl", id: "root")]))
        #expect(!rules.allows(.read, acl: acl, identities: [Id(scheme: "sasl", id: "eve")]))
        let open = ACLRules(knowsSASL: true, anySASLUserId: "alice")
        #expect(open.allows(.read, acl: acl, identities: [Id(scheme: "sasl", id: "eve")]))
    }

    @Test func fixUp() throws {
        let rules = ACLRules()
        let twice: [ACL] = [.openUnsafe, .openUnsafe, .readUnsafe]
        #expect(try rules.fixUp(twice, identities: []) == [.openUnsafe, .readUnsafe])
        let auth = [ACL(perms: 3, id: Id(scheme: "auth", id: "ignored"))]
        #expect(try rules.fixUp(auth, identities: [local, bob]) == [ACL(perms: 3, id: bob)])
        #expect(try rules.fixUp([ACL(perms: 0, id: bob)], identities: []).count == 1)
    }

    @Test(
        arguments: [
            ("world", "other", -114), ("auth", "", -114), ("auth", .null, -114), ("nobody", "x", -114),
            (.null, "x", -114),
            ("digest", "a", -114), ("ip", "x", -114), ("x509", "CN=a", -114), ("x509", .null, -114),
            ("super", "", -114),
            ("world", .null, -5), ("digest", .null, -5), ("ip", .null, -5),
        ] as [(UString, UString, Int32)])
    func badLists(scheme: UString, id: UString, code: Int32) {
        #expect(throws: ErrorCode(code)) {
            try ACLRules().fixUp([ACL(perms: 31, id: Id(scheme: scheme, id: id))], identities: [local])
        }
    }

    @Test func emptyLists() {
        #expect(throws: ErrorCode.invalidACL) { try ACLRules().fixUp(nil, identities: []) }
        #expect(throws: ErrorCode.invalidACL) { try ACLRules().fixUp([], identities: []) }
    }

    @Test func masking() {
        let acl = [ACL(perms: 31, id: bob), ACL(perms: 1, id: .anyone)]
        let masked = [ACL(perms: 31, id: Id(scheme: "digest", id: "bob:x")), ACL(perms: 1, id: .anyone)]
        #expect(ACLRules().visible(acl, identities: []) == masked)
        #expect(ACLRules().visible(acl, identities: [bob]) == acl)
    }

    @Test func users() {
        #expect(ACLRules.user(of: bob) == "bob")
        #expect(ACLRules.user(of: local) == "127.0.0.1")
        #expect(ACLRules.user(of: Id(scheme: "super", id: "")) == "")
    }

    @Test(
        arguments: [
            ("/", true), ("/a", true), ("/a/b", true), ("/...", true), ("/.a", true), ("/a b", true),
            ("/\u{2028}", true),
            ("/\u{e9}\u{4e2d}", true), ("/\u{ffef}", true), ("", false), ("a", false), ("/a/", false), ("//", false),
            ("//a", false), ("/a//b", false), ("/.", false), ("/..", false), ("/a/./b", false), ("/a/..", false),
            ("/\u{1}", false), ("/\u{1f}", false), ("/\u{7f}", false), ("/\u{9f}", false), ("/\u{a0}", true),
            ("/\u{e000}", false), ("/\u{f8ff}", false), ("/\u{f900}", true), ("/\u{fff0}", false), ("/\u{fffd}", false),
            ("/\u{1f600}", false), ("/a\0", false),
        ] as [(UString, Bool)])
    func paths(path: UString, valid: Bool) { #expect(ZnodePath.isValid(path) == valid, "\(path)") }

    @Test(
        arguments: [
            [0xff], [0xc0, 0x80], [0xc3], [0xe2, 0x28, 0xa1], [0xed, 0xa0, 0x80], [0xe0, 0x80, 0x80], [0x80],
            [0xe2, 0x82],
        ] as [[UInt8]])
    func malformedPaths(bytes: [UInt8]) {
        #expect(!ZnodePath.isValid(UString(bytes: [0x2f] + bytes)))
        #expect(!ZnodePath.isValid(UString(bytes: [0x2f] + bytes + Array("/x".utf8))))
    }

    @Test func parents() {
        #expect(ZnodePath.parent(of: "/a/b") == "/a")
        #expect(ZnodePath.parent(of: "/a") == "/")
        #expect(ZnodePath.parent(of: "/") == "/")
        #expect(ZnodePath.parent(of: "/a/") == "/a")
        #expect(ZnodePath.parent(of: "a") == nil)
    }
}
