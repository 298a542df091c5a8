// Line plots as inline SVG, styled by the page. Separate from the page: a plot knows lines, not runs.
import Foundation

/// One line; a point without a value interrupts it.
struct PlotLine: Sendable {
    var label: String
    var points: [(x: Double, y: Double?)]
    /// Index of the colour, of which the page has eight.
    var colour: Int
    var isDashed = false
    /// Values hold until the next point instead of being joined by slopes.
    var isStepped = false
}

/// Axes and lines.
struct Plot: Sendable {
    var title: String
    var xTitle: String
    var yTitle: String
    var x: Axis
    var y: Axis
    var lines: [PlotLine]

    private static let width = 560.0, height = 280.0
    private static let left = 76.0, right = 14.0, top = 10.0, bottom = 46.0
    private static let pointLimit = 1500

    /// A figure with caption, drawing and legend.
    var html: String {
        let legend = lines.map { line in
            "<li class=\"c\(line.colour % 8)\(line.isDashed ? " dashed" : "")\">"
                + "<svg width=\"26\" height=\"10\"><line x1=\"1\" y1=\"5\" x2=\"25\" y2=\"5\"/></svg>"
                + "\(HTMLText.escaped(line.label))</li>"
        }
        return """
            <figure><figcaption>\(HTMLText.escaped(title))</figcaption>
            <svg class="plot" viewBox="0 0 \(number(Self.width)) \(number(Self.height))" role="img" \
            aria-label="\(HTMLText.escaped(title))">
            \(grid)
            \(lines.map(drawn).joined(separator: "\n"))
            \(titles)
            </svg>
            <ul class="legend">\(legend.joined())</ul></figure>
            """
    }

    private func place(_ xValue: Double, _ yValue: Double) -> (x: Double, y: Double) {
        (
            Self.left + x.position(xValue) * (Self.width - Self.left - Self.right),
            Self.height - Self.bottom - y.position(yValue) * (Self.height - Self.top - Self.bottom)
        )
    }

    private var grid: String {
        var parts: [String] = []
        for tick in y.ticks {
            let at = place(x.range.lowerBound, tick.value).y
            parts.append(
                """
                <line class="grid" x1="\(number(Self.left))" y1="\(number(at))" x2="\(number(Self.width - Self.right))" \
                y2="\(number(at))"/><text class="y" x="\(number(Self.left - 7))" y="\(number(at + 4))">\(tick.label)</text>
                """)
        }
        for tick in x.ticks {
            let at = place(tick.value, y.range.lowerBound)
            parts.append(
                """
                <line class="grid" x1="\(number(at.x))" y1="\(number(Self.top))" x2="\(number(at.x))" \
                y2="\(number(at.y))"/><text class="x" x="\(number(at.x))" y="\(number(at.y + 17))">\(tick.label)</text>
                """)
        }
        return parts.joined(separator: "\n")
    }

    private var titles: String {
        let middle = Self.left + (Self.width - Self.left - Self.right) / 2
        let height = Self.top + (Self.height - Self.top - Self.bottom) / 2
        return """
            <text class="x title" x="\(number(middle))" y="\(number(Self.height - 8))">\(HTMLText.escaped(xTitle))</text>
            <text class="x title" transform="translate(15 \(number(height))) rotate(-90)">\(HTMLText.escaped(yTitle))</text>
            """
    }

    private func drawn(_ line: PlotLine) -> String {
        var path = ""
        var isOpen = false
        var lastY = 0.0
        for point in thinned(line.points) {
            guard let value = point.y else {
                isOpen = false
                continue
            }
            let at = place(point.x, value)
            if isOpen, line.isStepped { path += "L\(number(at.x)) \(number(lastY))" }
            path += "\(isOpen ? "L" : "M")\(number(at.x)) \(number(at.y))"
            isOpen = true
            lastY = at.y
        }
        // A single point is seen as a dot: the line's ends are round.
        if !path.isEmpty, !path.contains("L") { path += "h0" }
        return "<path class=\"line c\(line.colour % 8)\(line.isDashed ? " dashed" : "")\" d=\"\(path)\"/>"
    }

    /// Every n-th point where there are more than the drawing can show.
    private func thinned(_ points: [(x: Double, y: Double?)]) -> [(x: Double, y: Double?)] {
        let step = (points.count + Self.pointLimit - 1) / Self.pointLimit
        guard step > 1 else { return points }
        return stride(from: 0, to: points.count, by: step).map { points[$0] }
    }

    private func number(_ value: Double) -> String { HTMLText.number(value) }
}

/// Text for a page.
enum HTMLText {
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }

    /// A coordinate: at most one decimal place.
    static func number(_ value: Double) -> String {
        let tenths = (value * 10).rounded() / 10
        return tenths == tenths.rounded() ? String(Int(tenths)) : String(format: "%.1f", tenths)
    }
}
