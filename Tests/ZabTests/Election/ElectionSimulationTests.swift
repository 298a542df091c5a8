// Safety and liveness of elections over many seeds.

import Jute
import Testing
import Zab

struct ElectionSimulationTests {
    /// Delays up to 40 ms, no loss: an election ends in the first round and the best vote wins.
    @Test(arguments: [Int64(3), 5])
    func calmElectionsChooseTheBestVote(voters: Int64) throws {
        for seed in UInt64(1)...25 {
            var simulation = ElectionSimulation(voters: voters, observers: 2, seed: seed)
            simulation.run(5000) { $0.consensus != nil }
            let leader = try #require(simulation.consensus, "seed \(seed)")
            let best = simulation.membership.voters.max { a, b in
                simulation.nodes[a]!.vote.precedes(simulation.nodes[b]!.vote)
            }
            #expect(leader == best, "seed \(seed)")
            #expect(simulation.violations == [], "seed \(seed)")
        }
    }

    /// Loss and delays beyond every wait, no crashes: never two leaders of one round, and an end once loss stops.
    @Test(arguments: [Int64(3), 5])
    func lossyNetworkNeverSettlesARoundTwice(voters: Int64) {
        for seed in UInt64(100)...120 {
            var simulation = ElectionSimulation(voters: voters, observers: 2, seed: seed)
            simulation.lossPercent = 40
            simulation.maximumDelay = 500
            simulation.run(8000)
            simulation.lossPercent = 0
            simulation.maximumDelay = 40
            simulation.run(30_000) { $0.consensus != nil }
            #expect(simulation.consensus != nil, "seed \(seed)")
            #expect(simulation.violations == [], "seed \(seed)")
        }
    }

    /// Crashes and restarts under loss: the leader is always the best of some quorum, and peace brings consensus.
    @Test(arguments: [Int64(3), 5])
    func restartsEndInConsensus(voters: Int64) {
        for seed in UInt64(200)...220 {
            var simulation = ElectionSimulation(voters: voters, observers: 2, seed: seed)
            simulation.lossPercent = 20
            simulation.maximumDelay = 150
            for _ in 0..<15 {
                simulation.run(400)
                simulation.disturb()
            }
            for sid in simulation.sids { simulation.restart(sid) }
            simulation.lossPercent = 0
            simulation.maximumDelay = 40
            simulation.run(30_000) { $0.consensus != nil }
            #expect(simulation.consensus != nil, "seed \(seed)")
            #expect(simulation.violations == [], "seed \(seed)")
        }
    }

    /// A server that comes late, even with the best vote of all, joins the leader there is.
    @Test(arguments: [Int64(3), 5])
    func lateJoinersJoin(voters: Int64) throws {
        for seed in UInt64(300)...315 {
            var simulation = ElectionSimulation(voters: voters, observers: 2, seed: seed)
            let late = simulation.sids[Int(seed) % simulation.sids.count]
            simulation.crash(late)
            simulation.run(20_000) { $0.consensus != nil }
            let leader = try #require(simulation.consensus, "seed \(seed)")
            simulation.restart(late)
            simulation.run(20_000) { $0.consensus != nil }
            #expect(simulation.consensus == leader, "seed \(seed): \(late) came late")
            #expect(simulation.violations == [], "seed \(seed)")
        }
    }

    @Test func sameSeedSameStory() {
        var stories: [[Int64: [ServerID: ServerID]]] = []
        for _ in 0..<2 {
            var simulation = ElectionSimulation(voters: 5, observers: 2, seed: 7)
            simulation.lossPercent = 30
            simulation.run(5000)
            stories.append(simulation.settled)
        }
        #expect(stories[0] == stories[1])
    }
}
