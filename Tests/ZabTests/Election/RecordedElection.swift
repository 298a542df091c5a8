// One server of a recorded election, played by our `Election`. Apart from the tests, which list the recordings.

import Foundation
import Jute
import Testing
import Zab

struct RecordedElection {
    struct Line {
        var t: Double
        let from: String
        let to: String
        let notification: Jute.Notification
    }

    private let server: String
    private let lines: [Line]
    private let starts: [RecordedElectionTests.Start]
    private let membership: Membership
    private var election: Election
    private var isRunning = false
    private var now: Int64 = 0
    /// What came out, and what the recorded server said, per peer.
    private(set) var sent: [String: [Jute.Notification]] = [:]
    private(set) var recorded: [String: [Jute.Notification]] = [:]
    private(set) var settled: [Int64] = []

    init(server: String, recording: RecordedElectionTests.Recording, lines: [Line]) {
        self.server = server
        self.lines = lines.filter { $0.from == server || $0.to == server }
            .map { line in
                var line = line
                if line.to == server, let t = recording.overtaken[line.t] { line.t = t }
                return line
            }
            .sorted { $0.t < $1.t }
        starts = recording.starts.filter { $0.server == server }
        let text = lines.first { $0.from == server }?.notification.config ?? []
        membership = Membership(voters: [ServerID(1), ServerID(2), ServerID(3)], observers: [ServerID(4)], text: text)
        election = Self.election(of: server, membership: membership, zxid: 0, epoch: 0)
    }

    /// Notifications only: greetings and ends of connections are the transport's.
    static func lines(of name: String) throws -> [Line] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Vectors/quorum/\(name).election.jsonl").standardized
        let text = try String(contentsOf: file, encoding: .utf8)
        return try text.split(separator: "\n").compactMap { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
            guard object["packet"] as? String == "NOTIFICATION", let hex = object["hex"] as? String else { return nil }
            let bytes = stride(from: 8, to: hex.count, by: 2).map { offset in
                let start = hex.utf8.index(hex.startIndex, offsetBy: offset)
                return UInt8(hex[start..<hex.utf8.index(start, offsetBy: 2)], radix: 16)!
            }
            return Line(
                t: (object["t"] as? NSNumber)?.doubleValue ?? 0, from: object["from"] as? String ?? "",
                to: object["to"] as? String ?? "", notification: try Jute.Notification(decoding: bytes))
        }
    }

    mutating func run() {
        var pending = starts[...]
        for line in lines {
            while let start = pending.first, start.at <= line.t {
                begin(pending.removeFirst())
            }
            let before = Int64(line.t * 1000)
            advance(to: before)
            if line.from == server {
                recorded[line.to, default: []].append(line.notification)
                adoptHints(from: line.notification)
            } else {
                perform(election.receive(line.notification, from: Self.sid(of: line.from), now: now))
            }
        }
        while let start = pending.popFirst() { begin(start) }
        // Time enough to settle, not enough to send again.
        advance(to: now + 300)
    }

    /// What is in `recorded` but not, in the same order, in `ours`; and what only we said, unless it is tolerated.
    static func differences(recorded: [Jute.Notification], ours: [Jute.Notification]) -> [String] {
        var differences: [String] = []
        var rest = withoutRepeats(ours)[...]
        var extra: [Jute.Notification] = []
        for notification in withoutRepeats(recorded) {
            if let index = rest.firstIndex(of: notification) {
                extra += rest[..<index]
                rest = rest[(index + 1)...]
            } else {
                differences.append("not said by us: \(describe(notification))")
            }
        }
        extra += rest
        for notification in extra where !isTolerated(notification, recorded: recorded) {
            differences.append("said by us only: \(describe(notification))")
        }
        return differences
    }

    /// Votes of a server that looks may have been superseded or undelivered; an answer of a settled server may
    /// differ from the recorded one by what establishment changes.
    private static func isTolerated(_ notification: Jute.Notification, recorded: [Jute.Notification]) -> Bool {
        notification.state == .looking
            || recorded.contains {
                $0.state == notification.state && $0.leader == notification.leader && $0.zxid == notification.zxid
                    && $0.electionEpoch == notification.electionEpoch
            }
    }

    private mutating func begin(_ start: RecordedElectionTests.Start) {
        advance(to: Int64(start.at * 1000))
        if start.isRestart {
            election = Self.election(of: server, membership: membership, zxid: start.zxid, epoch: start.epoch)
        }
        isRunning = true
        let own = Vote(leader: election.myID, zxid: Zxid(start.zxid), peerEpoch: Epoch(start.epoch))
        perform(election.start(now: now, vote: election.role == .observer ? .null : own))
    }

    private mutating func advance(to time: Int64) {
        while let deadline = election.nextDeadline, deadline <= time {
            now = deadline
            perform(election.tick(now: now))
        }
        now = max(now, time)
    }

    private mutating func adoptHints(from notification: Jute.Notification) {
        guard election.state != .looking, notification.state == election.state else { return }
        if notification.peerEpoch > election.currentVote.peerEpoch {
            election.becameEstablished(epoch: notification.peerEpoch)
            repeatLastAnswers(with: notification)
        }
        if notification.config != election.membership.text {
            var membership = election.membership
            membership.text = notification.config
            election.adopt(membership: membership, role: election.role)
            repeatLastAnswers(with: notification)
        }
    }

    /// The answer just given did not know yet what the recorded server had learnt.
    private mutating func repeatLastAnswers(with notification: Jute.Notification) {
        for peer in sent.keys {
            guard var last = sent[peer]?.last, last.state == notification.state else { continue }
            last.peerEpoch = notification.peerEpoch
            last.config = notification.config
            sent[peer]?.append(last)
        }
    }

    private mutating func perform(_ actions: [ElectionAction]) {
        for action in actions {
            switch action {
            case .send(let notification, let to): sent[Self.name(of: to), default: []].append(notification)
            case .elected(let vote): settled.append(vote.leader.rawValue)
            case .adoptConfiguration: Issue.record("\(server) adopts a configuration")
            }
        }
    }

    private static func election(of server: String, membership: Membership, zxid: Int64, epoch: Int64) -> Election {
        Election(
            myID: sid(of: server), role: server.hasPrefix("obs") ? .observer : .participant, membership: membership,
            lastZxid: Zxid(zxid), currentEpoch: Epoch(epoch))
    }

    private static func withoutRepeats(_ all: [Jute.Notification]) -> [Jute.Notification] {
        all.enumerated().filter { $0.offset == 0 || all[$0.offset - 1] != $0.element }.map(\.element)
    }

    private static func describe(_ n: Jute.Notification) -> String {
        "\(n.state) \(n.leader) \(n.zxid) r\(n.electionEpoch) e\(n.peerEpoch) config \(n.config.count)"
    }

    private static func sid(of name: String) -> ServerID { ServerID(Int64(name.drop { !$0.isNumber })!) }
    private static func name(of sid: ServerID) -> String { sid.rawValue == 4 ? "obs4" : "s\(sid)" }
}
