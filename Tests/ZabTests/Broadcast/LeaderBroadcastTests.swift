// What the leader commits and when, one claim per test (quorum protocol, "Leader pipeline").

import Jute
import Testing
import Zab

@Suite struct LeaderBroadcastTests {
    private static let epoch = Epoch(3)
    private static func zxid(_ counter: UInt32) -> Zxid { Zxid(epoch: epoch, counter: counter) }

    /// Three voters, and proposals 1 to `count`.
    private static func broadcast(_ count: UInt32) -> LeaderBroadcast {
        var broadcast = LeaderBroadcast(
            epoch: epoch, verifier: .majority(voters: [ServerID(1), ServerID(2), ServerID(3)]))
        for counter in 0..<count { broadcast.propose(Proposal(zxid: zxid(counter + 1), payload: [])) }
        return broadcast
    }

    @Test func beginsAtTheStartOfItsEpoch() {
        let broadcast = Self.broadcast(0)
        #expect(broadcast.lastProposed == Self.epoch.start)
        #expect(broadcast.lastCommitted == Self.epoch.start)
        #expect(!broadcast.isExhausted)
    }

    @Test func aQuorumCommits() {
        var broadcast = Self.broadcast(1)
        #expect(broadcast.receiveAck(of: Self.zxid(1), from: ServerID(1)).isEmpty)
        #expect(broadcast.receiveAck(of: Self.zxid(1), from: ServerID(3)).map(\.zxid) == [Self.zxid(1)])
        #expect(broadcast.lastCommitted == Self.zxid(1))
        #expect(broadcast.outstanding.isEmpty)
    }

    /// The leader's own acknowledgement is one among the voters'.
    @Test func aQuorumWithoutTheLeaderCommits() {
        var broadcast = Self.broadcast(1)
        _ = broadcast.receiveAck(of: Self.zxid(1), from: ServerID(2))
        #expect(broadcast.receiveAck(of: Self.zxid(1), from: ServerID(3)).count == 1)
    }

    @Test func oneServerCountsOnce() {
        var broadcast = Self.broadcast(1)
        #expect(broadcast.receiveAck(of: Self.zxid(1), from: ServerID(2)).isEmpty)
        #expect(broadcast.receiveAck(of: Self.zxid(1), from: ServerID(2)).isEmpty)
    }

    @Test func commitsAreInOrder() {
        var broadcast = Self.broadcast(3)
        for counter in UInt32(1)...3 { _ = broadcast.receiveAck(of: Self.zxid(counter), from: ServerID(1)) }
        #expect(broadcast.receiveAck(of: Self.zxid(1), from: ServerID(2)).map(\.zxid) == [Self.zxid(1)])
        #expect(broadcast.receiveAck(of: Self.zxid(2), from: ServerID(3)).map(\.zxid) == [Self.zxid(2)])
        #expect(broadcast.receiveAck(of: Self.zxid(3), from: ServerID(2)).map(\.zxid) == [Self.zxid(3)])
    }

    @Test func anAcknowledgementCoversWhatWasBefore() {
        var broadcast = Self.broadcast(3)
        _ = broadcast.receiveAck(of: Self.zxid(3), from: ServerID(1))
        let committed = broadcast.receiveAck(of: Self.zxid(2), from: ServerID(2)).map(\.zxid)
        #expect(committed == [Self.zxid(1), Self.zxid(2)])
        #expect(broadcast.outstanding.map(\.zxid) == [Self.zxid(3)])
    }

    @Test func anOlderAcknowledgementTakesNothingBack() {
        var broadcast = Self.broadcast(3)
        _ = broadcast.receiveAck(of: Self.zxid(3), from: ServerID(2))
        _ = broadcast.receiveAck(of: Self.zxid(1), from: ServerID(2))
        #expect(broadcast.receiveAck(of: Self.zxid(3), from: ServerID(1)).count == 3)
    }

    @Test func serversThatDoNotVoteDoNotCount() {
        var broadcast = Self.broadcast(1)
        _ = broadcast.receiveAck(of: Self.zxid(1), from: ServerID(1))
        #expect(broadcast.receiveAck(of: Self.zxid(1), from: ServerID(4)).isEmpty)
        #expect(broadcast.receiveAck(of: Self.zxid(1), from: ServerID(-1)).isEmpty)
    }

