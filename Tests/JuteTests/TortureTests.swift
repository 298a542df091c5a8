// Damaged input: every recorded frame cut at every offset, and mutated by seed. Nothing may trap; what is not a record
// is a typed error.

import Jute
import Testing

/// Bytes without their frame length, and the way they are read.
private struct Sample: Sendable {
    var frame: RecordedFrame
    var bytes: [UInt8]
    var recode: @Sendable ([UInt8]) throws(JuteError) -> [UInt8]

    /// How one reading of `damaged` went; nil is success.
    func fault(of damaged: [UInt8]) -> JuteError? {
        do throws(JuteError) {
            _ = try recode(damaged)
            return nil
        } catch {
            return error
        }
    }
}

private enum Samples {
    static let client = distinct(Recordings.client).map { frame in
        Sample(frame: frame, bytes: Array(frame.bytes.dropFirst(4))) { bytes throws(JuteError) in
            try recodeClientPayload(frame, bytes)
        }
    }

    /// Without the snapshot streams, which are not read here.
    static let quorum = distinct(Recordings.quorum.filter { $0.name != "SNAPSHOT-STREAM" }).map { frame in
        Sample(frame: frame, bytes: frame.bytes) { bytes throws(JuteError) in try recodeQuorumPacket(frame, bytes) }
    }

    static let notifications = distinct(Recordings.election.filter { $0.name == "NOTIFICATION" }).map { frame in
        Sample(frame: frame, bytes: Array(frame.bytes.dropFirst(4))) { bytes throws(JuteError) in
            var notification = try Notification(decoding: bytes)
            // Below 2 a version cannot be told from the unused end of the 40-byte form.
            if notification.version < 2 { notification.version = 0 }
            return notification.encoded()
        }
    }

    /// INITIAL and SASL: no length precedes them.
    static let greetings = distinct(Recordings.election.filter { $0.name != "NOTIFICATION" }).map { frame in
        Sample(frame: frame, bytes: frame.bytes) { bytes throws(JuteError) in try recodeElectionMessage(frame, bytes) }
    }

    /// Equal bytes of one name are read alike: one of them is enough.
    private static func distinct(_ frames: [RecordedFrame]) -> [RecordedFrame] {
        var seen: Set<[UInt8]> = []
        return frames.filter { seen.insert(Array("\($0.direction ?? "") \($0.name) ".utf8) + $0.bytes).inserted }
    }
}

@Suite struct TortureTests {
    @Test func cutClientFrames() {
        for sample in Samples.client { readEveryPrefix(of: sample) }
    }

    /// A notification is framed, so a shorter one is an older form or an error; a cut configuration is never accepted.
    @Test func cutNotifications() {
        for sample in Samples.notifications {
            readEveryPrefix(of: sample)
            for count in 44..<sample.bytes.count {
                #expect(sample.fault(of: Array(sample.bytes.prefix(count))) != nil, "\(sample.frame) cut at \(count)")
            }
        }
    }

    /// Nothing frames these: a reader takes `truncated`, and only that, for a reason to wait for more bytes.
    @Test func cutStreams() {
        for sample in Samples.quorum + Samples.greetings {
            for count in 0..<sample.bytes.count {
                let fault = sample.fault(of: Array(sample.bytes.prefix(count)))
                #expect(fault == .truncated, "\(sample.frame) cut at \(count)")
            }
        }
    }

    @Test func mutatedClientFrames() { mutate(Samples.client, seed: 1) }
    @Test func mutatedQuorumPackets() { mutate(Samples.quorum, seed: 2) }
    @Test func mutatedElectionMessages() { mutate(Samples.notifications + Samples.greetings, seed: 3) }

    /// The body of every kind of transaction, read as every other kind.
    @Test func transactionsUnderWrongTypes() throws {
        for frame in Recordings.quorum where frame.name == "PROPOSAL" {
            let data = try #require(QuorumPacket(decoding: frame.bytes).data)
            for opCode in OpCode.allCases {
                var renamed = data
                withUnsafeBytes(of: opCode.rawValue.bigEndian) { renamed.replaceSubrange(28..<32, with: $0) }
                _ = try? TxnRecord(decoding: renamed).encoded()
            }
        }
    }

    private func readEveryPrefix(of sample: Sample) {
        for count in 0..<sample.bytes.count { _ = sample.fault(of: Array(sample.bytes.prefix(count))) }
    }

    /// Reads mutants of every sample. Whatever is accepted must, once encoded, be accepted again and be stable.
    private func mutate(_ samples: [Sample], seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for sample in samples {
            for _ in 0..<16 {
                let mutant = mutant(of: sample.bytes, others: samples, &random)
                guard let encoded = try? sample.recode(mutant) else { continue }
                let again = try? sample.recode(encoded)
                #expect(again == encoded, "\(sample.frame) as \(mutant)")
            }
        }
    }

    private func mutant(of bytes: [UInt8], others: [Sample], _ random: inout SeededRandom) -> [UInt8] {
        var mutant = bytes
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            switch Int.random(in: 0..<4, using: &random) {
            case 0: flip(&mutant, &random)
            case 1: overwriteLength(&mutant, &random)
            case 2: mutant.removeSubrange(range(in: mutant, &random))
            default:
                let donor = others.randomElement(using: &random)!.bytes
                mutant.replaceSubrange(range(in: mutant, &random), with: donor[range(in: donor, &random)])
            }
        }
        return mutant
    }

    private func flip(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        guard let index = bytes.indices.randomElement(using: &random) else { return }
        bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    }

    /// Four bytes anywhere become a number that no length should be.
    private func overwriteLength(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        if bytes.count < 4 { return }
        let lengths: [Int32] = [.max, .min, -1, -2, 0, 0x00ff_ffff, 0x0010_0000, Int32(bytes.count), .max / 8]
        let start = Int.random(in: 0...bytes.count - 4, using: &random)
        let length = lengths.randomElement(using: &random)!
        withUnsafeBytes(of: length.bigEndian) { bytes.replaceSubrange(start..<start + 4, with: $0) }
    }

    private func range(in bytes: [UInt8], _ random: inout SeededRandom) -> Range<Int> {
        let start = Int.random(in: 0...bytes.count, using: &random)
        return start..<Int.random(in: start...bytes.count, using: &random)
    }
}
