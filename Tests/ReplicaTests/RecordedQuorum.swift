// The recorded conversations between leaders and learners, read from Tests/Vectors/quorum.

import Foundation
import Jute
import Testing
import Zab

/// One packet of a recording, the snapshot stream behind SNAP, or the connection's end.
struct RecordedPacket {
    /// In the file, from 1.
    var line: Int
    var connection: Int
    var sender: ServerID
    var recipient: ServerID
    /// The packet's name; `SNAPSHOT-STREAM` or `CLOSED` for what is none.
    var name: String
    var bytes: [UInt8]

    var isSnapshot: Bool { name == "SNAPSHOT-STREAM" }
    var isEnd: Bool { name == "CLOSED" }
    var isPacket: Bool { !isSnapshot && !isEnd }

    func packet() throws -> QuorumPacket { try QuorumPacket(decoding: bytes) }
}

/// What one learner and its leader said to each other over one connection.
struct RecordedConversation: Sendable, CustomTestStringConvertible {
    var file: String
    var connection: Int
    var learner: ServerID
    var leader: ServerID
    var isObserver: Bool
    /// The epoch the learner had promised, from its introduction.
    var acceptedEpoch: Epoch
    /// The version of the configuration it knew.
    var configVersion: Int64
    /// The end of its log, from its ACKEPOCH.
    var lastZxid: Zxid
    /// The epoch it was in; nil when it had promised the leader's epoch before and did not say.
    var currentEpoch: Epoch?
    /// The leader's epoch.
    var epoch: Epoch

    var testDescription: String { "\(file) connection \(connection): \(learner) learns from \(leader)" }
}

/// One file.
struct QuorumRecording {
    static let voters: Set<ServerID> = [ServerID(1), ServerID(2), ServerID(3)]

    var name: String
    var packets: [RecordedPacket] = []
    var conversations: [RecordedConversation] = []
    /// Every transaction that was sent to anybody, in zxid order.
    var transactions: [Proposal] = []

    static let names = [
        "01-main-3.9.4.quorum", "02-trunc-3.9.4.quorum", "03-snap-3.9.4.quorum", "04-reconfig-3.9.4.quorum",
        "05-observermaster-3.9.4.quorum", "06-mixed-3.8.0-3.9.4.quorum", "07-sasl-3.9.4.quorum",
    ]
    /// An observer whose leader is a follower's observer master port.
    static let observerMaster = "05-observermaster-3.9.4.observermaster"

    private struct Line: Decodable {
        var conn: Int?
        var from: String?
        var to: String?
        var packet: String?
        var hex: String?
    }

    init(_ name: String) throws {
        self.name = name
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Vectors/quorum/\(name).jsonl")
        let text = try String(contentsOf: file, encoding: .utf8)
        let decoder = JSONDecoder()
        for (index, text) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if text.isEmpty { continue }
            let line = try decoder.decode(Line.self, from: Data(text.utf8))
            guard let connection = line.conn, let from = line.from, let to = line.to, let packet = line.packet,
                !["INCOMPLETE", "SASL"].contains(packet)
            else { continue }
            packets.append(
                RecordedPacket(
                    line: index + 1, connection: connection, sender: Self.server(from), recipient: Self.server(to),
                    name: packet, bytes: Self.bytes(hex: line.hex ?? "")))
        }
        try findConversations()
        try collectTransactions()
    }

    func packets(of conversation: RecordedConversation) -> [RecordedPacket] {
        packets.filter { $0.connection == conversation.connection }
    }

    private mutating func findConversations() throws {
        for introduction in packets where ["FOLLOWERINFO", "OBSERVERINFO"].contains(introduction.name) {
            let rest = packets.filter { $0.connection == introduction.connection }
            guard let promise = try rest.first(where: { $0.name == "ACKEPOCH" })?.packet(),
                let announcement = try rest.first(where: { $0.name == "LEADERINFO" })?.packet()
            else { continue }
            let packet = try introduction.packet()
            let info = try LearnerInfo(decoding: packet.data ?? [])
            let bytes = promise.data ?? []
            var decoder = JuteDecoder(bytes.span)
            let current = try decoder.readInt32()
            conversations.append(
                RecordedConversation(
                    file: name, connection: introduction.connection, learner: introduction.sender,
                    leader: introduction.recipient, isObserver: introduction.name == "OBSERVERINFO",
                    acceptedEpoch: packet.zxid.epoch, configVersion: info.configVersion, lastZxid: promise.zxid,
                    currentEpoch: current < 0 ? nil : Epoch(Int64(current)), epoch: announcement.zxid.epoch))
        }
    }

    private mutating func collectTransactions() throws {
        var payloads: [Zxid: [UInt8]] = [:]
        for recorded in packets where ["PROPOSAL", "INFORM"].contains(recorded.name) {
            let packet = try recorded.packet()
            let data = packet.data ?? []
            if let other = payloads[packet.zxid] { try #require(other == data, "\(name):\(recorded.line)") }
            payloads[packet.zxid] = data
        }
        transactions = payloads.keys.sorted().map { Proposal(zxid: $0, payload: payloads[$0]!) }
    }

    /// `s3`, `obs4`.
    private static func server(_ name: String) -> ServerID { ServerID(Int64(name.drop { !$0.isNumber })!) }

    private static func bytes(hex: String) -> [UInt8] {
        func nibble(_ digit: UInt8) -> UInt8 { digit < 0x3a ? digit - 0x30 : digit - 0x57 }
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count, by: 2).map { nibble(digits[$0]) << 4 | nibble(digits[$0 + 1]) }
    }
}
