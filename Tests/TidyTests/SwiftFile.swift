// The project's Swift files as text, for rules that the compiler does not know.

import Foundation

struct SwiftFile: Sendable {
    /// From the root of the package.
    let path: String
    let text: String
    /// `text` without comments and without what stands in quotes; line breaks stay.
    let code: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The modules this file imports, whatever the attributes and the access of the import.
    var imports: Set<String> {
        let pattern =
            #/
            (?m) ^ [\ \t]*
            (?: @\w+ (?: \([^)]*\) )? \s+ | (?: public | package | internal | fileprivate | private ) \s+ )*
            import \s+
            (?: (?: struct | class | enum | protocol | func | var | let | typealias ) \s+ )?
            (\w+)
            /#
        return Set(code.matches(of: pattern).map { String($0.1) })
    }

    /// Numbers of the lines of `code` in which `pattern` occurs, from 1.
    func lines(matching pattern: some RegexComponent) -> [Int] {
        code.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .filter { $0.element.contains(pattern) }.map { $0.offset + 1 }
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().standardizedFileURL

    /// Every Swift file below one of `folders`, sorted by path.
    static func all(below folders: [String]) throws -> [SwiftFile] {
        try project.get().filter { file in folders.contains { file.path.hasPrefix($0 + "/") } }
    }

    /// Read once: the rules are many.
    private static let project = Result { try read(below: ["Sources", "topology", "loadtest", "Tests"]) }

    private static func read(below folders: [String]) throws -> [SwiftFile] {
        var files: [SwiftFile] = []
        for folder in folders {
            let start = root.appending(path: folder)
            guard let found = FileManager.default.enumerator(atPath: start.path) else { continue }
            for case let name as String in found where name.hasSuffix(".swift") {
                let text = try String(contentsOf: start.appending(path: name), encoding: .utf8)
                files.append(SwiftFile(path: "\(folder)/\(name)", text: text, code: Self.code(of: text)))
            }
        }
        return files.sorted { $0.path < $1.path }
    }

    private static func code(of text: String) -> String {
        let inert = /"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//
        return text.replacing(inert) { match in
            String(repeating: "\n", count: match.output.count { $0 == "\n" })
        }
    }
}
