// The four-letter answers against those recorded from Apache ZooKeeper 3.9.4, and the forms the recording lacks.
import Glibc
import MeerkatServer
import Replica
import Testing

/// Answers of a recorded conversation, by word.
private func recorded(_ file: String) -> [String: String] {
    let root = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let path = "/\(root)/Vectors/client/\(file)"
    guard let stream = fopen(path, "r") else { preconditionFailure("cannot open \(path)") }
    defer { fclose(stream) }
    var answers: [String: String] = [:]
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    while getline(&line, &capacity, stream) > 0, let line {
        let text = String(cString: line)
        guard text.contains("\"dir\":\"s2c\""), let word = field("\"op\":\"4lw:", of: text),
            let hex = field("\"hex\":\"", of: text)
        else { continue }
        answers[word] = String(decoding: bytes(hex), as: UTF8.self)
    }
    return answers
}

private func field(_ opening: String, of line: String) -> String? {
    guard let start = line.firstRange(of: opening) else { return nil }
    return String(line[start.upperBound...].prefix { $0 != "\"" })
}

private func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap { $0.hexDigitValue.map(UInt8.init) }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

@Suite struct FourLetterWordTests {
    private static let theirVersion =
        "3.9.4-7246445ec281f3dbf53dc54e970c914f39713903, built on 2025-08-19 19:53 UTC"
    private static let session: Int64 = 0x1_0000_349c_ea00_ae
    private let everything = FourLetterWhitelist("*")

    /// The state the recorded server was in.
    private var report: ServerReport {
        var report = ServerReport()
        report.latency = .init(minMs: 0, maxMs: 29, sumMs: 10_483, count: 10_000)
        report.packetsReceived = 1053
        report.packetsSent = 1094
        report.connectionCount = 2
        report.zxid = 0x2ca
        report.nodeCount = 7
        report.dataDirectoryBytes = 67_109_358
        report.logDirectoryBytes = 67_109_358
        report.configuration.isStandalone = true
        report.configuration.clientPort.port = 31_001
        report.configuration.storage.dataDirectory = "/var/lib/zookeeper"
        report.configuration.quorum.tickTimeMs = 500
        report.watches = [WatchReport(sessionID: Self.session)]
        report.watches[0].paths.append("/rec/e".utf8Span.span.bytes)
        report.watchSummary.connections = 1
        report.watchSummary.pathHashes = [7]
        report.digests = [
            (0x80, 7_134_180_371), (0x100, 4_920_198_640), (0x180, 6_736_225_301), (0x200, 4_922_646_571),
            (0x280, 11_474_257_280),
        ].map { DigestReport(zxid: $0, digest: $1) }
        report.sessions.expiry = [
            .init(expiresMs: 1_795_246_221_000, elements: []),
            .init(expiresMs: 1_795_246_224_500, elements: [Self.session]),
        ]
        report.sessions.ephemerals = [.init(sessionID: Self.session, paths: ["/rec/e"])]
        report.sessions.connections = [
            .init(expiresMs: 1_795_246_218_000, elements: []),
            .init(
                expiresMs: 1_795_246_228_000,
                elements: [
                    .init(remote: "127.0.0.1:51656", sessionID: Self.session),
                    .init(remote: "127.0.0.1:51712", sessionID: 0),
                ]),
        ]
        return report
    }

    private func connections(probePort: Int) -> [ConnectionReport] {
        var client = ConnectionReport(remote: "127.0.0.1:51656")
        client.received = 4
        client.sent = 4
        var session = ConnectionReport.Session(id: Self.session, timeoutMs: 9000)
        session.lastOperation = "GETC"
        session.establishedMs = 1_795_246_214_721
        session.lastXid = 3
        session.lastZxid = 0x2ca
        session.lastResponseMs = 3_476_198
        session.latency = .init(minMs: 0, maxMs: 1, sumMs: 1, count: 4)
        client.session = session
        var probe = ConnectionReport(remote: "127.0.0.1:\(probePort)")
        probe.interest = 0
        probe.received = 1
        return [client, probe]
    }

