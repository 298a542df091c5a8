// swift-tools-version: 6.2
import PackageDescription

// Targets stand in dependency order, lowest first. Who may know whom is checked by TidyTests.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
]
/// Sources additionally mark every unsafe operation; tests may handle raw bytes freely.
let sources: [SwiftSetting] = strict + [.strictMemorySafety()]
/// Exclusive access is checked at run time in debug builds, which every test runs, and not in release builds: the checks
/// were half of all instructions of a read (Decisions, "Exclusivity").
let server: [SwiftSetting] =
    sources + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")

let package = Package(
    name: "meerkat",
    products: [
        .executable(name: "meerkat", targets: ["meerkat"]),
        .executable(name: "topology", targets: ["topology"]),
        .executable(name: "loadtest", targets: ["loadtest"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // C libraries and the kernel calls Swift cannot name.
        .systemLibrary(name: "CLibevent", pkgConfig: "libevent", providers: [.apt(["libevent-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CSnappy", providers: [.apt(["libsnappy-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "CKernel"),

        // Pure: bytes, protocol, tree.
        .target(name: "Jute", swiftSettings: sources),
        .target(name: "Zab", dependencies: ["Jute", deque], swiftSettings: sources),
        .target(name: "Tree", dependencies: ["Jute", "CKernel", "CCrypto", deque], swiftSettings: server),
        .target(name: "Replica", dependencies: ["Jute", "Zab", "Tree", deque], swiftSettings: server),

        // The world: files and sockets.
        .target(name: "Storage", dependencies: ["Jute", "CKernel", "CZlib", "CSnappy"], swiftSettings: sources),
        .target(
            name: "ReplicaStore", dependencies: ["Jute", "Zab", "Tree", "Replica", "Storage", deque],
            swiftSettings: sources),
        .target(name: "Libevent", dependencies: ["CLibevent", "CKernel", deque], swiftSettings: server),
        .target(
            name: "MeerkatServer",
            dependencies: [
                "Jute", "Zab", "Tree", "Replica", "Storage", "ReplicaStore", "Libevent", "CKernel", deque, logging,
            ],
            swiftSettings: server),

        // What people run.
        .executableTarget(
            name: "meerkat",
            dependencies: ["MeerkatServer", "Replica", "Zab", "Jute", argumentParser, logging],
            swiftSettings: sources),
        .executableTarget(
            name: "topology", dependencies: [argumentParser], path: "topology",
            exclude: ["examples", "up"], swiftSettings: sources),
        .executableTarget(
            name: "loadtest",
            dependencies: [
                "Libevent", "CLibevent", "CKernel", "Jute", argumentParser,
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            path: "loadtest", swiftSettings: sources),

        // Proof.
        .target(
            name: "Simulator", dependencies: ["Replica", "ReplicaStore", "Zab", "Tree", "Storage", "Jute", deque],
            path: "Tests/Simulator", swiftSettings: strict),
        .executableTarget(
            name: "simulate", dependencies: ["Simulator"], path: "Tests/Simulate", swiftSettings: strict),
        .testTarget(name: "JuteTests", dependencies: ["Jute"], swiftSettings: strict),
        .testTarget(name: "ZabTests", dependencies: ["Zab", "Jute"], exclude: ["Scripts"], swiftSettings: strict),
        .testTarget(name: "TreeTests", dependencies: ["Tree", "Jute"], swiftSettings: strict),
        .testTarget(
            name: "ReplicaTests", dependencies: ["Replica", "Zab", "Tree", "Jute"], exclude: ["Scripts"],
            swiftSettings: strict),
        .testTarget(
            name: "StorageTests", dependencies: ["Storage", "Simulator", "Jute", "CKernel", "CZlib"],
            swiftSettings: strict),
        .testTarget(name: "LibeventTests", dependencies: ["Libevent"], swiftSettings: strict),
        .testTarget(
            name: "MeerkatServerTests",
            dependencies: [
                "MeerkatServer", "Replica", "ReplicaStore", "Zab", "Tree", "Storage", "Libevent", "Simulator", "Jute",
                logging,
            ],
            swiftSettings: strict),
        .testTarget(name: "LoadTestTests", dependencies: ["loadtest"], swiftSettings: strict),
        .testTarget(name: "SimulationTests", dependencies: ["Simulator"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)
