// Who may know whom. Package.swift draws the arrows between targets; here they are written down a second time, together
// with the system modules each target may use, so that an arrow is never added by the way.

import Foundation
import Testing

/// One target and all it may import.
private struct Target: Sendable {
    var name: String
    var path: String
    /// Declared in Package.swift.
    var dependencies: Set<String>
    /// Part of the toolchain or the system: needs no declaration.
    var system: Set<String> = []

    init(_ name: String, path: String? = nil, dependencies: Set<String> = [], system: Set<String> = []) {
        self.name = name
        self.path = path ?? "Sources/\(name)"
        self.dependencies = dependencies
        self.system = system
    }
}

private let targets = [
    // Pure: no clock, no file, no socket.
    Target("Jute"),
    Target("Zab", dependencies: ["Jute", "DequeModule"]),
    Target(
        "Tree", dependencies: ["Jute", "CKernel", "CCrypto", "DequeModule"],
        system: ["Glibc", "Synchronization"]),
    Target("Replica", dependencies: ["Jute", "Zab", "Tree", "DequeModule"]),
    // The world.
    Target("Storage", dependencies: ["Jute", "CKernel", "CZlib", "CSnappy"], system: ["Glibc"]),
    // The replica's disk operations done with files: shared by the disk thread and the simulator.
    Target("ReplicaStore", dependencies: ["Jute", "Zab", "Tree", "Replica", "Storage", "DequeModule"]),
    Target("Libevent", dependencies: ["CLibevent", "CKernel", "DequeModule"], system: ["Glibc", "Synchronization"]),
    Target(
        "MeerkatServer",
        dependencies: [
            "Jute", "Zab", "Tree", "Replica", "Storage", "ReplicaStore", "Libevent", "CKernel", "DequeModule",
            "Logging",
        ],
        system: ["Glibc", "Synchronization"]),
    // What people run.
    Target(
        "meerkat", dependencies: ["MeerkatServer", "Replica", "Zab", "Jute", "ArgumentParser", "Logging"],
        system: ["Glibc"]),
    Target("topology", path: "topology", dependencies: ["ArgumentParser"], system: ["Foundation", "Glibc"]),
    Target(
        "loadtest", path: "loadtest",
        // The reference servers stand on the bare event loop: they are what ours is measured against.
        dependencies: ["Libevent", "CLibevent", "CKernel", "Jute", "ArgumentParser", "Histogram"],
        system: ["Glibc", "Synchronization", "Foundation"]),
    // Never Libevent, never MeerkatServer: the simulated cluster has no socket and no thread.
    Target(
        "Simulator", path: "Tests/Simulator",
        dependencies: ["Replica", "ReplicaStore", "Zab", "Tree", "Storage", "Jute", "DequeModule"]),
]

@Suite struct ImportArrowTests {
    @Test(arguments: targets.indices) func importsOnlyWhatItMay(_ index: Int) throws {
        let target = targets[index]
        let files = try SwiftFile.all(below: [target.path])
        #expect(!files.isEmpty, "\(target.path) has no Swift file")
        for file in files {
            let strangers = file.imports.subtracting(target.dependencies).subtracting(target.system)
            #expect(strangers.isEmpty, "\(file.path) imports \(strangers.sorted())")
        }
    }

    /// Every folder of sources is a target named above.
    @Test func everyTargetIsListed() throws {
        let sources = SwiftFile.root.appending(path: "Sources").path
        let known = Set(targets.map(\.path))
        for folder in try FileManager.default.contentsOfDirectory(atPath: sources).sorted() {
            if try SwiftFile.all(below: ["Sources/\(folder)"]).isEmpty { continue }
            #expect(known.contains("Sources/\(folder)"), "Sources/\(folder)")
        }
    }

    @Test func packageDrawsTheSameArrows() throws {
        let package = try String(contentsOf: SwiftFile.root.appending(path: "Package.swift"), encoding: .utf8)
        let declaration = /\.(?:executableT|t)arget\(\s*name: "(\w+)"(?:,\s*dependencies: \[([^\]]*)\])?/
        var declared: [String: Set<String>] = [:]
        for match in package.matches(of: declaration) {
            declared[String(match.1)] = dependencies(String(match.2 ?? ""))
        }
        for target in targets {
            #expect(declared[target.name] == target.dependencies, "\(target.name)")
        }
    }

    /// The names in a list of dependencies. Products stand there as a constant, or in full with their package.
    private func dependencies(_ list: String) -> Set<String> {
        let products = ["argumentParser": "ArgumentParser", "logging": "Logging", "deque": "DequeModule"]
        let names = list.replacing(/, package: "[^"]*"/, with: "").replacing(/\.product\(name:/, with: "")
        return Set(names.matches(of: /\w+/).map { products[String($0.output)] ?? String($0.output) })
    }

    /// libevent has one face. Nothing else may touch its C.
    @Test func onlyLibeventImportsCLibevent() throws {
        for file in try SwiftFile.all(below: ["Sources", "topology", "loadtest", "Tests"]) {
            guard file.imports.contains("CLibevent") else { continue }
            // The reference servers of the load test are measured against: they stand on the bare library.
            let isReference = file.path.hasPrefix("loadtest/References/")
            #expect(isReference || file.path.hasPrefix("Sources/Libevent/"), "\(file.path)")
        }
    }

    /// Modules show each other what they mean to show: tests and simulator run in release builds too.
    @Test func nobodyPeeps() throws {
        for file in try SwiftFile.all(below: ["Sources", "topology", "loadtest", "Tests"]) {
            #expect(file.lines(matching: /^@testable\b/) == [], "\(file.path)")
        }
    }
}
