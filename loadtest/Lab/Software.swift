// Whose servers can be started, and with which commands.
import Foundation

/// The kinds of server in a lab. The raw value is the name in tables and JSON.
enum Software: String, Codable, CaseIterable, Sendable {
    case canned, table, meerkat, apache

    var isReference: Bool { self == .canned || self == .table }
}

/// Where programs are and how they are run; the same for every server of a lab.
struct Programs: Sendable {
    /// The server under test.
    var meerkat: String
    /// Java's heap limit for Apache's servers, as -Xmx takes it.
    var javaHeap: String
    /// This program.
    let loadtest = Programs.own

    static let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    static let java = "/usr/bin/java"
    /// Where Debian's packages put the server and a small logger for it.
    static let jars = ["/usr/share/java/zookeeper.jar", "/usr/share/java/slf4j-simple.jar"]

    /// Beside this program, where a release build leaves it.
    static var meerkatBesideOwn: String { (own as NSString).deletingLastPathComponent + "/meerkat" }

    /// What Apache's server lacks here; nil when it can be started.
    static var missingForApache: String? {
        (jars + [java]).first { !FileManager.default.fileExists(atPath: $0) }
    }

    /// The command of a server with a configuration file. Java runs as it comes, apart from the heap's limit, and logs
    /// warnings only.
    func command(_ software: Software, configuration: String) -> [String] {
        switch software {
        case .meerkat: [meerkat, "server", configuration]
        case .apache:
            [
                Self.java, "-Xmx\(javaHeap)", "-Djava.net.preferIPv4Stack=true",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", Self.jars.joined(separator: ":"),
                "org.apache.zookeeper.server.quorum.QuorumPeerMain", configuration,
            ]
        case .canned, .table: preconditionFailure("a reference server has no configuration file")
        }
    }
}
