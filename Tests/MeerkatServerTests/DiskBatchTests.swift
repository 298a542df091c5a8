// When what the replica loop has for the disk is handed over.

import Jute
import MeerkatServer
import Replica
import Testing
import Zab

@Suite struct DiskBatchTests {
    private func append(_ counter: UInt32, bytes: Int = 1) -> DiskMessage {
        let proposal = Proposal(
            zxid: Zxid(epoch: Epoch(1), counter: counter), payload: [UInt8](repeating: 0, count: bytes))
        return .perform(.append(proposal), DiskTicket(rawValue: UInt64(counter)), isAwaited: false)
    }

    /// The tickets handed over by one post; nil if it handed nothing over.
    private func posted(_ batch: inout DiskBatch) -> [UInt64]? {
        var tickets: [UInt64]?
        batch.post { messages in
            #expect(tickets == nil, "handed over twice")
            tickets = messages.map { if case .perform(_, let ticket, _) = $0 { ticket.rawValue } else { 0 } }
        }
        return tickets
    }

    @Test func nothingIsNotHandedOver() {
        var batch = DiskBatch(limits: QuorumLimits())
        batch.endGathering()
        #expect(posted(&batch) == nil)
    }

    @Test func whatSomebodyWaitsForTakesAllBeforeItAlong() {
        var batch = DiskBatch(limits: QuorumLimits())
        batch.append(append(1), isAwaited: false)
        #expect(posted(&batch) == nil)
        batch.append(append(2))
        batch.append(append(3), isAwaited: false)
        #expect(posted(&batch) == [1, 2, 3])
        batch.append(append(4), isAwaited: false)
        #expect(posted(&batch) == nil)
    }

    @Test func theTickEndsTheGatheringOnce() {
        var batch = DiskBatch(limits: QuorumLimits())
        batch.append(append(1), isAwaited: false)
        batch.endGathering()
        #expect(posted(&batch) == [1])
        batch.append(append(2), isAwaited: false)
        #expect(posted(&batch) == nil)
    }

    @Test func atTheBoundsItIsHandedOver() {
        var limits = QuorumLimits()
        limits.gatheredAppends = 3
        limits.gatheredAppendBytes = 100
        var batch = DiskBatch(limits: limits)
        for counter in 1...2 { batch.append(append(UInt32(counter)), isAwaited: false) }
        #expect(posted(&batch) == nil)
        batch.append(append(3), isAwaited: false)
        #expect(posted(&batch) == [1, 2, 3])
        batch.append(append(4, bytes: 99), isAwaited: false)
        #expect(posted(&batch) == nil)
        batch.append(append(5), isAwaited: false)
        #expect(posted(&batch) == [4, 5])
        // The count of bytes begins anew.
        batch.append(append(6, bytes: 99), isAwaited: false)
        #expect(posted(&batch) == nil)
    }
}
