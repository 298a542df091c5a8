// From values to places along an axis, and where its marks stand. Separate from drawing: this is arithmetic.
import Foundation

/// One axis of a plot.
public struct Axis: Sendable, Equatable {
    public enum Scale: Sendable, Equatable {
        case linear
        /// Powers of ten are evenly spaced.
        case logarithmic
        /// For percentiles below 100: each halving of the remainder takes the same room.
        case percentile
    }

    public struct Tick: Sendable, Equatable {
        public var value: Double
        public var label: String
    }

    public let scale: Scale
    public let range: ClosedRange<Double>
    public let ticks: [Tick]

    /// 0 at the start, 1 at the end; values outside are put at the border.
    public func position(_ value: Double) -> Double {
        let (low, high) = (transformed(range.lowerBound), transformed(range.upperBound))
        guard high > low else { return 0 }
        return min(1, max(0, (transformed(value) - low) / (high - low)))
    }

    private func transformed(_ value: Double) -> Double {
        switch scale {
        case .linear: value
        case .logarithmic: log10(max(value, .leastNormalMagnitude))
        case .percentile: -log10(max(1e-12, 1 - value / 100))
        }
    }

    /// From 0 to a round number not below `maximum`, with about five marks.
    public static func linear(to maximum: Double, label: (Double) -> String) -> Axis {
        let top = maximum > 0 ? maximum : 1
        let step = niceStep(top / 5)
        let count = Int((top / step - 1e-9).rounded(.up))
        let ticks = (0...count).map { Tick(value: Double($0) * step, label: label(Double($0) * step)) }
        return Axis(scale: .linear, range: 0...(Double(count) * step), ticks: ticks)
    }

    /// Exactly the range given, with marks at round numbers within.
    public static func span(_ range: ClosedRange<Double>, label: (Double) -> String) -> Axis {
        let width = range.upperBound - range.lowerBound
        let step = niceStep(width > 0 ? width / 8 : 1)
        let first = Int((range.lowerBound / step - 1e-9).rounded(.up)), last = Int(range.upperBound / step + 1e-9)
        let ticks = stride(from: first, through: max(first, last), by: 1).map { number in
            Tick(value: Double(number) * step, label: label(Double(number) * step))
        }
        return Axis(scale: .linear, range: range, ticks: ticks)
    }

    /// 1, 2 or 5 times a power of ten, not below `rough`, which is positive.
    public static func niceStep(_ rough: Double) -> Double {
        let power = pow(10, (log10(rough) + 1e-9).rounded(.down))
        let steps = [1.0, 2, 5, 10].map { $0 * power }
        return steps.first { $0 >= rough * (1 - 1e-9) } ?? 10 * power
    }

    /// Around positive values; marks at powers of ten, and at 2 and 5 times these when there is room.
    public static func logarithmic(around values: [Double], label: (Double) -> String) -> Axis {
        let positive = values.filter { $0 > 0 }
        let low = positive.min() ?? 1, high = positive.max() ?? 10
        let parts = high / low > 100 ? [1.0, 10] : [1.0, 2, 5, 10]
        let bottom = pow(10, log10(low).rounded(.down)), top = pow(10, log10(high).rounded(.down))
        let from = bottom * (parts.last { bottom * $0 <= low * 1.000001 } ?? 1)
        var to = top * (parts.first { top * $0 >= high * 0.999999 } ?? 10)
        if to <= from { to = from * 10 }
        var marks: [Double] = []
        var power = bottom
        while power <= to * 1.000001 {
            marks += parts.dropLast().map { power * $0 }.filter { $0 >= from * 0.999999 && $0 <= to * 1.000001 }
            power *= 10
        }
        return Axis(scale: .logarithmic, range: from...to, ticks: marks.map { Tick(value: $0, label: label($0)) })
    }

    /// From 0 to the last nine that `highest`, below 100, reaches.
    public static func percentile(to highest: Double) -> Axis {
        let marks: [(Double, String)] = [
            (0, "0 %"), (50, "50 %"), (90, "90 %"), (99, "99 %"), (99.9, "99.9 %"), (99.99, "99.99 %"),
            (99.999, "99.999 %"), (99.9999, "99.9999 %"), (99.99999, "99.99999 %"),
        ]
        let end = max(90, min(99.999999, highest))
        let ticks = marks.filter { $0.0 <= end }.map { Tick(value: $0.0, label: $0.1) }
        return Axis(scale: .percentile, range: 0...end, ticks: ticks)
    }
}

/// Numbers as axes and tables show them.
public enum AxisLabel {
    /// 1500 is 1.5 k.
    public static func count(_ value: Double) -> String {
        switch abs(value) {
        case 1e9...: short(value / 1e9) + " G"
        case 1e6...: short(value / 1e6) + " M"
        case 1e3...: short(value / 1e3) + " k"
        default: short(value)
        }
    }

    /// Microseconds in the unit that suits them.
    public static func duration(us: Double) -> String {
        switch us {
        case 1e6...: short(us / 1e6) + " s"
        case 1e3...: short(us / 1e3) + " ms"
        default: short(us) + " µs"
        }
    }

    /// Three digits that matter, without zeros at the end.
    public static func short(_ value: Double) -> String {
        if value == 0 { return "0" }
        let places = max(0, 2 - Int(log10(abs(value)).rounded(.down)))
        let text = String(format: "%.\(places)f", value)
        guard text.contains(".") else { return text }
        let trimmed = text.reversed().drop { $0 == "0" }
        return String((trimmed.first == "." ? trimmed.dropFirst() : trimmed).reversed())
    }
}
