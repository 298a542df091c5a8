// Conversations recorded with Apache ZooKeeper, held again with this server: every answer must be the same but for
// sessions, zxids, times and the order of children.
import Foundation
import Jute
import Libevent
import MeerkatServer
import Replica
import Testing
import Tree

struct ClientVectorReplayTests {
    /// Recordings that need what is not there yet. This list only shrinks.
    static let later: [String: String] = [
        "connect_throttle": "token bucket for connects",
        "java_sasl": "SASL",
        "kazoo_sasl": "SASL",
        "kazoo_sasl_bad": "SASL",
        "local_session": "several servers",
        "local_session_upgrade": "several servers",
        "read_only": "read-only mode",
        "read_only_no_local_sessions": "read-only mode",
        "reconfig": "reconfiguration",
        "session_move": "several servers",
        "throttled_op": "request throttle",
        "4lw_default_whitelist": "texts of words are compared by their own tests",
        "four_letter_words": "texts of words are compared by their own tests",
    ]

    /// Where we differ on purpose.
    static let different: [String: String] = [
        "toplevel_internal_ops": "the reference lets clients delete nodes as if they were its own cleaner"
    ]

    /// Lines before which the recorded server closed sessions of other clients, and how many.
    static let strangers: [String: [Int: Int64]] = ["watch_persistent_recursive": [29: 3]]

    /// Lines that show what earlier clients of the recorded server did to /zookeeper/config.
    static let historic: [String: Set<Int>] = ["java_session": [66]]

    static let names: [String] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Vectors/client")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".jsonl") }.map { String($0.dropLast(6)) }.sorted()
    }()

    @Test func listOfPostponedRecordingsIsTrue() {
        #expect(Self.later.keys.allSatisfy { Self.names.contains($0) })
    }

    @Test(arguments: names.filter { later[$0] == nil && different[$0] == nil })
    func answersAsRecorded(_ name: String) throws {
        let historic = Self.historic[name] ?? []
        let lines = try RecordedLine.load(name).map { historic.contains($0.number) ? $0.unread : $0 }
        var options = FakeReplica.Options()
        if name == "errors_other" { options.formerChildren = 16 }
        let server = try TestServer(options) { terms in
            if name == "small_maxbuffer" { terms.limits.clientFrameBytes = 4096 }
            if name == "max_client_cnxns" { terms.limits.connectionsPerAddress = 2 }
        }
        var replay = Replay(server: server, lines: lines, strangers: Self.strangers[name] ?? [:])
        try replay.run()
    }
}

/// One conversation in progress.
private struct Replay {
    private let server: TestServer
    private let lines: [RecordedLine]
    private let strangers: [Int: Int64]
    private var clients: [Int: RawClient] = [:]
    /// Deletions that one transaction brought in no particular order: compared together.
    private var expectedDeletions: [[String]] = []
    private var actualDeletions: [[String]] = []
    private var correspondence = Correspondence()

    init(server: TestServer, lines: [RecordedLine], strangers: [Int: Int64]) {
        self.server = server
        self.lines = lines
        self.strangers = strangers
        let base = server.replica.inspect { $0.lastProcessedZxid.rawValue }
        correspondence.zxidOffset = Self.offset(lines, base: base)
    }

    /// What to add to a zxid of the recording: known as soon as the first one is seen, since `base` was the last one
    /// here before the conversation began.
    private static func offset(_ lines: [RecordedLine], base: Int64) -> Int64? {
        var sessions: Set<SessionID> = []
        for line in lines where !line.isFromClient && line.kind == .frame {
            let payload = Array(line.bytes.dropFirst(4))
            if line.operation == "connect" {
                if let response = try? ConnectResponse(decoding: payload) { sessions.insert(response.sessionId) }
            } else if let header = try? ReplyHeader(decoding: payload), header.zxid.rawValue > 0 {
                let isWrite = OpCode.named(line.operation)?.kind == .write
                sessions.remove(.none)
                return base + Int64(sessions.count) + (isWrite ? 1 : 0) - header.zxid.rawValue
            }
        }
        return nil
    }

