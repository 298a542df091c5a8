// Which acknowledgements a leader may pass over.

import Jute
import MeerkatServer
import Testing

@Suite struct AckRunTests {
    private static let size = 20

    private func bytes(_ packets: [QuorumPacket]) -> [UInt8] { packets.flatMap { $0.encoded() } }
    private func ack(_ zxid: Zxid) -> QuorumPacket { QuorumPacket(.ack, zxid: zxid) }
    private func superfluous(_ packets: [QuorumPacket], truncatedBy missing: Int = 0) -> Int {
        AckRun.superfluousBytes(in: Array(bytes(packets).dropLast(missing)).span.bytes)
    }

    private let epoch = Epoch(7)
    private func zxid(_ counter: UInt32) -> Zxid { Zxid(epoch: epoch, counter: counter) }

    @Test func theLastOfARunIsLeft() {
        #expect(superfluous([ack(zxid(1))]) == 0)
        #expect(superfluous([ack(zxid(1)), ack(zxid(2)), ack(zxid(3))]) == 2 * Self.size)
        #expect(superfluous([ack(zxid(1)), ack(zxid(2)), QuorumPacket(.ping, zxid: .none)]) == Self.size)
    }

    @Test func anIncompletePacketEndsTheRun() {
        #expect(superfluous([ack(zxid(1)), ack(zxid(2)), ack(zxid(3))], truncatedBy: 1) == Self.size)
        #expect(superfluous([ack(zxid(1))], truncatedBy: 1) == 0)
    }

    @Test func whatIsNotAnAcknowledgementOfAProposalStays() {
        #expect(superfluous([ack(epoch.start), ack(zxid(1))]) == 0)
        #expect(superfluous([ack(zxid(1)), ack(epoch.start)]) == 0)
        #expect(superfluous([ack(zxid(2)), ack(zxid(1))]) == 0)
        #expect(superfluous([QuorumPacket(.commit, zxid: zxid(1)), QuorumPacket(.commit, zxid: zxid(2))]) == 0)
        let withData = QuorumPacket(.ack, zxid: zxid(1), data: [])
        #expect(superfluous([withData, ack(zxid(2))]) == 0)
    }
}
