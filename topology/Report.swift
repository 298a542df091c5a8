// What the launcher prints: a table of servers, and what to try next.

enum Table {
    /// One line per server.
    static func text(_ ensemble: Ensemble, _ states: [Int: ServerState]) -> String {
        var rows = [["server", "software", "role", "client port", "pid", "zxid"]]
        for member in ensemble.members {
            let process = member.process
            let state = states[member.id]
            let role = process == nil ? "down" : state?.mode ?? "not serving"
            rows.append([
                String(member.id), member.software.rawValue, role, "127.0.0.1:\(member.clientPort)",
                process.map { String($0.pid) } ?? "-", state?.zxid ?? "-",
            ])
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        let lines = rows.map { row in
            let line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            return line.joined(separator: "  ").trimmingTrailingBlanks
        }
        return "\(ensemble.name)\n" + lines.joined(separator: "\n")
    }
}

extension String {
    fileprivate var trimmingTrailingBlanks: String { String(reversed().drop { $0 == " " }.reversed()) }
}

enum Advice {
    /// Commands that work as they stand.
    static func text(_ ensemble: Ensemble, _ chosen: [Member]) -> String {
        let ports = chosen.map { "127.0.0.1:\($0.clientPort)" }.joined(separator: ",")
        let last = chosen.last?.clientPort ?? ensemble.basePort
        return """

            Try next:
              echo mntr | nc 127.0.0.1 \(last)
              zkCli:  java -cp /usr/share/java/zookeeper.jar:/usr/share/java/slf4j-nop.jar \\
                          org.apache.zookeeper.ZooKeeperMain -server \(ports)
              kazoo:  python3 -c "from kazoo.client import KazooClient as K; k=K('127.0.0.1:\(last)'); k.start(); \
            print(k.create('/hello', b'world', sequence=True), k.get_children('/'))"
              topology/up status | kill N | start N | down
            Logs and data: .topology/\(ensemble.name)/<server>/
            """
    }
}
