// 'loadtest canned' and 'loadtest table': the reference servers.
import ArgumentParser
import Foundation

struct ReferenceOptions: ParsableArguments {
    @Option(help: "Port on 127.0.0.1.")
    var port: UInt16

    @Option(help: "Data bytes of each value.")
    var valueBytes = 100

    @Option(help: "Seconds after which to end; without it the server runs until it is killed.")
    var seconds: Double?

    func validate() throws {
        try TargetOptions.require(valueBytes, in: 0...KeyspaceShape.maximumValueBytes, "--value-bytes")
        if let seconds { try TargetOptions.require(seconds, in: 0.1...86_400, "--seconds") }
    }

    func serve(_ server: RawServer, _ name: String) throws {
        try server.listen(port: port)
        FileHandle.standardError.write(Data("\(name) server on 127.0.0.1:\(port), pid \(getpid())\n".utf8))
        server.run(seconds: seconds)
    }
}

struct CannedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "canned", abstract: "Serve canned replies: the floor of what any server costs here.",
        discussion: """
            Answers the handshake, then every request with the same getData reply and the request's xid.
            Measure it with: loadtest run --workload get --check length
            """)

    @OptionGroup var options: ReferenceOptions

    func run() throws { try options.serve(CannedServer(valueBytes: options.valueBytes), "canned") }
}

struct TableCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "table", abstract: "Serve getData and exists from a plain hash table: the floor with look-ups.",
        discussion: """
            Holds the znodes of 'prepare' from the start, so that 'run --workload get' needs no preparation.
            Each batch of requests is hashed and prefetched before it is answered.
            """)

    @OptionGroup var options: ReferenceOptions

    @Option(help: "Znodes in the table.")
    var znodes = 1000

    func validate() throws {
        try TargetOptions.require(znodes, in: 1...KeyspaceShape.maximumZnodes, "--znodes")
    }

    func run() throws {
        let shape = KeyspaceShape(znodes: znodes, valueBytes: options.valueBytes)
        try options.serve(TableServer(shape), "table")
    }
}
