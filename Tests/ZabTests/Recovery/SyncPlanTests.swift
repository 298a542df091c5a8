// How a learner is brought up to date, the decision rule case by case (quorum protocol, "Decision rule").

import Jute
import Testing
import Zab

@Suite struct SyncPlanTests {
    private static func zxid(_ epoch: Int64, _ counter: UInt32) -> Zxid { Zxid(epoch: Epoch(epoch), counter: counter) }

    private static func plan(
        _ peer: Zxid, _ window: [Zxid], last: Zxid? = nil, forceSnapshot: Bool = false
    ) -> (operation: SyncPlan.Operation, history: [Zxid]) {
        var committed = CommittedWindow(maximumCount: 500, maximumBytes: 1 << 20)
        for zxid in window { committed.append(Proposal(zxid: zxid, payload: [])) }
        let plan = SyncPlan(
            peer: peer, last: last ?? window.last ?? .zero, window: committed, forceSnapshot: forceSnapshot)
        return (plan.operation, plan.history.map(\.zxid))
    }

    // MARK: Case 1, forceSnapshotSync

    @Test func forcedSnapshotsGoBeforeEverything() {
        let plan = Self.plan(Self.zxid(1, 2), [Self.zxid(1, 1), Self.zxid(1, 2)], forceSnapshot: true)
        #expect(plan == (.snap, []))
    }

    // MARK: Case 2, the same end

    @Test func anEqualLearnerGetsAnEmptyDifference() {
        #expect(Self.plan(Self.zxid(1, 2), [Self.zxid(1, 1), Self.zxid(1, 2)]) == (.diff(Self.zxid(1, 2)), []))
    }

    @Test func twoEmptyServersAreEqual() {
        #expect(Self.plan(.zero, [], last: .zero) == (.diff(.zero), []))
    }

    @Test func equalityNeedsNoWindow() {
        #expect(Self.plan(Self.zxid(3, 8), [], last: Self.zxid(3, 8)) == (.diff(Self.zxid(3, 8)), []))
    }

    // MARK: Case 3, beyond the end

    @Test func whatOnlyTheLearnerHasIsCutOff() {
        let plan = Self.plan(Self.zxid(1, 4), [Self.zxid(1, 1), Self.zxid(1, 2)])
        #expect(plan == (.trunc(Self.zxid(1, 2)), []))
    }

    @Test func withAnEmptyWindowTheTreeIsTheEnd() {
        #expect(Self.plan(Self.zxid(1, 6), [], last: Self.zxid(1, 5)) == (.trunc(Self.zxid(1, 5)), []))
    }

    /// A minority once logged it under a leader that fell. The learner need not hold where this history ends, and could
    /// not cut there. (ZooKeeper 3.9 sends TRUNC.)
    @Test(arguments: [UInt32(1), 2, 7])
    func aLearnerOfALaterEpochTakesTheTree(counter: UInt32) {
        #expect(Self.plan(Self.zxid(3, counter), [Self.zxid(1, 1), Self.zxid(1, 2)]) == (.snap, []))
        #expect(Self.plan(Self.zxid(3, counter), [], last: Self.zxid(1, 2)) == (.snap, []))
    }

    // MARK: Case 4, within the window

    @Test func aLearnerWithinTheWindowGetsTheRest() {
        let plan = Self.plan(Self.zxid(1, 1), [Self.zxid(1, 1), Self.zxid(1, 2), Self.zxid(1, 3)])
        #expect(plan == (.diff(Self.zxid(1, 3)), [Self.zxid(1, 2), Self.zxid(1, 3)]))
    }

    @Test func theDifferenceCrossesEpochs() {
        let plan = Self.plan(Self.zxid(1, 2), [Self.zxid(1, 1), Self.zxid(1, 2), Self.zxid(2, 1), Self.zxid(3, 1)])
        #expect(plan == (.diff(Self.zxid(3, 1)), [Self.zxid(2, 1), Self.zxid(3, 1)]))
    }

    /// A learner that has taken part in an epoch's beginning and in nothing of the epoch.
    @Test func aFreshLearnerGetsTheEpochThatItHasNothingOf() {
        let plan = Self.plan(Self.zxid(2, 0), [Self.zxid(1, 7), Self.zxid(2, 1), Self.zxid(2, 2)])
        #expect(plan == (.diff(Self.zxid(2, 2)), [Self.zxid(2, 1), Self.zxid(2, 2)]))
    }

    /// The learner has transactions of an old epoch that the leader's history replaced: no cutting across epochs.
    @Test func anEpochThatDiffersTakesTheTree() {
        let plan = Self.plan(Self.zxid(1, 9), [Self.zxid(1, 6), Self.zxid(1, 7), Self.zxid(2, 1)])
        #expect(plan == (.snap, []))
    }

    /// What was missed within an epoch has emptied the window, so no learner is placed beside a hole.
    @Test(arguments: [UInt32(1), 2, 3, 4])
    func aHoleIsNeverHandedOut(peer: UInt32) {
        let plan = Self.plan(Self.zxid(1, peer), [Self.zxid(1, 1), Self.zxid(1, 2), Self.zxid(1, 5), Self.zxid(1, 6)])
        #expect(plan == (.snap, []))
    }

    // MARK: Case 5, before the window

    @Test(arguments: [Zxid.zero, Zxid(epoch: Epoch(1), counter: 0), Zxid(epoch: Epoch(1), counter: 3)])
    func aLearnerBeforeTheWindowGetsTheTree(peer: Zxid) {
        #expect(Self.plan(peer, [Self.zxid(1, 4), Self.zxid(1, 5)]) == (.snap, []))
    }

    // MARK: Case 6, the rest

    @Test func aFreshLearnerOfALaterEpochGetsTheTree() {
        #expect(Self.plan(Self.zxid(2, 0), [Self.zxid(1, 4), Self.zxid(1, 5)]) == (.snap, []))
    }
}
