// Runs every replica script and compares the transcript. REWRITE=1 writes the new transcript instead; review it.

import Foundation
import Testing

@Suite struct ReplicaScriptTests {
    static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Scripts")

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return files.filter { $0.hasSuffix(".txt") }.sorted()
    }()

    @Test func scriptsAreThere() { #expect(Self.names.count >= 10) }

    @Test(arguments: names)
    func transcript(name: String) throws {
        let file = Self.directory.appending(path: name)
        let script = try String(contentsOf: file, encoding: .utf8)
        let transcript = try ReplicaScript.transcript(of: script)
        if ProcessInfo.processInfo.environment["REWRITE"] != nil {
            try transcript.write(to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(transcript == script)
        }
    }
}
