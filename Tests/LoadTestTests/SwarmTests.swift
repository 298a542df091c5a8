import Testing
import loadtest

@Suite struct ComplaintsTests {
    @Test func eachReasonIsToldOnceWithItsCount() {
        var complaints = Complaints(), more = Complaints()
        complaints.add("closed by the server")
        more.add("refused")
        more.add("closed by the server", count: 2)
        complaints.add(more)
        #expect(complaints.first == "closed by the server")
        #expect(complaints.lines == ["3 times: closed by the server", "refused"])
    }

    @Test func furtherKindsAreOnlyCounted() {
        var complaints = Complaints()
        for number in 0..<(Complaints.kindLimit + 3) { complaints.add("reason \(number)") }
        #expect(complaints.lines.count == Complaints.kindLimit + 1)
        #expect(complaints.lines.last == "3 times: other reasons")
    }
}

@Suite struct ScheduleTests {
    private let schedule = Schedule(beganNs: 1_000_000_000, perSecond: 100, sessions: 4)

    @Test func sessionsTakeTurns() {
        #expect(schedule.start(session: 0, count: 0, nowNs: 1_000_000_000) == 1_000_000_000)
        #expect(schedule.start(session: 1, count: 0, nowNs: 1_000_000_000) == nil)
        #expect(schedule.start(session: 1, count: 0, nowNs: 1_010_000_000) == 1_010_000_000)
        #expect(schedule.start(session: 0, count: 1, nowNs: 1_040_000_000) == 1_040_000_000)
    }

    /// What was held back is timed from when it was due: no coordinated omission.
    @Test func lateRequestsCountFromWhenTheyWereDue() {
        #expect(schedule.start(session: 2, count: 0, nowNs: 1_500_000_000) == 1_020_000_000)
        let late = 1_020_000_000 + Schedule.graceNs
        #expect(schedule.start(session: 2, count: 0, nowNs: late) == late)
    }
}
