// Requests that wait to be proposed together.

import Jute
import Libevent
import MeerkatServer
import Replica
import Testing
import Tree

@Suite struct GroupCommitTests {
    private let loop = EventLoop()
    private let limits = QuorumLimits()

    private func request(_ cxid: Int32, bytes: Int = 0) -> Input {
        let request = WriteRequest(
            session: SessionID(1), cxid: Xid(cxid), opCode: OpCode.setData.rawValue,
            body: [UInt8](repeating: 0, count: bytes),
            identities: [])
        return .client(.request(ClientID(rawValue: 1), request))
    }

    private final class Proposed {
        var cxids: [Int32] = []
        func take(_ input: Input) {
            if case .client(.request(_, let request)) = input { cxids.append(request.cxid.rawValue) }
        }
    }

    @Test func requestsWaitInOrderUntilEverythingIsCommitted() {
        let proposed = Proposed()
        let group = GroupCommit(on: loop, limits: limits) { proposed.take($0) }
        #expect(!group.holds(request(1)))
        group.turnEnded(isOutstanding: true)
        for cxid in 2...5 { #expect(group.holds(request(Int32(cxid)))) }
        #expect(proposed.cxids.isEmpty)
        group.everythingCommitted()
        while proposed.cxids.isEmpty { loop.turn() }
        #expect(proposed.cxids == [2, 3, 4, 5])
    }

    /// Time passes only where the test says so; the loop's own, while a turn is waited for.
    @Test func theNextBatchWaitsForAsManyAsThereWere() {
        var limits = limits
        limits.lingerNs = .max
        var nowNs: Int64 = 1
        let proposed = Proposed()
        let group = GroupCommit(on: loop, limits: limits, nowNs: { nowNs }) { proposed.take($0) }
        #expect(!group.holds(request(1)))
        group.turnEnded(isOutstanding: true)
        #expect(group.holds(request(2)))
        #expect(group.holds(request(3)))
        nowNs += 1_000_000
        group.everythingCommitted()
        #expect(proposed.cxids.isEmpty)
        #expect(group.holds(request(1)))
        #expect(proposed.cxids == [2, 3, 1])
        // These three are waited for again, although none of them is waiting yet.
        group.turnEnded(isOutstanding: true)
        nowNs += 1_000_000
        group.everythingCommitted()
        #expect(group.holds(request(2)))
        #expect(proposed.cxids.count == 3)
        // The others do not come, so this one goes alone, and is not held up the next time.
        while proposed.cxids.count == 3 { loop.turn() }
        group.turnEnded(isOutstanding: true)
        nowNs += 1_000_000
        group.everythingCommitted()
        #expect(!group.holds(request(2)))
    }

    @Test func moreThanWereExpectedGoTogether() {
        var limits = limits
        limits.lingerNs = .max
        var nowNs: Int64 = 1
        let proposed = Proposed()
        let group = GroupCommit(on: loop, limits: limits, nowNs: { nowNs }) { proposed.take($0) }
        #expect(!group.holds(request(1)))
        #expect(!group.holds(request(2)))
        group.turnEnded(isOutstanding: true)
        nowNs += 1_000_000
        group.everythingCommitted()
        #expect(group.holds(request(1)))
        #expect(group.holds(request(2)))
        #expect(proposed.cxids == [1, 2])
        #expect(!group.holds(request(3)))
    }

    @Test func nobodyIsWaitedForLongerThanTwiceTheBatch() {
        var nowNs: Int64 = 1
        let group = GroupCommit(on: loop, limits: limits, nowNs: { nowNs }) { _ in Issue.record("nothing waits") }
        #expect(!group.holds(request(1)))
        #expect(!group.holds(request(2)))
        group.turnEnded(isOutstanding: true)
        nowNs += 1000
        group.everythingCommitted()
        nowNs += 2000
        #expect(!group.holds(request(1)))
    }

    @Test func whoWritesAloneIsNeverHeldUp() {
        let group = GroupCommit(on: loop, limits: limits) { _ in Issue.record("nothing waits") }
        for cxid in 1...5 {
            #expect(!group.holds(request(Int32(cxid))))
            group.turnEnded(isOutstanding: true)
            group.everythingCommitted()
        }
    }

    @Test func whoDoesNotLeadHoldsNothingUp() {
        let group = GroupCommit(on: loop, limits: limits) { _ in Issue.record("nothing waits") }
        for cxid in 1...5 {
            #expect(!group.holds(request(Int32(cxid))))
            #expect(!group.holds(request(Int32(cxid))))
            group.turnEnded(isOutstanding: false)
            group.everythingCommitted()
        }
    }

    @Test func nothingWaitsForEver() {
        let proposed = Proposed()
        let group = GroupCommit(on: loop, limits: limits) { proposed.take($0) }
        group.turnEnded(isOutstanding: true)
        #expect(group.holds(request(1)))
        while proposed.cxids.isEmpty { loop.turn() }
        #expect(group.holds(request(2)))
    }

    @Test func noneIsOvertakenOrLeftBehindWhenAReignEnds() {
        let proposed = Proposed()
        let group = GroupCommit(on: loop, limits: limits) { proposed.take($0) }
        group.turnEnded(isOutstanding: true)
        #expect(group.holds(request(1)))
        group.turnEnded(isOutstanding: false)
        #expect(proposed.cxids == [1])
        #expect(!group.holds(request(2)))
    }

    @Test func thoseAtTheBoundLetAllPass() {
        var limits = limits
        limits.waitingRequests = 3
        let proposed = Proposed()
        let group = GroupCommit(on: loop, limits: limits) { proposed.take($0) }
        group.turnEnded(isOutstanding: true)
        for cxid in 1...4 { #expect(group.holds(request(Int32(cxid)))) }
        #expect(proposed.cxids == [1, 2, 3])
    }

    @Test func soManyBytesLetAllPass() {
        var limits = limits
        limits.waitingRequestBytes = 100
        let proposed = Proposed()
        let group = GroupCommit(on: loop, limits: limits) { proposed.take($0) }
        group.turnEnded(isOutstanding: true)
        for cxid in 1...3 { #expect(group.holds(request(Int32(cxid), bytes: 40))) }
        #expect(proposed.cxids == [1, 2, 3])
        #expect(group.holds(request(4, bytes: 40)))
        #expect(proposed.cxids.count == 3)
    }

    @Test func onlyWhatIsProposedOrAnsweredInOrderWaits() {
        let group = GroupCommit(on: loop, limits: limits) { _ in }
        group.turnEnded(isOutstanding: true)
        let link = LearnerLinkID(rawValue: 1)
        #expect(group.holds(.client(.openSession(ClientID(rawValue: 1), timeoutMs: 1000))))
        #expect(group.holds(.receivedFromLearner(link, QuorumPacket(.request, zxid: .none))))
        // Whether a session is there may depend on a createSession that waits.
        #expect(group.holds(.receivedFromLearner(link, QuorumPacket(.revalidate, zxid: .none))))
        #expect(group.holds(.client(.reattachSession(ClientID(rawValue: 1), SessionID(1), timeoutMs: 1000))))
        #expect(!group.holds(.receivedFromLearner(link, QuorumPacket(.ack, zxid: Zxid(1)))))
        #expect(!group.holds(.client(.disconnected(ClientID(rawValue: 1)))))
        #expect(!group.holds(.ticked))
    }
}
