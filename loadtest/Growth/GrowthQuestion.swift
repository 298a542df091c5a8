// What can grow, in which steps, and what is measured at each.

/// A series of 'loadtest grow', by its name for `--only`.
enum GrowthQuestion: String, CaseIterable, Sendable {
    case znodes, connections, watches, value, commitWatches = "commit-watches", commitSessions = "commit-sessions"

    /// Sizes in rising order.
    var sizes: [Int] {
        switch self {
        case .znodes: [1000, 10_000, 100_000, 1_000_000, 3_000_000]
        case .connections: [1, 10, 100, 1000, 5000, 10_000, 15_000]
        case .watches: [0, 10_000, 100_000, 1_000_000, 5_000_000]
        case .value: [0, 100, 1024, 4096, 16_384, 65_536]
        case .commitWatches: [0, 10_000, 100_000, 1_000_000, 5_000_000]
        case .commitSessions: [0, 1000, 5000, 10_000, 15_000]
        }
    }

    /// Asked of the observer while the leader is written to.
    var isAboutCommits: Bool { self == .commitWatches || self == .commitSessions }

    var series: GrowthSeries {
        switch self {
        case .znodes:
            GrowthSeries(
                name: rawValue, title: "getData, 16 × 64, any of all znodes", parameter: "znodes", operation: "read",
                reference: .table)
        case .connections:
            GrowthSeries(
                name: rawValue, title: "getData, 8 outstanding per connection, 1,000 znodes", parameter: "connections",
                operation: "read", reference: .canned)
        case .watches:
            GrowthSeries(
                name: rawValue, title: "getData, 16 × 64, 1,000 znodes, beside idle watches on other znodes",
                parameter: "idle watches of 500 sessions", operation: "read")
        case .value:
            GrowthSeries(
                name: rawValue, title: "getData, 16 × 8, 100 znodes", parameter: "value bytes", operation: "read",
                reference: .canned)
        case .commitWatches:
            GrowthSeries(
                name: rawValue, title: "setData, 16 × 16 at the leader, no snapshots; processor time of the observer",
                parameter: "idle watches of 500 sessions", operation: "write")
        case .commitSessions:
            GrowthSeries(
                name: rawValue, title: "setData, 16 × 16 at the leader, no snapshots; processor time of the observer",
                parameter: "idle sessions at the observer", operation: "write")
        }
    }

    /// What is measured at one size.
    func line(at size: Int) -> Line {
        var line = Line(
            name: rawValue, title: "\(series.title): \(TextTable.grouped(size))", operation: series.operation,
            shape: KeyspaceShape(znodes: 1000, valueBytes: 100), arguments: Line.load("get", 16, 64),
            contestants: [series.reference, .meerkat].compactMap { $0 })
        switch self {
        case .znodes: line.shape.znodes = size
        case .connections:
            line.arguments = Line.load("get", size, 8)
            // All sessions begin at once; their first requests are to be over.
            line.warmUp += Double(size) / 5000
        case .value:
            line.shape = KeyspaceShape(znodes: 100, valueBytes: size)
            line.arguments = Line.load("get", 16, 8)
        case .watches: break
        case .commitWatches, .commitSessions: line.arguments = Line.load("set", 16, 16)
        }
        return line
    }
}
