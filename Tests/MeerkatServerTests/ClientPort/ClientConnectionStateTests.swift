// One input, the exact consequence, for a connection's protocol state.
import Jute
import MeerkatServer
import Testing
import Tree

struct ClientConnectionStateTests {
    private let terms = ClientConnectionState.Terms(
        isServing: true, lastZxid: Zxid(100), sessionTimeouts: SessionTimeouts(minimum: 1000, maximum: 10_000))

    private func request(
        _ session: Int64 = 0, zxid: Int64 = 0, timeOut: Int32 = 4000, readOnly: Bool? = false
    ) -> ConnectRequest {
        ConnectRequest(
            protocolVersion: 0, lastZxidSeen: Zxid(zxid), timeOut: timeOut, sessionId: SessionID(session), passwd: nil,
            readOnly: readOnly)
    }

    private func serving() -> ClientConnectionState {
        var state = ClientConnectionState()
        _ = state.receive(request(), terms: terms) { _, _ in true }
        _ = state.receive(session: SessionID(7), timeoutMs: 4000, password: [])
        return state
    }

    @Test func judgesConnectRequestsInOrder() {
        typealias Action = ClientConnectionState.HandshakeAction
        var idle = terms
        idle.isServing = false
        let cases: [(ConnectRequest, ClientConnectionState.Terms, Bool, Action)] = [
            (request(), idle, true, .close(.notServing)),
            (request(zxid: 101), terms, true, .close(.clientIsAhead)),
            (request(zxid: 100), terms, true, .openSession(timeoutMs: 4000)),
            (request(zxid: -1), terms, false, .openSession(timeoutMs: 4000)),
            (request(timeOut: 0), terms, true, .openSession(timeoutMs: 1000)),
            (request(timeOut: .max), terms, true, .openSession(timeoutMs: 10_000)),
            (request(9), terms, true, .reattachSession(SessionID(9), timeoutMs: 4000)),
            (request(9), terms, false, .refuse(.invalidSession(readOnly: false))),
            (request(9, readOnly: nil), terms, false, .refuse(.invalidSession(readOnly: nil))),
        ]
        for (request, terms, matches, expected) in cases {
            var state = ClientConnectionState()
            let action = state.receive(request, terms: terms) { _, _ in matches }
            #expect(action == expected)
        }
    }

    @Test func echoesTheReadOnlyFieldOnlyIfSent() {
        for sent in [nil, false, true] as [Bool?] {
            var state = ClientConnectionState()
            _ = state.receive(request(readOnly: sent), terms: terms) { _, _ in true }
            let response = state.receive(session: SessionID(7), timeoutMs: 4000, password: [1])
            #expect(response?.readOnly == (sent == nil ? nil : false))
            #expect(state.phase == .serving && state.session == SessionID(7))
        }
    }

    @Test func readsWaitForWritesAndWritesDoNot() {
        var state = serving()
        #expect(state.disposition(isForwarded: false) == .serve)
        #expect(state.disposition(isForwarded: true) == .forward)
        state.didForward(Xid(1), .create, receivedMs: 0)
        #expect(state.disposition(isForwarded: false) == .hold)
        #expect(state.disposition(isForwarded: true) == .forward)
        state.didForward(Xid(2), .sync, receivedMs: 0)
        let answer1 = state.receive(.applied(Zxid(5), .deleted), for: Xid(1), .create)
        #expect(answer1)
        let next2 = state.nextAnswered()
        #expect(next2?.xid == Xid(1))
        #expect(state.disposition(isForwarded: false) == .hold)
        let answer3 = state.receive(.done, for: Xid(2), .sync)
        #expect(answer3)
        let next4 = state.nextAnswered()
        #expect(next4?.xid == Xid(2))
        #expect(state.disposition(isForwarded: false) == .serve)
    }

    @Test func aRefusalWaitsForEarlierOutcomes() {
        var state = serving()
        state.didForward(Xid(1), .create, receivedMs: 0)
        state.didForward(Xid(2), .setData, receivedMs: 0)
        let answer5 = state.receive(.refused(.sessionExpired), for: Xid(2), nil)
        #expect(answer5)
        let next6 = state.nextAnswered()
        #expect(next6 == nil)
        let answer7 = state.receive(.applied(Zxid(5), .deleted), for: Xid(1), .create)
        #expect(answer7)
        let next8 = state.nextAnswered()
        #expect(next8?.xid == Xid(1))
        let next9 = state.nextAnswered()
        #expect(next9?.answer == .refused(.sessionExpired))
        let next10 = state.nextAnswered()
        #expect(next10 == nil && state.inFlight == 0)
    }

    @Test func theOldestRequestIsTakenByItsAnswerAlone() {
        var state = serving()
        let none = state.takeOldest(Xid(1), nil)
        #expect(none == nil)
        state.didForward(Xid(1), .create, receivedMs: 0)
        state.didForward(Xid(2), .setData, receivedMs: 0)
        state.didForward(Xid(3), .setData, receivedMs: 0)
        let younger = state.takeOldest(Xid(2), .setData)
        #expect(younger == nil)
        let otherKind = state.takeOldest(Xid(1), .delete)
        #expect(otherKind == nil)
        let early = state.receive(.refused(.noAuth), for: Xid(2), nil)
        #expect(early)
        let first = state.takeOldest(Xid(1), .create)
        #expect(first?.xid == Xid(1))
        let second = state.nextAnswered()
        #expect(second?.answer == .refused(.noAuth))
        let third = state.nextAnswered()
        #expect(third == nil && state.inFlight == 1)
    }

    @Test func anAnswerToNothingBreaksTheConnection() {
        var state = serving()
        let answer11 = state.receive(.done, for: Xid(1), .sync)
        #expect(!answer11)
        state.didForward(Xid(1), .create, receivedMs: 0)
        let answer12 = state.receive(.done, for: Xid(2), nil)
        #expect(!answer12)
        let answer13 = state.receive(.done, for: Xid(1), .delete)
        #expect(!answer13)
    }

    @Test func nothingIsTakenBehindCloseSession() {
        var state = serving()
        state.didForward(Xid(3), .closeSession, receivedMs: 0)
        #expect(state.phase == .leaving)
        #expect(state.disposition(isForwarded: true) == .ignore)
        #expect(state.disposition(isForwarded: false) == .ignore)
        let unanswered = state.close()
        #expect(unanswered == 1)
        #expect(state.phase == .closed)
    }

    @Test func aSessionNobodyAskedForIsRefused() {
        var state = serving()
        let answer14 = state.receive(session: SessionID(8), timeoutMs: 1, password: [])
        #expect(answer14 == nil)
    }
}
