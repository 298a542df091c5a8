// What went wrong, in sentences. Separate because thousands of sessions may suffer the same: each reason is told once.

/// Reasons with how often each occurred. Bounded: further kinds are only counted.
public struct Complaints: Sendable {
    private var counts: [(text: String, count: Int)] = []
    private var others = 0
    public static let kindLimit = 8

    public init() {}

    public mutating func add(_ text: String, count: Int = 1) {
        if let index = counts.firstIndex(where: { $0.text == text }) {
            counts[index].count += count
        } else if counts.count < Self.kindLimit {
            counts.append((text, count))
        } else {
            others += count
        }
    }

    public mutating func add(_ more: Complaints) {
        for (text, count) in more.counts { add(text, count: count) }
        others += more.others
    }

    public var first: String? { counts.first?.text }

    /// One line per reason, the most frequent first.
    public var lines: [String] {
        let sorted = counts.sorted { $0.count > $1.count }
        let told = sorted.map { $0.count == 1 ? $0.text : "\($0.count) times: \($0.text)" }
        return others == 0 ? told : told + ["\(others) times: other reasons"]
    }
}
