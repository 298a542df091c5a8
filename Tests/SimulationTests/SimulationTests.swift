// Seeds: each is a whole life of an ensemble, with faults, checked from outside.
//
// `SIM_SEED=n swift test --filter SimulationTests` replays one with its story; `SIM_SEEDS=n` runs so many.

import Foundation
import Simulator
import Testing

@Suite struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment

    @Test func seeds() {
        if let text = Self.environment["SIM_SEED"], let seed = UInt64(text) { return replay(seed) }
        // A debug build is twenty times slower: the suite's 300 seeds run in the release build.
        let usual: UInt64 = _isDebugAssertConfiguration() ? 12 : 300
        let count = Self.environment["SIM_SEEDS"].flatMap { UInt64($0) } ?? usual
        let first = Self.environment["SIM_FIRST"].flatMap { UInt64($0) } ?? 1
        var acknowledged = 0
        for seed in first..<first + count {
            let cluster = SimulatedCluster(seed: seed, scenario: Scenario(seed: seed))
            let failure = cluster.run()
            acknowledged += cluster.checkers.acknowledgedCount
            #expect(failure == nil, "seed \(seed): \(failure ?? "")")
            if failure != nil, Self.environment["SIM_KEEP_GOING"] == nil { break }
        }
        print("simulation: \(count) seeds, \(acknowledged) acknowledged writes")
        #expect(acknowledged > 0)
    }

    private func replay(_ seed: UInt64) {
        let cluster = SimulatedCluster(seed: seed, scenario: Scenario(seed: seed))
        cluster.trace = { print($0) }
        let failure = cluster.run()
        print("seed \(seed): \(failure ?? "ok"), \(cluster.checkers.acknowledgedCount) acknowledged writes")
        #expect(failure == nil)
    }
}
