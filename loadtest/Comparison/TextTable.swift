// Tables for a terminal and for a document, from the same cells.
import Foundation

/// Rows of cells under a header; the first column is text, the others are figures.
public struct TextTable {
    public var header: [String]
    public var rows: [[String]]

    public init(header: [String], rows: [[String]] = []) {
        self.header = header
        self.rows = rows
    }

    /// Columns padded to equal width.
    public var text: String {
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        return ([header] + rows).map { row in
            let cells = row.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }

    public var markdown: String {
        let rule = header.indices.map { $0 == 0 ? "---" : "---:" }
        return ([header, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }

    /// With a comma between thousands.
    public static func grouped(_ number: Int) -> String {
        var digits = String(abs(number)), parts: [String] = []
        while digits.count > 3 {
            parts.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (number < 0 ? "-" : "") + ([digits] + parts).joined(separator: ",")
    }

    /// Three significant digits, thousands grouped.
    public static func figure(_ value: Double) -> String {
        switch abs(value) {
        case 100...: grouped(Int(value.rounded()))
        case 10..<100: String(format: "%.1f", value)
        default: String(format: "%.2f", value)
        }
    }

    /// The median, and the range where there is more than one value.
    public static func figure(_ spread: Spread?) -> String {
        guard let spread else { return "–" }
        if spread.least == spread.most { return figure(spread.median) }
        return "\(figure(spread.median)) (\(figure(spread.least))–\(figure(spread.most)))"
    }
}
