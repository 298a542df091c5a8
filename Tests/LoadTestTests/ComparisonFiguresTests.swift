// Medians, ratios and tables of the comparing commands.

import Testing
import loadtest

@Suite struct ComparisonFiguresTests {
    @Test func spreadIsMedianAndRange() {
        #expect(Spread([3, 1, 2])?.median == 2)
        #expect(Spread([4, 1, 2, 3])?.median == 2.5)
        #expect(Spread([4, 1, 2, 3])?.least == 1)
        #expect(Spread([4, 1, 2, 3])?.most == 4)
        #expect(Spread([]) == nil)
    }

    @Test func ratiosAreTakenRoundByRound() {
        // The second round was disturbed for both alike.
        #expect(Spread.ratio([2, 20, 2], [1, 10, 1]) == Spread([2, 2, 2]))
        #expect(Spread.ratio([2, 5], [1, 0]) == Spread([2]))
        #expect(Spread.ratio([], []) == nil)
    }

    @Test func figuresHaveThreeDigitsAndGroups() {
        #expect(TextTable.figure(0.1234) == "0.12")
        #expect(TextTable.figure(45.678) == "45.7")
        #expect(TextTable.figure(1_234_567.4) == "1,234,567")
        #expect(TextTable.figure(Spread([1, 2, 4])) == "2.00 (1.00–4.00)")
        #expect(TextTable.figure(Spread([7])) == "7.00")
        #expect(TextTable.figure(nil) == "–")
    }

    @Test func tablesAlign() {
        let table = TextTable(header: ["line", "µs"], rows: [["a", "12.0"], ["long name", "1"]])
        #expect(table.text == "line         µs\na          12.0\nlong name     1")
        #expect(table.markdown == "| line | µs |\n| --- | ---: |\n| a | 12.0 |\n| long name | 1 |")
    }
}
