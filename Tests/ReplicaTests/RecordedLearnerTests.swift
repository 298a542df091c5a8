// The learner against recorded leaders: it is told what real leaders told real learners, and has to say the same.
//
// What may differ, and why:
// - In the conversations of `interleaved`, the order between a proposal's ACK and what else was said: the recorded
//   learner answered a PING, or forwarded a REQUEST, while its disk was busy with the proposal. Here the disk has no
//   such moment. The order within each kind agrees, and all of the handshake comes before.
// - One ACK at the end may be missing: the recording ends with the connection, in the middle of things.
// - The sessions named in a PING answer: they depend on which clients were heard from, and when.

import Jute
import Replica
import Testing
import Tree
import Zab

@Suite struct RecordedLearnerTests {
    private static let conversations: [RecordedConversation] =
        (QuorumRecording.names + [QuorumRecording.observerMaster])
        .flatMap { (try? QuorumRecording($0).conversations) ?? [] }

    /// File and connection.
    private static let interleaved: Set<String> = [
        "03-snap-3.9.4.quorum 4", "03-snap-3.9.4.quorum 6", "04-reconfig-3.9.4.quorum 8",
        "06-mixed-3.8.0-3.9.4.quorum 6", "06-mixed-3.8.0-3.9.4.quorum 9",
    ]

    @Test func conversationsAreThere() { #expect(Self.conversations.count >= 32) }

    @Test(arguments: conversations)
    func saysWhatTheRecordedLearnerSaid(_ conversation: RecordedConversation) throws {
        let recording = try QuorumRecording(conversation.file)
        var driven = try Self.learner(conversation, recording)
        try driven.start()
        try driven.elect(conversation.leader)
        #expect(driven.replica.learningLeader == conversation.leader)
        try driven.feed(.connectedToLeader)

        var expected: [QuorumPacket] = []
        var snapshotZxid = Zxid.none
        for recorded in recording.packets(of: conversation) where !recorded.isEnd {
            if recorded.isSnapshot {
                try driven.feed(.receivedSnapshot(Self.tree(ofStream: recorded.bytes, snapshotZxid), snapshotZxid))
            } else if recorded.sender == conversation.leader {
                let packet = try recorded.packet()
                if recorded.name == "SNAP" { snapshotZxid = packet.zxid }
                try driven.feed(.receivedFromLeader(packet))
            } else {
                let packet = try recorded.packet()
                expected.append(packet)
                try Self.inject(packet, into: &driven)
            }
            #expect(driven.failures == [], "\(conversation.file):\(recorded.line) \(recorded.name)")
            if !driven.failures.isEmpty { return }
        }

        Self.compare(driven.sentToLeader, expected, conversation)
        #expect(driven.service != nil)
        #expect(driven.replica.tree.checkInvariants().isEmpty)
        #expect(driven.applied.isEmpty || driven.comparedDigests > 0)
    }

    /// Every transaction of every recording leads to the digest its leader computed.
    @Test(arguments: QuorumRecording.names)
    func digestsAgree(name: String) throws {
        let recording = try QuorumRecording(name)
        #expect(try recording.transactions.contains { try TxnRecord(decoding: $0.payload).digest != nil })
        _ = try DrivenReplica.tree(of: recording.transactions)
    }

    // MARK: Beginning

    /// The learner as it was before the conversation: its log is the recorded history up to what it said.
    private static func learner(
        _ conversation: RecordedConversation, _ recording: QuorumRecording
    ) throws -> DrivenReplica {
        var log = recording.transactions.filter { $0.zxid <= conversation.lastZxid }
        // One transaction of 02 was swallowed on its way and is in no recording: the one that is cut off. An error
        // stands for it.
        if let last = log.last?.zxid, last < conversation.lastZxid, conversation.lastZxid.counter != 0 {
            let header = TxnHeader(
                clientId: SessionID(1), cxid: Xid(0), zxid: conversation.lastZxid, time: 0,
                type: OpCode.error.rawValue)
            let record = TxnRecord(header: header, body: .error(ErrorTxn(err: .noNode)), digest: nil)
            log.append(Proposal(zxid: record.zxid, payload: record.encoded()))
        }
        return try DrivenReplica(
            id: conversation.learner, voters: QuorumRecording.voters,
            observers: conversation.isObserver ? [conversation.learner] : [], log: log,
            acceptedEpoch: conversation.acceptedEpoch,
            currentEpoch: conversation.currentEpoch ?? conversation.acceptedEpoch,
            configVersion: conversation.configVersion)
    }

    private static func tree(ofStream bytes: [UInt8], _ zxid: Zxid) throws -> DataTree {
        var loader = SnapshotLoader(seed: 1)
        _ = try loader.consume(bytes)
        let tree = try loader.finish()
        tree.resetLastProcessedZxid(zxid)
        return tree
    }

    /// What the recorded learner said of its clients' accord, a client here makes this one say.
    private static func inject(_ packet: QuorumPacket, into driven: inout DrivenReplica) throws {
        let client = ClientID(rawValue: 1)
        switch PacketType(rawValue: packet.type) {
        case .request:
            let forwarded = try ForwardedRequest(decoding: packet.data ?? [])
            let request = WriteRequest(
                session: forwarded.sessionId, cxid: forwarded.cxid, opCode: forwarded.type, body: forwarded.body,
                identities: packet.authinfo ?? [])
            try driven.feed(.client(.request(client, request)))
        case .revalidate:
            let touch = try SessionTouch(decoding: packet.data ?? [])
            try driven.feed(.client(.reattachSession(client, touch.sessionId, timeoutMs: touch.timeOut)))
        default: break
        }
    }

    // MARK: End

    private static func compare(
        _ ours: [QuorumPacket], _ recorded: [QuorumPacket], _ conversation: RecordedConversation
    ) {
        let ours = ours.map(normal)
        let recorded = recorded.map(normal)
        #expect(recorded.count >= 4)
        #expect(ours.count == recorded.count || ours.count == recorded.count + 1)
        if !interleaved.contains("\(conversation.file) \(conversation.connection)") {
            #expect(Array(ours.prefix(recorded.count)) == recorded)
            return
        }
        #expect(ours.prefix(4) == recorded.prefix(4), "the handshake")
        #expect(ours.count == recorded.count)
        for type in Set(recorded.map(\.type)) {
            #expect(ours.filter { $0.type == type } == recorded.filter { $0.type == type }, "type \(type)")
        }
    }

    /// Without what may differ.
    private static func normal(_ packet: QuorumPacket) -> QuorumPacket {
        var packet = packet
        if packet.type == PacketType.ping.rawValue { packet.data = [] }
        // A list that is empty and one that is not there say the same.
        if packet.authinfo?.isEmpty == true { packet.authinfo = nil }
        return packet
    }
}
