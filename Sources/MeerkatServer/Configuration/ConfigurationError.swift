// Everything that can be wrong with a configuration, in the words an operator needs to put it right. Separate, because
// the parser, the table of settings and the membership rules all report through it.

/// One complaint: where it stands, about which key, and what was expected instead.
public struct ConfigurationProblem: Equatable, Sendable, CustomStringConvertible {
    /// The file as it was named to us, or `command line`.
    public var file: String
    /// 1-based; nil when the complaint is about something absent.
    public var line: Int?
    public var key: String?
    /// The offending value as written; nil when none was given.
    public var value: String?
    public var message: String

    public init(file: String, line: Int? = nil, key: String? = nil, value: String? = nil, message: String) {
        self.file = file
        self.line = line
        self.key = key
        self.value = value
        self.message = message
    }

    /// `zoo.cfg:7: tickTime=fast: expected a whole number from 1 to 3600000`.
    public var description: String {
        var text = file
        if let line { text += ":\(line)" }
        text += ": "
        if let key {
            text += key
            if let value { text += "=\(value)" }
            text += ": "
        }
        return text + message
    }
}

/// Why a configuration cannot be used. Carries every problem found, in file order, so one run shows them all.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    public var problems: [ConfigurationProblem]

    public init(_ problems: [ConfigurationProblem]) {
        precondition(!problems.isEmpty, "a configuration error needs at least one problem")
        self.problems = problems
    }

    public init(file: String, line: Int? = nil, key: String? = nil, value: String? = nil, message: String) {
        self.init([ConfigurationProblem(file: file, line: line, key: key, value: value, message: message)])
    }

    /// One line per problem.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
