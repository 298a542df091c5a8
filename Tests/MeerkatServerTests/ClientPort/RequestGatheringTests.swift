import MeerkatServer
import Testing

struct RequestGatheringTests {
    private func gathering() -> RequestGathering {
        var limits = Limits()
        limits.gatheredAnswers = 8
        limits.gatherNs = 400
        return RequestGathering(limits: limits)
    }

    @Test func whereFewWriteNothingWaits() {
        var gathering = gathering()
        #expect(!gathering.expectsMore(than: 1))
        gathering.didAnswer(7, atNs: 1000)
        #expect(!gathering.expectsMore(than: 1))
    }

    @Test func asManyRequestsAreWaitedForAsWereAnswered() {
        var gathering = gathering()
        gathering.didAnswer(9, atNs: 1000)
        #expect(gathering.expectsMore(than: 1) && gathering.expectsMore(than: 8))
        #expect(!gathering.expectsMore(than: 9))
        #expect(gathering.patienceNs(atNs: 1000) == 400 && gathering.patienceNs(atNs: 1399) == 1)
        #expect(gathering.patienceNs(atNs: 1400) <= 0)
    }

    /// What comes after they have gone goes at once, until many are answered again.
    @Test func whatComesLaterDoesNotWait() {
        var gathering = gathering()
        gathering.didAnswer(9, atNs: 1000)
        gathering.end()
        #expect(!gathering.expectsMore(than: 1))
        gathering.didAnswer(3, atNs: 1100)
        #expect(!gathering.expectsMore(than: 1))
        gathering.didAnswer(8, atNs: 1200)
        #expect(gathering.expectsMore(than: 7))
        #expect(gathering.patienceNs(atNs: 1200) == 400)
    }
}
