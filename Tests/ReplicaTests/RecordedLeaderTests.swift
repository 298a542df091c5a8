// The leader against recorded learners: it hears what real learners said, and has to lead them the same way.
//
// What is not reproduced, and why:
// - The transactions themselves: they carry times and session ids of the recorded leader, and requests of its own
//   clients that no packet shows. Each is stood in for by a new session's, so that zxids and order agree; recorded
//   REQUESTs and REVALIDATEs are therefore not fed, and their answers not compared.
// - PINGs: time stands still.
// - 04-reconfig: the recorded leader changes its configuration. 05: its second follower feeds an observer.
// - SNAP 0x100000000 to a second empty follower of a new ensemble: the recorded leader's empty tree is numbered by
//   the epoch's start, so that a learner at 0x0 seems to lack something. Here it is at 0x0 too: DIFF 0x0. The trees
//   are equal either way.

import Jute
import Replica
import Testing
import Tree
import Zab

@Suite struct RecordedLeaderTests {
    /// One leader's reign in a recording.
    struct Reign: Sendable, CustomTestStringConvertible {
        var file: String
        var leader: Int64
        var epoch: Int64
        var testDescription: String { "\(file): epoch \(epoch), led by \(leader)" }
    }

    static let reigns = [
        Reign(file: "01-main-3.9.4.quorum", leader: 3, epoch: 1),
        Reign(file: "01-main-3.9.4.quorum", leader: 2, epoch: 2),
        Reign(file: "02-trunc-3.9.4.quorum", leader: 3, epoch: 1),
        Reign(file: "02-trunc-3.9.4.quorum", leader: 2, epoch: 2),
        Reign(file: "03-snap-3.9.4.quorum", leader: 3, epoch: 1),
        Reign(file: "06-mixed-3.8.0-3.9.4.quorum", leader: 3, epoch: 1),
        Reign(file: "06-mixed-3.8.0-3.9.4.quorum", leader: 2, epoch: 2),
        Reign(file: "07-sasl-3.9.4.quorum", leader: 3, epoch: 1),
    ]

    @Test(arguments: reigns)
    func leadsAsTheRecordedLeaderDid(_ reign: Reign) throws {
        let recording = try QuorumRecording(reign.file)
        let conversations = recording.conversations.filter {
            $0.leader.rawValue == reign.leader && $0.epoch.rawValue == reign.epoch
        }
        try #require(!conversations.isEmpty)
        var driven = try DrivenReplica(
            id: ServerID(reign.leader), voters: QuorumRecording.voters, observers: [ServerID(4)],
            log: recording.transactions.filter { $0.zxid.epoch.rawValue < reign.epoch },
            acceptedEpoch: Epoch(reign.epoch - 1), currentEpoch: Epoch(reign.epoch - 1))
        try driven.start()
        try driven.elect(ServerID(reign.leader))

        try play(recording, conversations, into: &driven)
        #expect(driven.failures == [])
        for conversation in conversations {
            let recorded = try recording.packets(of: conversation).filter {
                $0.isPacket && $0.sender == conversation.leader
            }.map { try $0.packet() }
            compare(driven.sentToLearner[Self.link(conversation.connection)] ?? [], recorded, conversation)
        }
    }

    private static func link(_ connection: Int) -> LearnerLinkID { LearnerLinkID(rawValue: UInt64(connection)) }

    private func play(
        _ recording: QuorumRecording, _ conversations: [RecordedConversation], into driven: inout DrivenReplica
    ) throws {
        let connections = Set(conversations.map(\.connection))
        var connected: Set<Int> = []
        for recorded in recording.packets where connections.contains(recorded.connection) && !recorded.isSnapshot {
            let link = Self.link(recorded.connection)
            if recorded.isEnd {
                try driven.feed(.learnerDisconnected(link))
                continue
            }
            let packet = try recorded.packet()
            if connected.insert(recorded.connection).inserted { try driven.feed(.learnerConnected(link)) }
            if recorded.sender == driven.replica.configuration.id {
                let isTransaction = ["PROPOSAL", "INFORM"].contains(recorded.name)
                if isTransaction, packet.zxid > driven.replica.lastLogged {
                    try driven.feed(.client(.openSession(ClientID(rawValue: 1), timeoutMs: 6000)))
                    #expect(driven.replica.lastLogged == packet.zxid, "\(recording.name):\(recorded.line)")
                }
            } else if !["REQUEST", "REVALIDATE"].contains(recorded.name) {
                try driven.feed(.receivedFromLearner(link, packet))
            }
        }
    }

    private func compare(_ ours: [QuorumPacket], _ recorded: [QuorumPacket], _ conversation: RecordedConversation) {
        func untilUpToDate(_ packets: [QuorumPacket]) -> [String] {
            let end = packets.firstIndex { $0.type == PacketType.upToDate.rawValue } ?? packets.count - 1
            return packets[...end].map(Self.name)
        }
        let place = conversation.testDescription
        var expected = untilUpToDate(recorded)
        if expected.contains("snap 0x100000000"), conversation.lastZxid == .zero {
            expected = expected.map { $0 == "snap 0x100000000" ? "diff 0x0" : $0 }
        }
        #expect(untilUpToDate(ours) == expected, "\(place)")
        // History and live traffic in one sequence: what is committed, in which order, and to whom it is told.
        func transactions(_ packets: [QuorumPacket]) -> [String] {
            let types = [PacketType.proposal, .commit, .inform].map(\.rawValue)
            return packets.filter { types.contains($0.type) }.map(Self.name)
        }
        #expect(transactions(ours) == transactions(recorded), "\(place)")
    }

    private static func name(_ packet: QuorumPacket) -> String {
        "\(PacketType(rawValue: packet.type).map { "\($0)" } ?? "?") \(packet.zxid)"
    }
}