    mutating func run() throws {
        for line in lines where line.kind != .note {
            if line.kind == .unread {
                _ = client(line).receive()
                continue
            }
            if let count = strangers[line.number], let offset = correspondence.zxidOffset {
                correspondence.zxidOffset = offset - count
            }
            if line.isFromClient { send(line) } else { try receive(line) }
        }
    }

    private mutating func client(_ line: RecordedLine) -> RawClient {
        if let client = clients[line.connection] { return client }
        let client = server.connect()
        clients[line.connection] = client
        return client
    }

    private mutating func send(_ line: RecordedLine) {
        guard line.kind != .end else {
            clients[line.connection]?.shutdown()
            return
        }
        client(line).send(translated(line))
    }

    /// The request with this run's session and zxids.
    private func translated(_ line: RecordedLine) -> [UInt8] {
        let payload = Array(line.bytes.dropFirst(4))
        switch line.operation {
        case "connect":
            guard var request = try? ConnectRequest(decoding: payload) else { return line.bytes }
            request.lastZxidSeen = correspondence.here(request.lastZxidSeen)
            if let here = correspondence.sessions[request.sessionId] {
                if request.passwd == SessionPassword.bytes(for: request.sessionId) {
                    request.passwd = SessionPassword.bytes(for: here)
                }
                request.sessionId = here
            }
            return request.framed()
        case "setWatches", "setWatches2":
            var bytes = line.bytes
            let relative = bytes[12..<20].reduce(Int64(0)) { $0 << 8 | Int64($1) }
            let here = correspondence.here(Zxid(relative)).rawValue
            for index in 0..<8 { bytes[12 + index] = UInt8(truncatingIfNeeded: here >> (56 - 8 * Int64(index))) }
            return bytes
        default: return line.bytes
        }
    }

    private mutating func receive(_ line: RecordedLine) throws {
        let received = client(line).receive()
        guard line.kind == .frame else {
            #expect(received == .closed, "line \(line.number): expected the end of connection \(line.connection)")
            return
        }
        guard case .frame(let payload) = received else {
            Issue.record("line \(line.number): expected \(line.operation), got \(received)")
            throw Failure.stopped
        }
        let recorded = Array(line.bytes.dropFirst(4))
        if line.operation == "connect" {
            try compareConnect(line, recorded, payload)
        } else {
            let expected = try ReplyText.words(line.operation, recorded, nil)
            let actual = try ReplyText.words(line.operation, payload, correspondence)
            let isEvent = line.operation == "notification" && recorded.count > 19
            if isEvent && recorded[19] == UInt8(WatchEvent.deleted.rawValue) {
                expectedDeletions.append(expected)
                actualDeletions.append(actual)
                return
            }
            compareDeletions(before: line)
            #expect(actual == expected, "line \(line.number), \(line.operation)")
        }
    }

    private mutating func compareDeletions(before line: RecordedLine) {
        func sorted(_ list: [[String]]) -> [String] { list.map { "\($0)" }.sorted() }
        #expect(sorted(actualDeletions) == sorted(expectedDeletions), "before line \(line.number)")
        expectedDeletions = []
        actualDeletions = []
    }

    private mutating func compareConnect(_ line: RecordedLine, _ recorded: [UInt8], _ payload: [UInt8]) throws {
        let expected = try ConnectResponse(decoding: recorded)
        let actual = try ConnectResponse(decoding: payload)
        #expect(actual.timeOut == expected.timeOut, "line \(line.number)")
        #expect(actual.readOnly == expected.readOnly, "line \(line.number)")
        #expect((actual.sessionId == .none) == (expected.sessionId == .none), "line \(line.number)")
        if let known = correspondence.sessions[expected.sessionId] { #expect(actual.sessionId == known) }
        guard expected.sessionId != .none else { return }
        #expect(actual.passwd == SessionPassword.bytes(for: actual.sessionId), "line \(line.number)")
        #expect(expected.passwd == SessionPassword.bytes(for: expected.sessionId), "line \(line.number)")
        correspondence.note(recorded: expected.sessionId, here: actual.sessionId)
    }

    private enum Failure: Error { case stopped }
}

extension OpCode {
    /// The operation a recording calls so.
    fileprivate static func named(_ name: String) -> OpCode? { allCases.first { "\($0)" == name } }
}
