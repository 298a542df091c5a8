// What waits for whom, and who is sent to first.
import MeerkatServer
import Testing

@Suite struct NoticeSharesTests {
    @Test func eventsThatFollowEachOtherAreOnePiece() {
        var shares = NoticeShares()
        shares.open(3)
        let outcomes = [shares.tell(3, 0..<40), shares.tell(3, 40..<100)]
        #expect(outcomes == [.queued, .queued])
        let waits = [shares.isWaiting(3), shares.isWaiting(2)]
        #expect(waits == [true, false])
        let (piece, count) = shares.take(3)
        #expect(piece == 0..<100 && count == 2)
        let stillWaits = shares.isWaiting(3)
        #expect(!stillWaits)
    }

    @Test func anEventToldToOthersInBetweenKeepsTheNextApart() {
        var shares = NoticeShares()
        shares.open(0)
        let outcomes = [shares.tell(0, 0..<40), shares.tell(0, 80..<120)]
        #expect(outcomes == [.queued, .apart])
        let piece = shares.take(0).piece
        #expect(piece == 0..<40)
        let afterwards = shares.tell(0, 80..<120)
        #expect(afterwards == .queued)
    }

    @Test func whoHasWaitedLongestIsNext() {
        var shares = NoticeShares()
        for slot in [5, 200, 1] { shares.open(slot) }
        for slot: UInt32 in [200, 5, 1, 200] { _ = shares.tell(slot, 0..<8) }
        // What was told to this one leaves another way.
        _ = shares.take(5)
        var order: [Int] = []
        while let slot = shares.next() {
            _ = shares.take(slot)
            order.append(slot)
            // Told again before all others were sent to: behind them.
            if order.count == 1 { _ = shares.tell(200, 8..<16) }
        }
        #expect(order == [200, 1, 200])
        let isWaiting = shares.isWaiting
        #expect(!isWaiting)
    }

    @Test func aClosedSlotIsToldNothing() {
        var shares = NoticeShares()
        shares.open(7)
        _ = shares.tell(7, 0..<8)
        shares.close(7)
        let outcome = shares.tell(7, 8..<16)
        #expect(outcome == .passedOver)
        let next = shares.next()
        #expect(next == nil)
        // The next connection of the slot.
        shares.open(7)
        _ = shares.tell(7, 16..<24)
        let (slot, piece) = (shares.next(), shares.take(7).piece)
        #expect(slot == 7 && piece == 16..<24)
    }
}
