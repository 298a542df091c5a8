// Replays recorded elections of Apache ZooKeeper: what each server received goes into an `Election`, and what it sent
// must come out, per peer and in order.
//
// Tolerated, because the recording cannot tell or the timing is the other side's:
// - repeats: the same message twice in a row to one peer (time-outs; the last message again on a new channel);
// - superseded: a message of ours that a newer one to the same peer followed before the recorded server sent it
//   (send queues hold one message);
// - undelivered: messages of ours to a peer that had no channel any more;
// - overtaken: notifications of two peers within a millisecond, taken in the other order by the receiver;
// - establishment: when a server's vote took the new epoch, and its configuration the new version, is read off its
//   own first answer that shows it;
// - starts: when a server began to look, and with what, is written down below.

import Foundation
import Jute
import Testing
import Zab

struct RecordedElectionTests {
    struct Start: Sendable {
        let server: String
        /// Seconds since the recording began.
        let at: Double
        var zxid: Int64 = 0
        var epoch: Int64 = 0
        /// A new process: rounds begin again.
        var isRestart = false
    }

    struct Recording: Sendable, CustomTestStringConvertible {
        let name: String
        /// Server by leader, in the order in which they were settled on.
        let leaders: [String: [Int64]]
        let starts: [Start]
        /// Reconfigurations restart elections for reasons that are not in the recording.
        var end = Double.infinity
        /// Time recorded and time received, where a server plainly took two channels in the other order.
        var overtaken: [Double: Double] = [:]
        var testDescription: String { name }
    }

    static let recordings = [
        Recording(
            name: "01-main-3.9.4",
            leaders: ["s1": [3, 2], "s2": [3, 2], "s3": [3, 2], "obs4": [3, 3, 3, 2]],
            starts: [
                Start(server: "s1", at: 2.17), Start(server: "s2", at: 2.0955), Start(server: "s3", at: 2.0950),
                Start(server: "obs4", at: 8.77), Start(server: "obs4", at: 12.768, isRestart: true),
                Start(server: "s1", at: 14.9831, zxid: 0x1_0000_001d, epoch: 1),
                Start(server: "s2", at: 14.9831, zxid: 0x1_0000_001d, epoch: 1),
                Start(server: "obs4", at: 15.0334), Start(server: "obs4", at: 15.7255),
                Start(server: "s3", at: 18.2815, zxid: 0x1_0000_001d, epoch: 1, isRestart: true),
            ]),
        Recording(
            name: "02-trunc-3.9.4",
            leaders: ["s1": [3, 2], "s2": [3, 2], "s3": [3, 2], "obs4": [2]],
            starts: [
                Start(server: "s1", at: 2.5275), Start(server: "s2", at: 2.3804), Start(server: "s3", at: 2.3803),
                Start(server: "s1", at: 4.5639, zxid: 0x1_0000_0005, epoch: 1),
                Start(server: "s2", at: 4.5548, zxid: 0x1_0000_0005, epoch: 1),
                Start(server: "s3", at: 9.0235, zxid: 0x1_0000_0006, epoch: 1, isRestart: true),
                Start(server: "obs4", at: 8.2114),
            ]),
        Recording(
            name: "03-snap-3.9.4",
            leaders: ["s1": [3], "s2": [3], "s3": [3], "obs4": [3, 3, 3]],
            starts: [
                Start(server: "s1", at: 8.606), Start(server: "s3", at: 8.606), Start(server: "s2", at: 8.985),
                Start(server: "obs4", at: 12.051), Start(server: "obs4", at: 15.67, isRestart: true),
                Start(server: "obs4", at: 18.768, isRestart: true),
            ]),
        Recording(
            name: "04-reconfig-3.9.4",
            leaders: ["s1": [3], "s2": [3], "s3": [3], "obs4": [3]],
            starts: [
                Start(server: "s1", at: 7.29), Start(server: "s2", at: 6.757), Start(server: "s3", at: 6.987),
                Start(server: "obs4", at: 6.757),
            ], end: 8.1, overtaken: [7.5579: 7.5584]),
        Recording(
            name: "05-observermaster-3.9.4",
            leaders: ["s1": [3], "s2": [3], "s3": [3], "obs4": Array(repeating: 3, count: 10)],
            starts: [
                Start(server: "s1", at: 6.879), Start(server: "s2", at: 6.51), Start(server: "s3", at: 6.51),
                Start(server: "obs4", at: 12.086), Start(server: "obs4", at: 16.4),
                Start(server: "obs4", at: 16.9215), Start(server: "obs4", at: 17.5644),
                Start(server: "obs4", at: 18.2122), Start(server: "obs4", at: 18.8931),
                Start(server: "obs4", at: 19.5974), Start(server: "obs4", at: 20.352),
                Start(server: "obs4", at: 20.8758), Start(server: "obs4", at: 21.5481),
            ]),
        Recording(
            name: "06-mixed-3.8.0-3.9.4",
            leaders: ["s1": [3, 2], "s2": [3, 2], "s3": [3, 2]],
            starts: [
                Start(server: "s1", at: 6.125), Start(server: "s2", at: 5.453), Start(server: "s3", at: 5.453),
                Start(server: "s1", at: 8.5955, zxid: 0x1_0000_0011, epoch: 1),
                Start(server: "s2", at: 8.5792, zxid: 0x1_0000_0011, epoch: 1),
                Start(server: "s3", at: 10.456, zxid: 0x1_0000_0011, epoch: 1, isRestart: true),
            ]),
        Recording(
            name: "07-sasl-3.9.4",
            leaders: ["s1": [3], "s2": [3], "s3": [3]],
            starts: [Start(server: "s1", at: 4.195), Start(server: "s2", at: 3.46), Start(server: "s3", at: 3.46)]),
    ]

    @Test(arguments: recordings)
    func everyServerSaysTheSame(recording: Recording) throws {
        let lines = try RecordedElection.lines(of: recording.name).filter { $0.t < recording.end }
        for server in recording.leaders.keys.sorted() {
            var replay = RecordedElection(server: server, recording: recording, lines: lines)
            replay.run()
            #expect(replay.settled == recording.leaders[server], "\(server) settled")
            for (peer, recorded) in replay.recorded.sorted(by: { $0.key < $1.key }) {
                let differences = RecordedElection.differences(recorded: recorded, ours: replay.sent[peer] ?? [])
                #expect(differences == [], "\(server) to \(peer)")
            }
        }
    }
}
