// The text of a zoo.cfg as keys and values with line numbers; knows no key. The format is that of Java property files,
// because every existing zoo.cfg was read by that parser.

/// A parsed configuration file: every key and value in file order.
///
/// Follows the Java properties format: `=`, `:` or blanks separate key and value, `#` and `!` start comment lines, a
/// backslash continues a line or escapes the next character (`\uXXXX` included), LF, CR and CRLF end lines. As
/// ZooKeeper does, blanks at the end of a value are dropped.
public struct ZooCfg: Equatable, Sendable {
    public struct Entry: Equatable, Sendable {
        public var key: String
        public var value: String
        /// Line on which the key stands, from 1.
        public var line: Int
    }

    public var file: String
    /// In file order, duplicates included.
    public var entries: [Entry] = []

    /// - Parameters:
    ///   - bytes: UTF-8, or ISO-8859-1 when they are not valid UTF-8. (ZooKeeper reads ISO-8859-1 alone; a path with
    ///     an accent written by today's editors then names a file that does not exist.)
    ///   - file: the name to use in complaints.
    public init(parsing bytes: [UInt8], file: String) throws(ConfigurationError) {
        self.file = file
        let text = String(validating: bytes, as: UTF8.self) ?? String(decoding: bytes.map(UInt16.init), as: UTF16.self)
        var problems: [ConfigurationProblem] = []
        for line in Self.logicalLines(Array(text.utf16)) {
            do {
                entries.append(try Self.entry(line, file: file))
            } catch {
                problems += error.problems
            }
        }
        if !problems.isEmpty { throw ConfigurationError(problems) }
    }

    public init(contentsOf path: String) throws(ConfigurationError) {
        do {
            try self.init(parsing: TextFile.read(path), file: path)
        } catch let error as TextFile.ReadError {
            throw ConfigurationError(file: path, message: "cannot be read: \(error)")
        } catch let error as ConfigurationError {
            throw error
        } catch {
            preconditionFailure("unexpected error while reading \(path): \(error)")
        }
    }

    /// The value that counts: the last one given.
    public subscript(key: String) -> Entry? { entries.last { $0.key == key } }

    // MARK: Lines

    private struct LogicalLine {
        var units: [UInt16]
        var number: Int
    }

    /// Joins continued lines and drops comments and empty lines. Blanks before the continuation are not part of it.
    private static func logicalLines(_ text: [UInt16]) -> [LogicalLine] {
        var lines: [LogicalLine] = []
        var open: LogicalLine?
        for (index, raw) in naturalLines(text).enumerated() {
            var units = raw.drop(while: isBlank)
            if open == nil {
                guard let first = units.first, first != .hash, first != .exclamation else { continue }
            }
            let continues = units.reversed().prefix { $0 == .backslash }.count % 2 == 1
            if continues { units = units.dropLast() }
            var line = open ?? LogicalLine(units: [], number: index + 1)
            line.units += units
            open = continues ? line : nil
            if !continues { lines.append(line) }
        }
        if let open, !open.units.isEmpty { lines.append(open) }
        return lines
    }

    private static func naturalLines(_ text: [UInt16]) -> [ArraySlice<UInt16>] {
        var lines: [ArraySlice<UInt16>] = []
        var start = 0
        var index = 0
        while index < text.count {
            if text[index] == .lineFeed || text[index] == .carriageReturn {
                lines.append(text[start..<index])
                if text[index] == .carriageReturn, index + 1 < text.count, text[index + 1] == .lineFeed { index += 1 }
                start = index + 1
            }
            index += 1
        }
        if start < text.count { lines.append(text[start...]) }
        return lines
    }

    // MARK: Keys, values, escapes

    private static func entry(_ line: LogicalLine, file: String) throws(ConfigurationError) -> Entry {
        let units = line.units
        var end = 0
        while end < units.count, !isBlank(units[end]), units[end] != .equals, units[end] != .colon {
            end += units[end] == .backslash ? 2 : 1
        }
        end = min(end, units.count)
        var rest = units[end...].drop(while: isBlank)
        if let first = rest.first, first == .equals || first == .colon {
            rest = rest.dropFirst().drop(while: isBlank)
        }
        let key = try unescape(units[..<end], line: line.number, file: file)
        var value = Substring(try unescape(rest, line: line.number, file: file))
        while value.last?.isWhitespace == true { value.removeLast() }
        return Entry(key: key, value: String(value), line: line.number)
    }

    private static func unescape(
        _ units: ArraySlice<UInt16>, line: Int, file: String
    ) throws(ConfigurationError) -> String {
        var plain: [UInt16] = []
        var rest = units
        while let unit = rest.popFirst() {
            guard unit == .backslash, let escaped = rest.popFirst() else {
                plain.append(unit)
                continue
            }
            switch escaped {
            case UInt16(ascii: "t"): plain.append(UInt16(ascii: "\t"))
            case UInt16(ascii: "n"): plain.append(.lineFeed)
            case UInt16(ascii: "r"): plain.append(.carriageReturn)
            case UInt16(ascii: "f"): plain.append(0x0C)
            case UInt16(ascii: "u"):
                let digits = String(decoding: rest.prefix(4), as: UTF16.self)
                guard digits.utf16.count == 4, digits.allSatisfy(\.isHexDigit), let code = UInt16(digits, radix: 16)
                else {
                    throw ConfigurationError(
                        file: file, line: line, message: "\\u must be followed by four hexadecimal digits")
                }
                plain.append(code)
                rest = rest.dropFirst(4)
            default: plain.append(escaped)
            }
        }
        return String(decoding: plain, as: UTF16.self)
    }

    private static func isBlank(_ unit: UInt16) -> Bool { unit == 0x20 || unit == 0x09 || unit == 0x0C }
}

extension UInt16 {
    fileprivate init(ascii scalar: Unicode.Scalar) { self = UInt16(UInt8(ascii: scalar)) }
    fileprivate static let backslash = UInt16(ascii: "\\")
    fileprivate static let hash = UInt16(ascii: "#")
    fileprivate static let exclamation = UInt16(ascii: "!")
    fileprivate static let equals = UInt16(ascii: "=")
    fileprivate static let colon = UInt16(ascii: ":")
    fileprivate static let lineFeed = UInt16(ascii: "\n")
    fileprivate static let carriageReturn = UInt16(ascii: "\r")
}
