// Encoding is the inverse of decoding for every record: random bytes of its shape come back, and so does the value.

import Foundation
import Jute
import Testing

@Suite struct RoundTripTests {
    @Test func records() throws {
        var random = SeededRandom(seed: 4)
        for shape in RecordShape.all {
            for _ in 0..<100 { try roundTrip(shape.type, shape.bytes(&random)) }
        }
    }

    @Test func transactions() throws {
        var random = SeededRandom(seed: 5)
        for _ in 0..<2000 {
            let record = TxnRecord.random(&random)
            #expect(try TxnRecord(decoding: record.encoded()) == record)
        }
    }

    @Test func multis() throws {
        var random = SeededRandom(seed: 6)
        for _ in 0..<500 {
            let request = MultiRequest.random(&random)
            #expect(try MultiRequest(decoding: request.encoded()) == request)
            let response = MultiResponse.random(&random)
            #expect(try MultiResponse(decoding: response.encoded()) == response)
        }
    }

    @Test func notifications() throws {
        var random = SeededRandom(seed: 7)
        for _ in 0..<500 {
            let notification = Notification(
                state: PeerState(rawValue: Int32.random(in: 0...3, using: &random))!,
                leader: ServerID(.random(in: .min ... .max, using: &random)),
                zxid: Zxid(.random(in: .min ... .max, using: &random)),
                electionEpoch: .random(in: .min ... .max, using: &random),
                peerEpoch: Epoch(.random(in: .min ... .max, using: &random)),
                config: random.bytes(Int.random(in: 0...300, using: &random)))
            #expect(try Notification(decoding: notification.encoded()) == notification)
        }
    }

    @Test func electionInitials() throws {
        var random = SeededRandom(seed: 8)
        for _ in 0..<500 {
            let version = [ElectionInitial.Version.idOnly, .oneAddress, .manyAddresses].randomElement(using: &random)!
            let initial = ElectionInitial(
                sid: ServerID(.random(in: 0 ... .max, using: &random)),
                addressText: UString(bytes: random.bytes(Int.random(in: 1...2048, using: &random))), version: version)
            #expect(try ElectionInitial(decoding: initial.encoded()) == initial)
        }
    }

    /// A record that is added to the sources must be added here.
    @Test func everyRecordIsCovered() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources/Jute/Records")
        let covered = Set(RecordShape.all.map { "\($0.type)" } + ["MultiRequest", "MultiResponse", "ElectionInitial"])
        var declared: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: sources.path) {
            let text = try String(contentsOf: sources.appending(path: file), encoding: .utf8)
            for match in text.matches(of: /struct (\w+): JuteRecord/) { declared.insert(String(match.1)) }
        }
        #expect(declared == covered)
    }

    private func roundTrip<Record: JuteRecord & Hashable>(_: Record.Type, _ bytes: [UInt8]) throws {
        let record = try Record(decoding: bytes)
        #expect(record.encoded() == bytes, "\(record)")
        #expect(try Record(decoding: record.encoded()) == record)
        var framed = JuteDecoder(record.framed().span)
        #expect(try framed.readBuffer() == bytes, "\(record)")
    }
}
