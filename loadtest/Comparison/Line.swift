// One line of the comparison: what is asked of whom, and which figure counts.

/// What a line compares.
enum Quantity: String, Codable, Sendable {
    /// Processor microseconds of the server under test per operation.
    case serverCPU
    /// The same of all processes of the ensemble together.
    case ensembleCPU
    /// Growth of the server's resident memory per session, KiB.
    case sessionMemory

    var unit: String { self == .sessionMemory ? "KiB" : "µs" }
}

/// A workload with fixed parameters.
struct Line: Sendable {
    /// As `--only` takes it.
    var name: String
    /// For people.
    var title: String
    /// What is counted: read, notification, session, write.
    var operation: String
    var quantity = Quantity.serverCPU
    var shape: KeyspaceShape
    /// Subcommand and options, beyond what every line has.
    var arguments: [String]
    /// Who can take part. Not every line has a reference with look-ups.
    var contestants: [Software]
    /// The figure means something in a server that has just started only.
    var needsFreshServer = false
    /// Beyond this many rounds nothing is learned.
    var mostRounds = Int.max
    /// Seconds of load before each measurement.
    var warmUp = 0.5
    /// Lines of every server's zoo.cfg that this line asks for.
    var settings: [String] = []
}

extension Line {
    private static let all: [Software] = [.canned, .table, .meerkat, .apache]
    private static let withoutTable: [Software] = [.canned, .meerkat, .apache]

    /// Every line, in the order in which they are run: few znodes first, other value sizes last; then those with
    /// settings of their own.
    static let table: [Line] =
        [
            session("session-memory", "idle sessions, 5,000", 5000),
            reads("get-hot", "get", 16, 64, znodes: 1000, all),
            reads("get-200x8", "get", 200, 8, znodes: 1000, all),
            reads("get-16x1", "get", 16, 1, znodes: 1000, all),
            reads("get-2000x1", "get", 2000, 1, znodes: 1000, all),
            reads("exists-200x8", "exists", 200, 8, znodes: 1000, all),
            reads("children-200x8", "children", 200, 8, znodes: 1000, withoutTable),
            churn, fanOut(1000), fanOut(10_000), burst,
            written("mixed-95/5", "mixed", "95 % getData, 5 % setData, 16 × 16", "operation"),
            written("set-16x16", "set", "setData, 16 × 16, fsync on", "write"),
            reads("get-random", "get", 16, 64, znodes: 100_000, all),
            reads("get-64k", "get", 16, 8, znodes: 100, valueBytes: 65_536, all),
            localChurn,
        ]

    private static func reads(
        _ name: String, _ workload: String, _ sessions: Int, _ outstanding: Int, znodes: Int, valueBytes: Int = 100,
        _ contestants: [Software]
    ) -> Line {
        let call = ["get": "getData", "exists": "exists", "children": "getChildren2 of 100"][workload] ?? workload
        let value = valueBytes == 100 ? "" : ", \(valueBytes / 1024) KiB values"
        return Line(
            name: name, title: "\(call), \(sessions) × \(outstanding), \(TextTable.grouped(znodes)) znodes\(value)",
            operation: "read", shape: KeyspaceShape(znodes: znodes, valueBytes: valueBytes),
            arguments: load(workload, sessions, outstanding), contestants: contestants)
    }

    private static func written(_ name: String, _ workload: String, _ title: String, _ operation: String) -> Line {
        Line(
            name: name, title: title, operation: operation, quantity: .ensembleCPU,
            shape: KeyspaceShape(znodes: 1000, valueBytes: 100), arguments: load(workload, 16, 16),
            contestants: withoutTable)
    }

    private static var churn: Line {
        Line(
            name: "open-session", title: "connect, handshake, close; 64 at a time", operation: "session",
            shape: KeyspaceShape(znodes: 1000, valueBytes: 100),
            arguments: load("churn", 64, 1) + ["--reads-per-session", "0"], contestants: withoutTable)
    }

    private static var localChurn: Line {
        var line = churn
        line.name = "open-session-local"
        line.title += "; localSessionsEnabled"
        line.settings = ["localSessionsEnabled=true"]
        return line
    }

    private static func fanOut(_ watchers: Int) -> Line {
        Line(
            name: "fanout-\(watchers)",
            title: "one change, watched by \(TextTable.grouped(watchers)) sessions", operation: "notification",
            shape: KeyspaceShape(znodes: 1000, valueBytes: 100), arguments: load("watch", watchers + 1, 1),
            contestants: withoutTable)
    }

    private static var burst: Line {
        Line(
            name: "fanout-100x1000", title: "100 changes at once, watched by 1,000 sessions",
            operation: "notification", shape: KeyspaceShape(znodes: 1000, valueBytes: 100),
            arguments: ["burst", "--connections", "1001", "--watched", "100"],
            contestants: withoutTable,
            // Time to register 100,000 watches.
            warmUp: 12)
    }

    private static func session(_ name: String, _ title: String, _ sessions: Int) -> Line {
        Line(
            name: name, title: title, operation: "session", quantity: .sessionMemory,
            shape: KeyspaceShape(znodes: 1000, valueBytes: 100), arguments: load("idle", sessions, 1),
            contestants: withoutTable, needsFreshServer: true, mostRounds: 3)
    }

    static func load(_ workload: String, _ sessions: Int, _ outstanding: Int) -> [String] {
        [
            "run", "--workload", workload, "--connections", String(sessions), "--outstanding", String(outstanding),
            "--check", "length",
        ]
    }
}
