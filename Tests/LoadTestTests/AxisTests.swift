import Testing
import loadtest

@Suite struct AxisTests {
    @Test func linearAxisBeginsAtZeroAndEndsRound() {
        let axis = Axis.linear(to: 9_300, label: AxisLabel.count)
        #expect(axis.range == 0...10_000)
        #expect(axis.ticks.map(\.label) == ["0", "2 k", "4 k", "6 k", "8 k", "10 k"])
        #expect(axis.position(0) == 0 && axis.position(5_000) == 0.5 && axis.position(20_000) == 1)
    }

    @Test func nothingMeasuredStillHasAnAxis() {
        let axis = Axis.linear(to: 0, label: AxisLabel.count)
        #expect(axis.range == 0...1)
        #expect(Axis.logarithmic(around: [], label: AxisLabel.count).range == 1...10)
    }

    @Test func logarithmicAxisEnclosesItsValues() {
        let wide = Axis.logarithmic(around: [37, 0, 8_200]) { AxisLabel.duration(us: $0) }
        #expect(wide.range == 10...10_000)
        #expect(wide.ticks.map(\.label) == ["10 µs", "100 µs", "1 ms", "10 ms"])
        #expect(abs(wide.position(100) - 1.0 / 3) < 1e-9)
        let narrow = Axis.logarithmic(around: [210, 460]) { AxisLabel.duration(us: $0) }
        #expect(narrow.range == 200...500)
        #expect(narrow.ticks.map(\.label) == ["200 µs", "500 µs"])
    }

    @Test func percentileAxisGivesEachNineTheSameRoom() {
        let axis = Axis.percentile(to: 99.9)
        #expect(axis.ticks.map(\.label) == ["0 %", "50 %", "90 %", "99 %", "99.9 %"])
        #expect(abs(axis.position(90) - 1.0 / 3) < 1e-9 && abs(axis.position(99) - 2.0 / 3) < 1e-9)
    }

    @Test func spanEndsWhereTheRunEnds() {
        let axis = Axis.span(0...5.02, label: AxisLabel.short)
        #expect(axis.range.upperBound == 5.02)
        #expect(axis.ticks.map(\.label) == ["0", "1", "2", "3", "4", "5"])
    }

    @Test func numbersKeepThreeDigits() {
        #expect(AxisLabel.short(0) == "0" && AxisLabel.short(1234.2) == "1234")
        #expect(AxisLabel.short(0.5) == "0.5" && AxisLabel.short(12.34) == "12.3")
        #expect(AxisLabel.count(1_500) == "1.5 k" && AxisLabel.count(2_000_000) == "2 M")
        #expect(AxisLabel.duration(us: 2_500_000) == "2.5 s" && AxisLabel.duration(us: 0.25) == "0.25 µs")
    }
}

@Suite struct CurveTests {
    @Test func percentilesRiseAndStayBelowTheWhole() {
        for count in [1, 2, 10, 1_000_000] {
            let percentiles = Report.Curve.percentiles(count: count)
            #expect(percentiles.first == 0)
            #expect(zip(percentiles, percentiles.dropFirst()).allSatisfy { $0 < $1 })
            #expect((percentiles.last ?? 100) < 100)
        }
    }
}