    @Test(arguments: [
        Zxid(epoch: Epoch(2), counter: 7), Zxid(epoch: Epoch(4), counter: 1), Zxid(epoch: Epoch(3), counter: 0),
        Zxid(epoch: Epoch(3), counter: 2), .zero, .none,
    ])
    func acknowledgementsOfOtherThingsChangeNothing(zxid: Zxid) {
        var broadcast = Self.broadcast(1)
        _ = broadcast.receiveAck(of: Self.zxid(1), from: ServerID(1))
        #expect(broadcast.receiveAck(of: zxid, from: ServerID(2)).isEmpty)
        #expect(broadcast.lastCommitted == Self.epoch.start)
        #expect(broadcast.receiveAck(of: Self.zxid(1), from: ServerID(2)).count == 1)
    }

    @Test func aServerSynchronisedAnewCountsOnlyWhenItSaysSoAgain() {
        var broadcast = Self.broadcast(1)
        _ = broadcast.receiveAck(of: Self.zxid(1), from: ServerID(2))
        broadcast.forgetAcks(of: ServerID(2))
        #expect(broadcast.receiveAck(of: Self.zxid(1), from: ServerID(1)).isEmpty)
        #expect(broadcast.receiveAck(of: Self.zxid(1), from: ServerID(2)).count == 1)
    }

    @Test func weightsDecide() {
        let verifier = QuorumVerifier.hierarchical(
            groups: [ServerID(1): 1, ServerID(2): 1, ServerID(3): 1], weights: [ServerID(1): 5])
        var broadcast = LeaderBroadcast(epoch: Self.epoch, verifier: verifier)
        broadcast.propose(Proposal(zxid: Self.zxid(1), payload: []))
        _ = broadcast.receiveAck(of: Self.zxid(1), from: ServerID(2))
        #expect(broadcast.receiveAck(of: Self.zxid(1), from: ServerID(3)).isEmpty)
        #expect(broadcast.receiveAck(of: Self.zxid(1), from: ServerID(1)).count == 1)
    }

    @Test func whoeverIsLateWasSpared() {
        var broadcast = Self.broadcast(2)
        let voters = [ServerID(1), ServerID(2), ServerID(3)]
        #expect(voters.allSatisfy { !broadcast.didSpare($0) })
        _ = broadcast.receiveAck(of: Self.zxid(1), from: ServerID(1))
        _ = broadcast.receiveAck(of: Self.zxid(1), from: ServerID(2))
        #expect(voters.map { broadcast.didSpare($0) } == [false, false, true])
        // Too late changes nothing.
        _ = broadcast.receiveAck(of: Self.zxid(1), from: ServerID(3))
        #expect(voters.map { broadcast.didSpare($0) } == [false, false, true])
        _ = broadcast.receiveAck(of: Self.zxid(2), from: ServerID(3))
        _ = broadcast.receiveAck(of: Self.zxid(2), from: ServerID(1))
        #expect(voters.map { broadcast.didSpare($0) } == [false, true, false])
        #expect(!broadcast.didSpare(ServerID(4)))
    }

    @Test func theLeaderIsWaitedForOnceTheOthersAreThere() {
        var broadcast = Self.broadcast(2)
        let leader = ServerID(1)
        #expect(!broadcast.isWaiting(for: leader))
        _ = broadcast.receiveAck(of: Self.zxid(1), from: ServerID(2))
        #expect(broadcast.isWaiting(for: leader))
        _ = broadcast.receiveAck(of: Self.zxid(1), from: leader)
        #expect(!broadcast.isWaiting(for: leader))
        _ = broadcast.receiveAck(of: Self.zxid(2), from: ServerID(3))
        #expect(broadcast.isWaiting(for: leader))
        _ = broadcast.receiveAck(of: Self.zxid(2), from: ServerID(2))
        #expect(!broadcast.isWaiting(for: leader))
    }

    @Test func aLeaderAloneIsAlwaysWaitedFor() {
        var broadcast = LeaderBroadcast(epoch: Self.epoch, verifier: .majority(voters: [ServerID(1)]))
        #expect(!broadcast.isWaiting(for: ServerID(1)))
        broadcast.propose(Proposal(zxid: Self.zxid(1), payload: []))
        #expect(broadcast.isWaiting(for: ServerID(1)))
    }
}
