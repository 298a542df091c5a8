// Endpoints as text, in the form Java prints.
import Glibc
import Libevent
import Testing

@Suite struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1:2181"),
        ("::1", "0:0:0:0:0:0:0:1", "[0:0:0:0:0:0:0:1]:2181"),
        ("[2001:db8::00a:ffff]", "2001:db8:0:0:0:0:a:ffff", "[2001:db8:0:0:0:0:a:ffff]:2181"),
        ("::ffff:10.1.2.3", "10.1.2.3", "10.1.2.3:2181"),
        ("255.255.255.255", "255.255.255.255", "255.255.255.255:2181"),
    ])
    func textMatchesJava(given: String, host: String, whole: String) {
        let address = SocketAddress(numericHost: given, port: 2181)
        #expect(address?.hostText == host)
        #expect(address?.description == whole)
    }

    @Test(arguments: ["localhost", "", "1.2.3", "1.2.3.256", ":::", "[127.0.0.1", "fe80::1%eth0"])
    func namesAreNotNumeric(text: String) {
        #expect(SocketAddress(numericHost: text, port: 1) == nil)
    }

    @Test func errorsNameOperationEndpointAndReason() {
        let error = SocketError(.bind, "10.0.0.1:2181", code: EADDRINUSE)
        #expect(error.description == "cannot bind 10.0.0.1:2181: Address already in use")
        #expect(SocketError.text(errno: 99_999) == "error 99999")
    }

    @Test func namesResolve() throws {
        let found = try Resolver.lookUp(host: "localhost", port: 5)
        #expect(found.allSatisfy { $0.port == 5 })
        #expect(throws: SocketError.self) { try Resolver.lookUp(host: "no such host", port: 5) }
    }

    @Test func acceptFailuresAreToldApart() {
        #expect(AcceptFailure(errno: EAGAIN) == .drained)
        for code in [EMFILE, ENFILE, ENOBUFS, ENOMEM] { #expect(AcceptFailure(errno: code) == .pause) }
        for code in [ECONNABORTED, EINTR, EPROTO, ENETDOWN] { #expect(AcceptFailure(errno: code) == .next) }
    }
}
