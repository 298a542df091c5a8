// The simulator as a command: any number of seeds, or one with its whole story.
//
//     swift run -c release simulate 20000          seeds 1 to 20000
//     swift run -c release simulate 500 from 7000  seeds 7000 to 7499
//     swift run -c release simulate replay 4711    one seed, told

import Foundation
import Simulator

@main
enum Simulate {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        if arguments.first == "replay", let seed = arguments.dropFirst().first.flatMap({ UInt64($0) }) {
            replay(seed)
        } else {
            let count = arguments.first.flatMap { UInt64($0) } ?? 1000
            let first = arguments.dropFirst(2).first.flatMap { UInt64($0) } ?? 1
            run(count, from: first)
        }
    }

    private static func replay(_ seed: UInt64) {
        let cluster = SimulatedCluster(seed: seed, scenario: Scenario(seed: seed))
        cluster.trace = { print($0) }
        let failure = cluster.run()
        print("seed \(seed): \(failure ?? "passed"), \(cluster.checkers.acknowledgedCount) acknowledged writes")
    }

    private static func run(_ count: UInt64, from first: UInt64) {
        var failures = 0
        var acknowledged = 0
        for seed in first..<first + count {
            let cluster = SimulatedCluster(seed: seed, scenario: Scenario(seed: seed))
            if let failure = cluster.run() {
                failures += 1
                print("seed \(seed): \(failure)")
            }
            acknowledged += cluster.checkers.acknowledgedCount
        }
        print("\(count) seeds, \(acknowledged) acknowledged writes")
        print("\(Int(count) - failures) passed, \(failures) failed")
        if failures > 0 { exit(1) }
    }
}