    @Test(arguments: [
        FourLetterWord.srvr, .conf, .dump, .dirs, .wchs, .wchc, .wchp, .isro, .gtmk, .hash, .crst, .srst, .stmk, .ruok,
    ])
    func answersAreThoseRecorded(_ word: FourLetterWord) {
        let theirs = recorded("four_letter_words.jsonl")[word.rawValue]?
            .replacing(Self.theirVersion, with: ServerVersion.text)
        #expect(word.answer(report, whitelist: everything) == theirs)
    }

    @Test func connectionsAreThoseRecorded() {
        let recorded = recorded("four_letter_words.jsonl")
        var report = report
        report.connections = connections(probePort: 51_704)
        #expect(FourLetterWord.cons.answer(report, whitelist: everything) == recorded["cons"])
        report.connections = connections(probePort: 51_692).reversed()
        report.packetsReceived = 1054
        report.packetsSent = 1095
        let stat = recorded["stat"]?.replacing(Self.theirVersion, with: ServerVersion.text)
        #expect(FourLetterWord.stat.answer(report, whitelist: everything) == stat)
    }

    @Test func monitorHasTheKeysDashboardsRead() throws {
        let theirs = try #require(recorded("four_letter_words.jsonl")["mntr"])
        let ours = FourLetterWord.mntr.answer(report, whitelist: everything)
        let keys = Set(ours.split(separator: "\n").map { $0.prefix { $0 != "\t" } })
        // The gauges stand before the first counter.
        for line in theirs.split(separator: "\n").prefix(while: { !$0.hasPrefix("zk_watch_bytes") }) {
            #expect(keys.contains(line.prefix { $0 != "\t" }), "\(line)")
        }
        #expect(ours.contains("zk_avg_latency\t1.0483\n"))
        #expect(ours.hasPrefix("zk_version\t\(ServerVersion.text)\nzk_server_state\tstandalone\n"))
    }

