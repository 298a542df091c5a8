// What one row of the settings table says. Separate from the rows, which are long.

/// Where a setting's value goes in ``ServerConfiguration``.
typealias SettingField<Value> = any WritableKeyPath<ServerConfiguration, Value> & Sendable

/// One configuration key: its name, what it may hold, whether this server honours it, and what it means.
public struct Setting: Sendable {
    /// What a value may be, and the property it is stored in.
    enum Kind: Sendable {
        /// A value outside the range is an error.
        case int(SettingField<Int>, ClosedRange<Int>)
        case optionalInt(SettingField<Int?>, ClosedRange<Int>, unset: String)
        /// A value below the minimum is raised to it with a warning, as ZooKeeper does for these keys.
        case raisedInt(SettingField<Int>, minimum: Int)
        /// true or false, in any case.
        case flag(SettingField<Bool>)
        /// yes or no, in any case.
        case yesNo(SettingField<Bool>)
        case text(SettingField<String>)
        case optionalText(SettingField<String?>, unset: String)
        case choice(SettingField<String>, [String])
        case role(SettingField<MemberRole>)
        /// Not stored: only compared with the default, in any case, to tell whether something was asked for.
        case unread(String)
    }

    /// How the key may be given besides in the file.
    enum Property: Equatable, Sendable {
        /// Only in the file.
        case none
        /// `-Dzookeeper.<name>=…`
        case prefixed
        /// `-D<name>=…`
        case bare
        /// Both of these.
        case prefixedOrBare
        case named(String)
    }

    /// Whether every server of the ensemble has to have the same value.
    public enum Scope: String, Sendable {
        case local, ensemble
    }

    /// What happens when the key is given with a value other than the default.
    public enum Status: Equatable, Sendable {
        case supported
        /// The start goes on with a warning; the reason says what does not happen.
        case warned(String)
        /// The start is refused, because going on would be less safe than the operator asked for.
        case refused(String)
    }

    /// The key; a trailing `*` stands for every key with that beginning.
    public let name: String
    let property: Property
    let kind: Kind
    public let scope: Scope
    public fileprivate(set) var status: Status
    public let meaning: String

    init(
        _ name: String, _ kind: Kind, _ property: Property, scope: Scope = .local,
        status: Status = .supported, _ meaning: String
    ) {
        self.name = name
        self.kind = kind
        self.property = property
        self.scope = scope
        self.status = status
        self.meaning = meaning
    }

    /// The same key, read and checked but not acted on.
    func withoutEffect(_ reason: String) -> Setting {
        var setting = self
        setting.status = .warned(reason)
        return setting
    }

    /// A key that can only stand in the file.
    init(_ name: String, _ kind: Kind, scope: Scope = .local, _ meaning: String) {
        self.init(name, kind, .none, scope: scope, meaning)
    }

    /// The `-D` names, none for a key of the file alone.
    var propertyNames: [String] {
        switch property {
        case .none: []
        case .prefixed: ["zookeeper." + name]
        case .bare: [name]
        case .prefixedOrBare: [name, "zookeeper." + name]
        case .named(let name): [name]
        }
    }

    /// The default as text, taken from the initial values of ``ServerConfiguration``.
    public var defaultText: String {
        let initial = ServerConfiguration()
        return switch kind {
        case .int(let field, _), .raisedInt(let field, _): String(initial[keyPath: field])
        case .optionalInt(let field, _, let unset): initial[keyPath: field].map(String.init) ?? unset
        case .flag(let field): initial[keyPath: field] ? "true" : "false"
        case .yesNo(let field): initial[keyPath: field] ? "yes" : "no"
        case .text(let field), .choice(let field, _): initial[keyPath: field]
        case .optionalText(let field, let unset): initial[keyPath: field] ?? unset
        case .role(let field): initial[keyPath: field].rawValue
        case .unread(let value): value
        }
    }

    /// What a value has to look like, for error messages and the documentation.
    public var expectation: String {
        switch kind {
        case .int(_, let range), .optionalInt(_, let range, _):
            range.upperBound == .max
                ? "a whole number of \(range.lowerBound) or more"
                : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .raisedInt(_, let minimum): "a whole number, at least \(minimum)"
        case .flag: "true or false"
        case .yesNo: "yes or no"
        case .text, .optionalText: "a text that is not empty"
        case .choice(_, let words): "one of " + words.map { $0.isEmpty ? "(empty)" : $0 }.joined(separator: ", ")
        case .role: "participant or observer"
        case .unread: "any text"
        }
    }

    /// Stores the value, or says what was expected instead.
    /// - Returns: a warning when the value was adjusted.
    func store(_ text: String, in target: inout ServerConfiguration) throws(Rejection) -> String? {
        switch kind {
        case .int(let field, let range): target[keyPath: field] = try whole(text, range)
        case .optionalInt(let field, let range, _): target[keyPath: field] = try whole(text, range)
        case .raisedInt(let field, let minimum):
            let value = try whole(text, Int.min...Int.max)
            target[keyPath: field] = max(value, minimum)
            return value < minimum ? "is below the minimum, \(minimum) is used" : nil
        case .flag(let field): target[keyPath: field] = try word(text, yes: "true", no: "false")
        case .yesNo(let field): target[keyPath: field] = try word(text, yes: "yes", no: "no")
        case .text(let field): target[keyPath: field] = try nonEmpty(text)
        case .optionalText(let field, _): target[keyPath: field] = try nonEmpty(text)
        case .choice(let field, let words):
            guard words.contains(text) else { throw Rejection() }
            target[keyPath: field] = text
        case .role(let field):
            guard let role = MemberRole(rawValue: text.lowercased()) else { throw Rejection() }
            target[keyPath: field] = role
        case .unread: break
        }
        return nil
    }

    /// The value does not meet ``expectation``.
    struct Rejection: Error {}

    /// Decimal; what is a property in Java may be hexadecimal, too, and `jute.maxbuffer` often is.
    private func whole(_ text: String, _ range: ClosedRange<Int>) throws(Rejection) -> Int {
        let isHexadecimal = property != .none && text.lowercased().hasPrefix("0x")
        let value = isHexadecimal ? Int(text.dropFirst(2), radix: 16) : Int(text)
        guard let value, range.contains(value) else { throw Rejection() }
        return value
    }

    private func word(_ text: String, yes: String, no: String) throws(Rejection) -> Bool {
        switch text.lowercased() {
        case yes: return true
        case no: return false
        default: throw Rejection()
        }
    }

    private func nonEmpty(_ text: String) throws(Rejection) -> String {
        guard !text.isEmpty else { throw Rejection() }
        return text
    }
}
