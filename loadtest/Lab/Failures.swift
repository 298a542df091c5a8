// Measurements that did not come to a result. Separate because one of them must not take the others along.

/// What failed, a sentence each; goes into the report.
struct Failures: Encodable {
    private var sentences: [String] = []

    var isEmpty: Bool { sentences.isEmpty }
    var lines: [String] { sentences.map { "Failed: \($0)" } }

    /// Runs `body`; what it throws is noted under `name`.
    ///
    /// - Returns: whether to go on: false after an interruption.
    mutating func attempt(_ name: String, _ body: () throws -> Void) -> Bool {
        do {
            try body()
        } catch {
            sentences.append("\(name): \(error)")
            note("\(name) failed: \(error)")
        }
        return !Interruption.hasCome
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(sentences)
    }
}
