// What no source file may contain.

import Testing

@Suite struct SourceRuleTests {
    private static let everywhere = ["Sources", "topology", "loadtest", "Tests"]

    @Test func noFoundationInSources() throws {
        for file in try SwiftFile.all(below: ["Sources"]) {
            let found = file.imports.filter { $0.hasPrefix("Foundation") }
            #expect(found.isEmpty, "\(file.path): use Glibc")
        }
    }

    /// A thing belongs to a loop, and the loop calls it: no second scheduler beside that.
    @Test func noSwiftConcurrencyOnTheServer() throws {
        for file in try SwiftFile.all(below: ["Sources", "loadtest"]) {
            let lines = file.lines(matching: /\basync\b|\bawait\b|\bactor\s+\w|\bTask\s*[({<.]|@MainActor\b/)
            #expect(lines == [], "\(file.path)")
        }
    }

    /// The compiler carries a body across modules only where the declaration is public (Decisions, "Public borders").
    @Test func bordersArePublic() throws {
        for file in try SwiftFile.all(below: ["Sources"]) {
            let lines = file.lines(
                matching: /\bpackage\s+(?:\w+\s+)*(?:struct|enum|class|protocol|func|let|var|init|typealias|import)\b/)
            #expect(lines == [], "\(file.path)")
        }
    }

    /// What is not done is not promised in the code.
    @Test func noPlaceholders() throws {
        // Spelled in two halves: this file is searched as well.
        let marks = ["TO" + "DO", "FIX" + "ME", "Filled in " + "by", "not implemented " + "yet"]
        for file in try SwiftFile.all(below: Self.everywhere) where marks.contains(where: file.text.contains) {
            for (number, line) in file.lines.enumerated() {
                let found = marks.first { line.contains($0) }
                if let found { Issue.record("\(file.path):\(number + 1) says \(found)") }
            }
        }
        for file in try SwiftFile.all(below: Self.everywhere) where file.path.contains("Placeholder") {
            Issue.record("\(file.path)")
        }
    }

    @Test func noDeadFiles() throws {
        for file in try SwiftFile.all(below: Self.everywhere) {
            let alive = file.lines(matching: /\b(?:struct|enum|class|protocol|extension|func|let|var|typealias)\b/)
            #expect(!alive.isEmpty, "\(file.path) declares nothing")
        }
    }
}
