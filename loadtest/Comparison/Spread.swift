// Several measurements of one thing, as median and range.

/// Of an odd number of values the middle one; of an even number the mean of the two in the middle.
public struct Spread: Codable, Sendable, Equatable {
    public var median: Double
    public var least: Double
    public var most: Double

    /// Nil of nothing.
    public init?(_ values: [Double]) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        let upper = sorted[sorted.count / 2]
        median = sorted.count % 2 == 1 ? upper : (sorted[sorted.count / 2 - 1] + upper) / 2
        least = first
        most = last
    }

    /// Of the quotients pair by pair: what was measured in the same round was disturbed by the same neighbours.
    public static func ratio(_ numerators: [Double], _ denominators: [Double]) -> Spread? {
        Spread(zip(numerators, denominators).compactMap { $1 > 0 ? $0 / $1 : nil })
    }
}
