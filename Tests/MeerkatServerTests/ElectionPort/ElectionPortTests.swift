// Election ports over loopback: who dials, what is kept and repeated, and what hostile input does.

import Jute
import Libevent
import MeerkatServer
import Testing
import Zab

struct ElectionPortTests {
    private let fixture = ElectionFixture()

    @Test func largerDialsSmaller() {
        fixture.ensemble(2)
        fixture[2].send(vote(2), to: ServerID(1))
        fixture.turn(until: { !fixture.heard(by: 1).isEmpty }, "2 reaches 1")
        #expect(fixture.heard(by: 1) == [vote(2)])
        fixture[1].send(vote(1), to: ServerID(2))
        fixture.turn(until: { !fixture.heard(by: 2).isEmpty }, "1 answers over the same channel")
        #expect(fixture[1].connected == [ServerID(2)])
        #expect(fixture[2].connected == [ServerID(1)])
    }

    @Test func smallerWakesLargerUp() {
        fixture.ensemble(2)
        fixture[1].send(vote(1), to: ServerID(2))
        fixture.turn(until: { !fixture.heard(by: 2).isEmpty }, "1 reaches 2 over the channel that 2 dials")
        #expect(fixture.heard(by: 2) == [vote(1)])
        #expect(fixture[1].connected == [ServerID(2)])
    }

    @Test func onlyTheNewestWaits() {
        fixture.ensemble(2)
        for round in 1...5 { fixture[2].send(vote(2, round: Int64(round)), to: ServerID(1)) }
        fixture.turn(until: { !fixture.heard(by: 1).isEmpty }, "2 reaches 1")
        #expect(fixture.heard(by: 1).last == vote(2, round: 5))
        #expect(fixture.heard(by: 1).count == 1)
    }

    @Test func lastMessageIsRepeatedOnANewChannel() {
        let (a, b) = (fixture.freePort(), fixture.freePort())
        fixture.open(fixture.plan(1, port: a, peers: [2: b]))
        fixture.open(fixture.plan(2, port: b, peers: [1: a]))
        fixture[1].send(vote(1, round: 4), to: ServerID(2))
        fixture.turn(until: { !fixture.heard(by: 2).isEmpty }, "1 reaches 2")
        fixture.close(2)
        fixture.turn(until: { fixture[1].connected.isEmpty }, "1 sees 2 go")
        fixture.open(fixture.plan(2, port: b, peers: [1: a]))
        fixture[2].send(vote(2), to: ServerID(1))
        fixture.turn(until: { !fixture.heard(by: 2).isEmpty }, "1 repeats itself")
        #expect(fixture.heard(by: 2) == [vote(1, round: 4)])
    }

    @Test func peerThatComesLaterIsReached() {
        let (a, b) = (fixture.freePort(), fixture.freePort())
        fixture.open(fixture.plan(2, port: b, peers: [1: a]))
        fixture[2].send(vote(2), to: ServerID(1))
        for _ in 0..<5 { fixture.loop.turn(wait: false) }
        fixture.open(fixture.plan(1, port: a, peers: [2: b]))
        fixture[1].send(vote(1), to: ServerID(2))
        fixture.turn(until: { !fixture.heard(by: 1).isEmpty && !fixture.heard(by: 2).isEmpty }, "both are heard")
    }

    @Test func unlistedServersAreServed() {
        fixture.open(fixture.plan(5))
        fixture.open(fixture.plan(9, peers: [5: fixture[5].address!.port]))
        fixture.open(fixture.plan(4, peers: [5: fixture[5].address!.port]))
        fixture.onNotification = { [unowned fixture] id, _, from in
            if id == ServerID(5) { fixture[5].send(vote(5, state: .leading), to: from) }
        }
        fixture[9].send(vote(9), to: ServerID(5))
        fixture[4].send(vote(4), to: ServerID(5))
        fixture.turn(
            until: { !fixture.heard(by: 9).isEmpty && !fixture.heard(by: 4).isEmpty }, "a larger and a smaller stranger"
        )
        #expect(fixture.heard(by: 4) == [vote(5, state: .leading)])
    }

    @Test func ownIDIsMetWithSilence() {
        var plan = fixture.plan(3)
        plan.handshakeTimeoutMs = 50
        let port = fixture.open(plan).address!.port
        let peer = RawPeer(fixture, port: port, sending: RawPeer.greeting(3) + RawPeer.frame(vote(3).encoded()))
        fixture.turn(until: { peer.isClosed }, "closed after the handshake's time")
        #expect(peer.input == [])
        #expect(fixture.heard(by: 3) == [])
        #expect(fixture[3].connected == [])
    }

    @Test func smallerDiallerIsHungUpOn() {
        let port = fixture.open(fixture.plan(3)).address!.port
        let peer = RawPeer(fixture, port: port, sending: RawPeer.greeting(2))
        fixture.turn(until: { peer.isClosed }, "the connection of the smaller id is closed")
        #expect(peer.input == [])
    }

