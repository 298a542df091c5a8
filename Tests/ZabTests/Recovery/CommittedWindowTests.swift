// The committed window: its bounds and that it has no gap (quorum protocol, "Decision rule", the window).

import Jute
import Testing
import Zab

@Suite struct CommittedWindowTests {
    private static func zxid(_ epoch: Int64, _ counter: UInt32) -> Zxid { Zxid(epoch: Epoch(epoch), counter: counter) }

    private static func window(
        _ zxids: [Zxid], count: Int = 100, bytes: Int = 10_000, size: Int = 10
    ) -> CommittedWindow {
        var window = CommittedWindow(maximumCount: count, maximumBytes: bytes)
        for zxid in zxids { window.append(Proposal(zxid: zxid, payload: [UInt8](repeating: 0, count: size))) }
        return window
    }

    @Test func theOldestGoWhenThereAreTooMany() {
        let window = Self.window((1...5).map { Self.zxid(1, $0) }, count: 3)
        #expect(window.first == Self.zxid(1, 3))
        #expect(window.last == Self.zxid(1, 5))
        #expect(window.count == 3)
    }

    @Test func theOldestGoWhenTheyAreTooLarge() {
        let window = Self.window((1...5).map { Self.zxid(1, $0) }, bytes: 25)
        #expect(window.first == Self.zxid(1, 4))
        #expect(window.count == 2)
    }

    @Test func theNewestStaysHoweverLarge() {
        let window = Self.window([Self.zxid(1, 1), Self.zxid(1, 2)], bytes: 5)
        #expect(window.first == Self.zxid(1, 2))
        #expect(window.count == 1)
    }

    @Test func aGapEmptiesIt() {
        let window = Self.window([Self.zxid(1, 1), Self.zxid(1, 2), Self.zxid(1, 4)])
        #expect(window.first == Self.zxid(1, 4))
        #expect(window.count == 1)
    }

    @Test func aLaterEpochFollowsWithItsFirst() {
        #expect(Self.window([Self.zxid(1, 8), Self.zxid(2, 1), Self.zxid(5, 1)]).count == 3)
        #expect(Self.window([Self.zxid(1, 8), Self.zxid(2, 2)]).first == Self.zxid(2, 2))
    }

    @Test func whatFollowsWhat() {
        #expect(CommittedWindow.follows(Self.zxid(1, 2), Self.zxid(1, 1)))
        #expect(CommittedWindow.follows(Self.zxid(1, 1), .zero))
        #expect(CommittedWindow.follows(Self.zxid(3, 1), Self.zxid(1, 9)))
        #expect(!CommittedWindow.follows(Self.zxid(1, 3), Self.zxid(1, 1)))
        #expect(!CommittedWindow.follows(Self.zxid(1, 1), Self.zxid(1, 1)))
        #expect(!CommittedWindow.follows(Self.zxid(1, 1), Self.zxid(2, 1)))
    }

    @Test func truncationForgetsTheEnd() {
        var window = Self.window((1...5).map { Self.zxid(1, $0) }, bytes: 60)
        window.truncate(to: Self.zxid(1, 2))
        #expect(window.last == Self.zxid(1, 2))
        #expect(window.count == 2)
        // Its bytes are free again: four more fit beside the two.
        for counter in UInt32(3)...6 {
            window.append(Proposal(zxid: Self.zxid(1, counter), payload: [UInt8](repeating: 0, count: 10)))
        }
        #expect(window.first == Self.zxid(1, 1))
        #expect(window.count == 6)
    }

    @Test func truncationToBeforeItsBeginningEmptiesIt() {
        var window = Self.window([Self.zxid(2, 4), Self.zxid(2, 5)])
        window.truncate(to: Self.zxid(1, 9))
        #expect(window.first == nil)
        #expect(window.last == nil)
    }

    @Test func proposalsFromAZxidOn() {
        let window = Self.window([Self.zxid(1, 8), Self.zxid(1, 9), Self.zxid(2, 1)])
        #expect(window.proposals(from: .zero).map(\.zxid).count == 3)
        #expect(window.proposals(from: Self.zxid(1, 9)).map(\.zxid) == [Self.zxid(1, 9), Self.zxid(2, 1)])
        #expect(window.proposals(from: Self.zxid(1, 10)).map(\.zxid) == [Self.zxid(2, 1)])
        #expect(window.proposals(from: Self.zxid(2, 2)).isEmpty)
    }
}
