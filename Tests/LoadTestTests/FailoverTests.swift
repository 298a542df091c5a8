import Testing
import loadtest

@Suite struct GapsTests {
    @Test func longestOfAllIsShorterThanThatOfASession() {
        var gaps = Gaps(sessions: 2)
        gaps.begin(nowNs: 100)
        gaps.succeeded(session: 0, nowNs: 110)
        gaps.succeeded(session: 1, nowNs: 150)
        gaps.succeeded(session: 0, nowNs: 170)
        gaps.end(nowNs: 180)
        #expect(gaps.longestNs == 40)
        #expect(gaps.longestOfSessionNs == [60, 50])
        #expect(gaps.worstSessionNs == 60 && gaps.medianSessionNs == 60)
    }

    @Test func whatNeverComesBackCounts() {
        var gaps = Gaps(sessions: 1)
        gaps.begin(nowNs: 0)
        gaps.succeeded(session: 0, nowNs: 5)
        gaps.end(nowNs: 1000)
        #expect(gaps.longestNs == 995 && gaps.longestOfSessionNs == [995])
    }
}

@Suite struct WriteRecordTests {
    /// Five writes: two acknowledged, two lost with their connection, one acknowledged on the next.
    private var broken: WriteRecord {
        var record = WriteRecord()
        for _ in 0..<4 { _ = record.write() }
        record.wasMade()
        record.wasMade()
        record.disconnected()
        _ = record.write()
        record.wasMade()
        return record
    }

    @Test func acknowledgementsAreNumbered() {
        #expect(broken.sent == 5 && broken.acknowledged == 5)
        #expect(broken.acknowledgements == 3 && broken.unknown == 2 && broken.unanswered == 0)
    }

    @Test(arguments: [3, 4, 5]) func anyNumberOfUnknownWritesMayHaveBeenMade(_ version: Int64) {
        #expect(broken.fault(value: 5, version: version) == nil)
    }

    @Test func lostWritesAreSeen() {
        #expect(broken.fault(value: 4, version: 4) != nil)
        #expect(broken.fault(value: 5, version: 2) != nil)
        #expect(broken.fault(value: 5, version: 6) != nil)
        #expect(broken.fault(value: 6, version: 5) != nil)
    }

    @Test func refusedWritesAreUnknown() {
        var record = WriteRecord()
        _ = record.write()
        record.wasRefused()
        #expect(record.fault(value: 0, version: 0) == nil && record.fault(value: 1, version: 1) == nil)
    }
}