    @Test func leaderAndObserverAdditions() {
        var leader = report
        leader.mode = .leader
        leader.leading = .init()
        leader.leading?.proposalBytes.last = 48
        leader.leading?.proposalBytes.minimum = 36
        leader.leading?.proposalBytes.maximum = 512
        leader.peerState = "leading - broadcast"
        leader.quorumSize = 3
        #expect(
            FourLetterWord.srvr.answer(leader, whitelist: everything)
                .hasSuffix("Mode: leader\nNode count: 7\nProposal sizes last/min/max: 48/36/512\n"))
        let monitor = FourLetterWord.mntr.answer(leader, whitelist: everything)
        #expect(monitor.contains("zk_peer_state\tleading - broadcast\n"))
        #expect(monitor.contains("zk_quorum_size\t3\n") && monitor.contains("zk_synced_followers\t0\n"))
        var observer = report
        observer.mode = .observer
        observer.learnerMasterID = 2
        #expect(FourLetterWord.mntr.answer(observer, whitelist: everything).contains("zk_observer_master_id\t2\n"))
        observer.sessions.expiry = nil
        observer.sessions.timeouts = [.init(sessionID: 0x2a, timeoutMs: 30_000)]
        #expect(
            FourLetterWord.dump.answer(observer, whitelist: everything)
                .hasPrefix("SessionTracker dump:\nGlobal Sessions(1):\n0x2a\t30000ms\nephemeral nodes dump:\n"))
    }

    @Test func localSessionsAreListedFirst() {
        var server = report
        server.localSessions = 1
        #expect(FourLetterWord.mntr.answer(server, whitelist: everything).contains("zk_local_sessions\t1\n"))
        server.sessions.expiry = []
        server.sessions.local = [.init(expiresMs: 1_795_246_224_000, elements: [0x2a])]
        let local =
            "SessionTracker dump:\nLocal Session Sets (1)/(1):\n1 expire at Sat Nov 21 07:30:24 UTC 2026:\n\t0x2a\n"
        #expect(
            FourLetterWord.dump.answer(server, whitelist: everything)
                .hasPrefix(local + "Global Session Sets (0)/(0):\nephemeral nodes dump:\n"))
        server.sessions.expiry = nil
        #expect(
            FourLetterWord.dump.answer(server, whitelist: everything)
                .hasPrefix(local + "Global Sessions(0):\nephemeral nodes dump:\n"))
    }

    @Test func membershipFollowsTheConfiguration() throws {
        var report = report
        report.configuration.isStandalone = false
        report.configuration.serverID = 2
        report.configuration.quorum.initLimit = 10
        report.configuration.quorum.syncLimit = 5
        let text = "server.2=10.0.0.2:2888:3888:observer\nserver.3=10.0.0.3:2888:3888:participant\nversion=100000000"
        report.configuration.ensemble = try EnsembleConfiguration(parsing: text)
        #expect(
            FourLetterWord.conf.answer(report, whitelist: everything).hasSuffix(
                "serverId=2\ninitLimit=10\nsyncLimit=5\nelectionAlg=3\nelectionPort=3888\nquorumPort=2888\n"
                    + "peerType=1\nmembership: \n" + text))
    }

    @Test func refusalsAreThoseRecorded() {
        let recorded = recorded("4lw_default_whitelist.jsonl")
        let whitelist = FourLetterWhitelist("srvr")
        for word in [FourLetterWord.ruok, .mntr, .isro] {
            #expect(word.answer(report, whitelist: whitelist) == recorded[word.rawValue])
        }
        #expect(whitelist.allows(.srvr))
        let some = FourLetterWhitelist(" stat, ruok ,nope,")
        #expect(FourLetterWord.allCases.filter(some.allows) == [.ruok, .srvr, .stat])
    }

    @Test func betweenRoles() {
        var report = report
        report.isServing = false
        let refusal = "This ZooKeeper instance is not currently serving requests\n"
        let answers = FourLetterWord.allCases.filter { $0.answer(report, whitelist: everything) != refusal }
        #expect(Set(answers) == [.ruok, .isro, .envi, .gtmk, .stmk])
        #expect(FourLetterWord.isro.answer(report, whitelist: everything) == "null")
        report.isServing = true
        report.mode = .readOnly
        #expect(FourLetterWord.isro.answer(report, whitelist: everything) == "ro")
        #expect(FourLetterWord.srvr.answer(report, whitelist: everything).contains("\nREAD-ONLY mode; serving only"))
    }

    @Test func wordsAreRecognisedByTheirBytes() {
        #expect(FourLetterWord(code: 0x7275_6f6b) == .ruok)
        #expect(FourLetterWord(code: 0x7175_7765) == nil)
        #expect(FourLetterWord.allCases.allSatisfy { FourLetterWord(code: $0.code) == $0 })
        #expect(FourLetterWord.stmk.argumentBytes == 8)
    }

    @Test func numbersAndDates() {
        let numbers: [(Double, String)] = [
            (0, "0.0"), (1.04834, "1.0483"), (2, "2.0"), (0.0005, "0.0005"), (12.5, "12.5"),
        ]
        for (value, text) in numbers { #expect(ServerReport.decimal(value) == text) }
        #expect(CalendarDate(milliseconds: 0).description == "Thu Jan 01 00:00:00 UTC 1970")
        #expect(CalendarDate(milliseconds: -1).description == "Wed Dec 31 23:59:59 UTC 1969")
        #expect(CalendarDate(milliseconds: 951_782_400_000).description == "Tue Feb 29 00:00:00 UTC 2000")
    }

    @Test func environmentHasTheOrderOfZooKeeper() {
        let entries = EnvironmentEntry.current()
        #expect(entries.first == EnvironmentEntry("zookeeper.version", ServerVersion.text))
        #expect(entries.last?.key == "os.memory.total")
        #expect(entries.count == 18)
    }
}
