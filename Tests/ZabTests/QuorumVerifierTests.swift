// Which sets decide, under majorities, hierarchies and a pending reconfiguration.

import Jute
import Testing
import Zab

struct QuorumVerifierTests {
    private func sids(_ values: Int64...) -> Set<ServerID> { Set(values.map { ServerID($0) }) }

    @Test(arguments: [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 4)])
    func majorityNeedsMoreThanHalf(voters: Int64, needed: Int64) {
        let verifier = QuorumVerifier.majority(voters: Set((1...voters).map { ServerID($0) }))
        #expect(verifier.isQuorum((1...needed).map { ServerID($0) }))
        #expect(!verifier.isQuorum((1..<needed).map { ServerID($0) }))
        #expect(verifier.weight(of: ServerID(99)) == 1)
    }

    @Test func strangersCountForNothing() {
        let verifier = QuorumVerifier.majority(voters: sids(1, 2, 3))
        #expect(!verifier.isQuorum(sids(1, 8, 9)))
        #expect(!verifier.contains(ServerID(9)))
    }

    @Test func hierarchyNeedsMajorityOfGroups() {
        let groups: [ServerID: Int64] = Dictionary(uniqueKeysWithValues: (1...9).map { (ServerID($0), ($0 - 1) / 3) })
        let verifier = QuorumVerifier.hierarchical(groups: groups, weights: [:])
        #expect(verifier.isQuorum(sids(1, 2, 4, 5)))
        #expect(!verifier.isQuorum(sids(1, 2, 3, 4, 7)), "one group won, two only touched")
        #expect(!verifier.isQuorum(sids()))
        #expect(verifier.voters.count == 9)
    }

    @Test func weightsDecideInsideAGroupAndEmptyGroupsDoNotCount() {
        let groups: [ServerID: Int64] = [
            ServerID(1): 1, ServerID(2): 1, ServerID(3): 1, ServerID(4): 2, ServerID(5): 2,
        ]
        let weights: [ServerID: Int64] = [ServerID(1): 3, ServerID(4): 0, ServerID(5): 0]
        let verifier = QuorumVerifier.hierarchical(groups: groups, weights: weights)
        #expect(verifier.isQuorum(sids(1)), "3 of 5 in the only group with weight")
        #expect(!verifier.isQuorum(sids(2, 3, 4, 5)))
        #expect(verifier.weight(of: ServerID(4)) == 0)
        #expect(verifier.weight(of: ServerID(9)) == 0)
    }

    @Test func pendingConfigurationNeedsBothQuorums() {
        let old = Membership(voters: sids(1, 2, 3), version: 1, text: [])
        let new = Membership(voters: sids(3, 4, 5), version: 2, text: [])
        var tracker = QuorumTracker(committed: old, lastSeen: new)
        tracker.add(ServerID(1))
        tracker.add(ServerID(3))
        #expect(!tracker.isComplete)
        let votes = tracker.add(ServerID(4))
        #expect(votes && tracker.isComplete)
        let strangerVotes = tracker.add(ServerID(9))
        #expect(!strangerVotes)
        #expect(tracker.acks == sids(1, 3, 4))

        var settled = QuorumTracker(committed: new, lastSeen: old)
        settled.add(ServerID(3))
        settled.add(ServerID(4))
        #expect(settled.isComplete, "an older configuration asks for nothing")
    }

    @Test func reconfigurationInFlightCarriesAcksOver() {
        var tracker = QuorumTracker(.majority(voters: sids(1, 2, 3)))
        tracker.add(ServerID(2))
        tracker.add(ServerID(3))
        tracker.require(.majority(voters: sids(2, 4, 5)))
        #expect(!tracker.isComplete)
        tracker.add(ServerID(5))
        #expect(tracker.isComplete)
    }
}
