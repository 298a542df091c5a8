// The three quorums of a reign's beginning, one claim per test (quorum protocol, leader side, epochs).

import Jute
import Testing
import Zab

@Suite struct EpochHandshakeTests {
    private typealias Summary = EpochHandshake.Summary

    private static let history = Summary(currentEpoch: Epoch(4), lastZxid: Zxid(epoch: Epoch(4), counter: 9))

    /// Server 1 of three voters begins to lead.
    private static func handshake() -> EpochHandshake {
        EpochHandshake(
            leader: ServerID(1), summary: history,
            verifier: .majority(voters: [ServerID(1), ServerID(2), ServerID(3)]))
    }

    /// The same with the first quorum complete.
    private static func promised() -> EpochHandshake {
        var handshake = handshake()
        _ = handshake.receiveAcceptedEpoch(Epoch(4), from: ServerID(1))
        _ = handshake.receiveAcceptedEpoch(Epoch(4), from: ServerID(2))
        return handshake
    }

    /// The same with the second quorum complete.
    private static func synchronising() -> EpochHandshake {
        var handshake = promised()
        _ = handshake.receiveEpochAck(history, from: ServerID(1))
        _ = handshake.receiveEpochAck(history, from: ServerID(2))
        return handshake
    }

    @Test func theEpochIsAboveAllThatWereAccepted() {
        var handshake = Self.handshake()
        #expect(handshake.receiveAcceptedEpoch(Epoch(4), from: ServerID(1)) == false)
        #expect(handshake.receiveAcceptedEpoch(Epoch(7), from: ServerID(3)) == true)
        #expect(handshake.epoch == Epoch(8))
        #expect(handshake.phase == .awaitingEpochAcks)
    }

    @Test func theFirstQuorumNeedsTheLeader() {
        var handshake = Self.handshake()
        #expect(handshake.receiveAcceptedEpoch(Epoch(4), from: ServerID(2)) == false)
        #expect(handshake.receiveAcceptedEpoch(Epoch(4), from: ServerID(3)) == false)
        #expect(handshake.receiveAcceptedEpoch(Epoch(4), from: ServerID(1)) == true)
    }

    @Test func observersRaiseTheEpochAndDoNotCount() {
        var handshake = Self.handshake()
        _ = handshake.receiveAcceptedEpoch(Epoch(4), from: ServerID(1))
        #expect(handshake.receiveAcceptedEpoch(Epoch(9), from: ServerID(-1)) == false)
        #expect(handshake.receiveAcceptedEpoch(Epoch(4), from: ServerID(4)) == false)
        #expect(handshake.receiveAcceptedEpoch(Epoch(4), from: ServerID(2)) == true)
        #expect(handshake.epoch == Epoch(10))
    }

    @Test func lateAcceptedEpochsDoNotMoveTheEpoch() {
        var handshake = Self.promised()
        #expect(handshake.receiveAcceptedEpoch(Epoch(20), from: ServerID(3)) == false)
        #expect(handshake.epoch == Epoch(5))
    }

    @Test func oneServerCountsOnce() {
        var handshake = Self.promised()
        #expect(handshake.receiveEpochAck(Self.history, from: ServerID(2)) == .noted)
        #expect(handshake.receiveEpochAck(Self.history, from: ServerID(2)) == .noted)
        #expect(handshake.phase == .awaitingEpochAcks)
    }

    @Test func theSecondQuorumNeedsTheLeader() {
        var handshake = Self.promised()
        #expect(handshake.receiveEpochAck(Self.history, from: ServerID(2)) == .noted)
        #expect(handshake.receiveEpochAck(Self.history, from: ServerID(3)) == .noted)
        #expect(handshake.receiveEpochAck(Self.history, from: ServerID(1)) == .quorum)
        #expect(handshake.phase == .awaitingNewLeaderAcks)
    }

    /// A learner that had promised the epoch before says -1.
    @Test func aRepeatedPromiseDoesNotCount() {
        var handshake = Self.promised()
        _ = handshake.receiveEpochAck(Self.history, from: ServerID(1))
        #expect(handshake.receiveEpochAck(nil, from: ServerID(2)) == .noted)
        #expect(handshake.phase == .awaitingEpochAcks)
        #expect(handshake.receiveEpochAck(Self.history, from: ServerID(3)) == .quorum)
    }

    @Test func aLearnerWithoutAnyZxidDoesNotCount() {
        var handshake = Self.promised()
        _ = handshake.receiveEpochAck(Self.history, from: ServerID(1))
        let empty = Summary(currentEpoch: Epoch(4), lastZxid: .none)
        #expect(handshake.receiveEpochAck(empty, from: ServerID(2)) == .noted)
        #expect(handshake.phase == .awaitingEpochAcks)
    }

    @Test(arguments: [
        EpochHandshake.Summary(currentEpoch: Epoch(4), lastZxid: Zxid(epoch: Epoch(4), counter: 10)),
        EpochHandshake.Summary(currentEpoch: Epoch(5), lastZxid: Zxid(epoch: Epoch(4), counter: 1)),
    ])
    func aLearnerAheadIsRefused(summary: EpochHandshake.Summary) {
        var handshake = Self.promised()
        _ = handshake.receiveEpochAck(Self.history, from: ServerID(1))
        #expect(handshake.receiveEpochAck(summary, from: ServerID(2)) == .ahead)
        #expect(handshake.phase == .awaitingEpochAcks)
    }

    /// The epoch decides before the zxid: a longer history of an older epoch is behind.
    @Test func aLongerHistoryOfAnOlderEpochIsNotAhead() {
        var handshake = Self.promised()
        _ = handshake.receiveEpochAck(Self.history, from: ServerID(1))
        let longer = Summary(currentEpoch: Epoch(3), lastZxid: Zxid(epoch: Epoch(4), counter: 90))
        #expect(handshake.receiveEpochAck(longer, from: ServerID(2)) == .quorum)
    }

    @Test func theThirdQuorumNeedsTheLeaderAndVoters() {
        var handshake = Self.synchronising()
        #expect(handshake.receiveNewLeaderAck(from: ServerID(2)) == false)
        #expect(handshake.receiveNewLeaderAck(from: ServerID(4)) == false)
        #expect(handshake.receiveNewLeaderAck(from: ServerID(3)) == false)
        #expect(handshake.receiveNewLeaderAck(from: ServerID(1)) == true)
        #expect(handshake.phase == .established)
        #expect(handshake.receiveNewLeaderAck(from: ServerID(3)) == false, "established once")
    }

    @Test func promisesDoNotCountForTheThirdQuorum() {
        var handshake = Self.synchronising()
        #expect(handshake.receiveNewLeaderAck(from: ServerID(1)) == false)
        #expect(handshake.phase == .awaitingNewLeaderAcks)
    }

    @Test func anEarlyNewLeaderAckIsIgnored() {
        var handshake = Self.promised()
        #expect(handshake.receiveNewLeaderAck(from: ServerID(1)) == false)
        #expect(handshake.receiveNewLeaderAck(from: ServerID(2)) == false)
        #expect(handshake.phase == .awaitingEpochAcks)
    }
}
