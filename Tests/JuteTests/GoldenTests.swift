// Every recorded frame decodes into typed records and encodes back to the same bytes. What does not is listed in
// GoldenExceptions.swift.

import Jute
import Testing

@Suite struct GoldenTests {
    @Test func clientFrames() {
        check(Recordings.client, exceptions: clientExceptions) { frame throws(JuteError) in
            try recodeClientFrame(frame)
        }
    }

    @Test func quorumPackets() {
        check(Recordings.quorum, exceptions: [:]) { frame throws(JuteError) in
            try recodeQuorumPacket(frame, frame.bytes)
        }
    }

    @Test func electionMessages() {
        check(Recordings.election, exceptions: [:]) { frame throws(JuteError) in
            try recodeElectionMessage(frame, frame.bytes)
        }
    }

    /// The recordings' own reading of the headers agrees with ours, and so do the names of the numbers.
    @Test func clientHeaders() throws {
        for frame in Recordings.client where frame.xid != nil {
            var decoder = JuteDecoder(frame.bytes.span)
            try decoder.skip(4)
            if frame.direction == "c2s" {
                let header = try decoder.read(RequestHeader.self)
                #expect(header.xid.rawValue == frame.xid, "\(frame)")
                let name = OpCode(rawValue: header.type).map { "\($0)" } ?? "op\(header.type)"
                #expect(name == frame.name, "\(frame)")
            } else {
                let header = try decoder.read(ReplyHeader.self)
                #expect(header.xid.rawValue == frame.xid, "\(frame)")
                #expect(header.zxid.rawValue == frame.zxid, "\(frame)")
                #expect(header.err.rawValue == frame.err, "\(frame)")
            }
        }
    }

    @Test func packetNames() throws {
        for frame in Recordings.quorum where frame.name != "SASL" && frame.name != "SNAPSHOT-STREAM" {
            let packet = try QuorumPacket(decoding: frame.bytes)
            let type = try #require(PacketType(rawValue: packet.type), "\(frame)")
            #expect("\(type)".uppercased() == frame.name, "\(frame)")
        }
    }

    @Test func recordingsAreThere() {
        #expect(Recordings.client.count > 1500)
        #expect(Recordings.quorum.count > 1500)
        #expect(Recordings.election.count > 300)
    }

    private func check(
        _ frames: [RecordedFrame], exceptions: [String: GoldenException],
        recode: (RecordedFrame) throws(JuteError) -> [UInt8]
    ) {
        var unused = exceptions
        for frame in frames {
            let outcome = outcome(of: frame, recode)
            let exception = unused.removeValue(forKey: frame.place)
            #expect(outcome == exception?.outcome ?? .same, "\(frame) (\(exception?.reason ?? "not an exception"))")
        }
        #expect(unused.isEmpty, "exceptions that name no frame: \(unused.keys.sorted())")
    }

    private func outcome(
        of frame: RecordedFrame, _ recode: (RecordedFrame) throws(JuteError) -> [UInt8]
    ) -> GoldenOutcome {
        do throws(JuteError) {
            return try recode(frame) == frame.bytes ? .same : .other
        } catch {
            return .refused(error)
        }
    }
}
