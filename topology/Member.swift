// One server of a topology: its files, its ports, and how it is started.
import Foundation

/// Whose server runs. `rawValue` is the middle of the template's file name.
enum Software: String {
    case meerkat, apache
}

/// One server of an ``Ensemble``.
struct Member {
    let id: Int
    let software: Software
    let template: String
    /// Absolute; holds `zoo.cfg`, `data`, `log` and `pid`.
    let directory: String
    let ports: Ports

    var configurationFile: String { directory + "/zoo.cfg" }
    var logFile: String { directory + "/log" }
    var clientPort: Int { ports.port("client", of: id) ?? 0 }

    /// The ports this server's own configuration makes it listen on.
    var usedPorts: [Int] {
        guard let text = try? String(contentsOfFile: template, encoding: .utf8) else { return [clientPort] }
        return ["client", "quorum", "election"].compactMap { purpose in
            text.contains("${\(purpose):\(id)}") ? ports.port(purpose, of: id) : nil
        }
    }

    /// The process of this server, if it runs.
    var process: ServerProcess? { ServerProcess(pidFile: directory + "/pid", configurationFile: configurationFile) }

    func prepare(fresh: Bool) throws {
        if fresh { try? FileManager.default.removeItem(atPath: directory) }
        let data = directory + "/data"
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        try filledTemplate().write(toFile: configurationFile, atomically: true, encoding: .utf8)
        try "\(id)\n".write(toFile: data + "/myid", atomically: true, encoding: .utf8)
    }

    /// The template with `${data}` and `${purpose:N}` replaced.
    private func filledTemplate() throws -> String {
        var text = try String(contentsOfFile: template, encoding: .utf8)
        var filled = ""
        while let opening = text.range(of: "${"),
            let closing = text.range(of: "}", range: opening.upperBound..<text.endIndex)
        {
            filled += text[..<opening.lowerBound]
            let words = text[opening.upperBound..<closing.lowerBound].split(separator: ":")
            if words == ["data"] {
                filled += directory + "/data"
            } else if words.count == 2, let number = Int(words[1]), let port = ports.port(String(words[0]), of: number)
            {
                filled += String(port)
            } else if words.first != "…" {
                throw Failure("\(template): unknown placeholder ${\(words.joined(separator: ":"))}")
            } else {
                filled += "${…}"
            }
            text = String(text[closing.upperBound...])
        }
        return filled + text
    }

    func start() throws {
        let command = try command()
        let pid = try ServerProcess.spawn(command, logFile: logFile)
        try ServerProcess.record(pid, in: directory + "/pid")
    }

    private func command() throws -> [String] {
        switch software {
        case .meerkat:
            let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
            let server = (own as NSString).deletingLastPathComponent + "/meerkat"
            guard FileManager.default.isExecutableFile(atPath: server) else {
                throw Failure("\(server) is missing; swift build -c release --product meerkat makes it")
            }
            return [server, "server", configurationFile]
        case .apache:
            let jars = ["/usr/share/java/zookeeper.jar", "/usr/share/java/slf4j-simple.jar"]
            for file in jars + ["/usr/bin/java"] where !FileManager.default.fileExists(atPath: file) {
                throw Failure("\(file) is missing; apt-get install zookeeper default-jre-headless brings it")
            }
            return [
                "/usr/bin/java", "-Xmx256m", "-cp", jars.joined(separator: ":"),
                "org.apache.zookeeper.server.quorum.QuorumPeerMain", configurationFile,
            ]
        }
    }

    /// A sentence about this server and the end of its log.
    func account(_ what: String) -> String {
        let log = (try? String(contentsOfFile: logFile, encoding: .utf8)) ?? ""
        let tail = log.split(separator: "\n").suffix(15).map { "    " + $0 }.joined(separator: "\n")
        let quote = tail.isEmpty ? "Its log is empty." : "The end of its log:\n\(tail)"
        return "server \(id) (\(software.rawValue)) \(what). \(quote)\nThe whole log: \(logFile)"
    }
}