    @Test(arguments: [
        Array("GET / HTTP/1.1\r\n\r\n".utf8) + [UInt8](repeating: 0xff, count: 32),
        [UInt8](repeating: 0xff, count: 64),
        RawPeer.greeting(9) + [0, 0, 0, 0], RawPeer.greeting(9) + [0xff, 0, 0, 0],
        RawPeer.greeting(9) + [0, 8, 0, 1],
        Array(RawPeer.greeting(9).prefix(16)) + [0, 0, 8, 1],
    ])
    func hostileInputClosesTheConnection(input: [UInt8]) {
        let port = fixture.open(fixture.plan(3)).address!.port
        let peer = RawPeer(fixture, port: port, sending: input)
        fixture.turn(until: { peer.isClosed }, "closed")
        fixture.turn(until: { fixture[3].connected.isEmpty }, "no channel is left")
        // And the port still works.
        fixture.open(fixture.plan(8, peers: [3: port]))
        fixture[8].send(vote(8), to: ServerID(3))
        fixture.turn(until: { fixture.heard(by: 3) == [vote(8)] }, "others are heard")
    }

    @Test func truncatedGreetingTimesOut() {
        var plan = fixture.plan(3)
        plan.handshakeTimeoutMs = 30
        let port = fixture.open(plan).address!.port
        let peer = RawPeer(fixture, port: port, sending: Array(RawPeer.greeting(9).dropLast()))
        fixture.turn(until: { peer.isClosed }, "closed")
        #expect(peer.isConnected)
    }

    @Test func newestGreetingsDisplaceTheOldest() {
        var plan = fixture.plan(3)
        plan.limits.maximumHandshakes = 2
        let port = fixture.open(plan).address!.port
        let first = RawPeer(fixture, port: port, sending: [0xff])
        fixture.turn(until: { first.isConnected }, "connected")
        let others = (0..<2).map { _ in RawPeer(fixture, port: port, sending: [0xff]) }
        fixture.turn(until: { first.isClosed }, "the oldest is closed")
        #expect(others.allSatisfy { !$0.isClosed })
    }

    @Test func unreadableNotificationsAreDropped() {
        let port = fixture.open(fixture.plan(3)).address!.port
        var unknownState = vote(9).encoded()
        unknownState[3] = 9
        let bytes =
            RawPeer.greeting(9) + RawPeer.frame([1, 2, 3]) + RawPeer.frame(unknownState)
            + RawPeer.frame(vote(9).encoded())
        let peer = RawPeer(fixture, port: port, sending: bytes)
        fixture.turn(until: { !fixture.heard(by: 3).isEmpty }, "the readable one is heard")
        #expect(fixture.heard(by: 3) == [vote(9)])
        #expect(!peer.isClosed)
    }

    @Test func newerChannelReplacesTheOlder() {
        let port = fixture.open(fixture.plan(3)).address!.port
        let older = RawPeer(fixture, port: port, sending: RawPeer.greeting(9) + RawPeer.frame(vote(1).encoded()))
        fixture.turn(until: { fixture.heard(by: 3).count == 1 }, "the older is heard")
        let newer = RawPeer(fixture, port: port, sending: RawPeer.greeting(9) + RawPeer.frame(vote(2).encoded()))
        fixture.turn(until: { older.isClosed && fixture.heard(by: 3).count == 2 }, "the newer replaces it")
        #expect(!newer.isClosed)
        #expect(fixture[3].connected == [ServerID(9)])
    }

    @Test func bindingIsTriedAgain() throws {
        let squatter = try Listener(on: fixture.loop, host: "127.0.0.1", port: 0) { fd, _ in Socket.close(fd) }
        var plan = fixture.plan(1, port: squatter.address.port)
        plan.bindPauseMs = 5
        plan.bindAttempts = 2
        fixture.open(plan)
        fixture.turn(until: { !fixture.bindFailures.isEmpty }, "two attempts, then the failure")
        #expect(fixture.bindFailures.count == 1)
        plan.bindAttempts = 0
        let port = fixture.open(plan)
        #expect(port.address == nil)
        squatter.close()
        fixture.turn(until: { port.address != nil }, "bound once the address is free")
    }

    /// The whole thing: three elections over three ports.
    @Test func threeServersElect() {
        fixture.ensemble(3)
        let members = Set((1...3).map { ServerID($0) })
        let membership = Membership(voters: members, text: vote(1).config)
        var elections: [ServerID: Election] = [:]
        func perform(_ actions: [ElectionAction], by id: ServerID) {
            for case .send(let notification, let to) in actions { fixture.ports[id]!.send(notification, to: to) }
        }
        fixture.onNotification = { id, notification, from in
            guard elections[id] != nil else { return }
            perform(elections[id]!.receive(notification, from: from, now: MonotonicClock.nowMs), by: id)
        }
        for id in members {
            elections[id] = Election(
                myID: id, role: .participant, membership: membership, lastZxid: .zero, currentEpoch: Epoch(0),
                timing: ElectionTiming(minimumIntervalMs: 20, maximumIntervalMs: 100, finalizeWaitMs: 20))
            let own = Vote(leader: id, zxid: Zxid(id.rawValue == 2 ? 9 : 5), peerEpoch: Epoch(0))
            perform(elections[id]!.start(now: MonotonicClock.nowMs, vote: own), by: id)
        }
        fixture.turn(
            until: {
                for id in members { perform(elections[id]!.tick(now: MonotonicClock.nowMs), by: id) }
                return elections.values.allSatisfy { $0.state != .looking }
            }, "everybody settles")
        #expect(elections.values.allSatisfy { $0.currentVote.leader == ServerID(2) })
        #expect(elections[ServerID(2)]?.state == .leading)
        fixture.onNotification = nil
    }
}
