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

    /// A leader's requests, and time that passes only where the test says so; the loop's own, while a turn is waited for.
    private final class Rig {
        var nowNs: Int64 = 1
        let proposed = Proposed()
        private(set) var lingersInVain = 0
        private(set) var group: GroupCommit!

        init(on loop: EventLoop) {
            var limits = QuorumLimits()
            limits.lingerNs = .max
            group = GroupCommit(
                on: loop, limits: limits, nowNs: { [unowned self] in nowNs },
                lingeredInVain: { [unowned self] in lingersInVain += 1 }, propose: { [proposed] in proposed.take($0) })
        }

        /// What was proposed leaves, and is committed a millisecond later; `meanwhile` lies between.
        func commit(_ meanwhile: () -> Void = {}) {
            group.turnEnded(isOutstanding: true)
            meanwhile()
            nowNs += 1_000_000
            group.everythingCommitted()
        }
    }

    @Test func theNextBatchWaitsForAsManyAsThereWere() {
        let rig = Rig(on: loop)
        #expect(!rig.group.holds(request(1)))
        rig.commit {
            #expect(rig.group.holds(request(2)))
            #expect(rig.group.holds(request(3)))
        }
        #expect(rig.proposed.cxids.isEmpty)
        #expect(rig.group.holds(request(1)))
        #expect(rig.proposed.cxids == [2, 3, 1])
        // These three are waited for again, although none of them is waiting yet.
        rig.commit()
        #expect(rig.group.holds(request(2)))
        #expect(rig.proposed.cxids.count == 3)
        // The others do not come, so this one goes alone, and is not held up the next time.
        while rig.proposed.cxids.count == 3 { loop.turn() }
        rig.commit()
        #expect(!rig.group.holds(request(2)))
    }

    @Test func moreThanWereExpectedGoTogether() {
        let rig = Rig(on: loop)
        #expect(!rig.group.holds(request(1)))
        #expect(!rig.group.holds(request(2)))
        rig.commit()
        #expect(rig.group.holds(request(1)))
        #expect(rig.group.holds(request(2)))
        #expect(rig.proposed.cxids == [1, 2])
        #expect(!rig.group.holds(request(3)))
    }

    @Test func nobodyIsWaitedForLongerThanTwiceTheBatch() {
        let rig = Rig(on: loop)
        #expect(!rig.group.holds(request(1)))
        #expect(!rig.group.holds(request(2)))
        rig.commit()
        rig.nowNs += 2_000_000
        #expect(!rig.group.holds(request(1)))
    }

    @Test func itLingersUntilTheRestIsThereOrTheTimeIsUp() {
        let rig = Rig(on: loop)
        #expect(rig.group.pace == .steady)
        for round in 1...2 {
            #expect(!rig.group.holds(request(1)))
            #expect(!rig.group.holds(request(2)))
            rig.commit { #expect(rig.group.pace == .steady) }
            #expect(rig.group.pace == .lingering)
            while rig.lingersInVain < round { loop.turn() }
            #expect(rig.group.pace == .steady)
        }
        #expect(rig.proposed.cxids.isEmpty)
    }

    @Test func aBatchIsLateWhenRequestsWouldNotWaitForItAnyMore() {
        let rig = Rig(on: loop)
        #expect(!rig.group.holds(request(1)))
        rig.commit {
            rig.nowNs += limits.waitingRequestsMs * 1_000_000 - 1
            #expect(rig.group.pace == .steady)
            rig.nowNs += 1
            #expect(rig.group.pace == .late)
        }
        #expect(rig.group.pace == .steady)
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

    @Test func asManyAsLeftLastLeaveBesideThem() {
        var limits = limits
        limits.secondBatchRequests = 3
        limits.lingerNs = .max
        let proposed = Proposed()
        var nowNs: Int64 = 1
        let group = GroupCommit(on: loop, limits: limits, nowNs: { nowNs }, propose: { proposed.take($0) })
        for cxid in 1...4 { #expect(!group.holds(request(Int32(cxid)))) }
        group.turnEnded(isOutstanding: true)
        // Three would be enough, but four left.
        for cxid in 5...7 { #expect(group.holds(request(Int32(cxid)))) }
        #expect(proposed.cxids.isEmpty)
        #expect(group.holds(request(8)))
        #expect(proposed.cxids == [5, 6, 7, 8])
        group.turnEnded(isOutstanding: true)
        for cxid in 9...11 { #expect(group.holds(request(Int32(cxid)))) }
        #expect(proposed.cxids.count == 4)
        // Only those that left last are waited for, and those that wait.
        nowNs += 1_000_000
        group.everythingCommitted()
        for cxid in 12...14 { #expect(group.holds(request(Int32(cxid)))) }
        #expect(proposed.cxids.count == 4)
        #expect(group.holds(request(15)))
        #expect(proposed.cxids == Array(5...15))
    }

    @Test func fewDoNotLeaveBesideFewer() {
        var limits = limits
        limits.secondBatchRequests = 3
        let proposed = Proposed()
        let group = GroupCommit(on: loop, limits: limits) { proposed.take($0) }
        #expect(!group.holds(request(1)))
        group.turnEnded(isOutstanding: true)
        for cxid in 2...3 { #expect(group.holds(request(Int32(cxid)))) }
        #expect(proposed.cxids.isEmpty)
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
