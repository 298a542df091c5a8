// Plays an election script: one server, what it hears, and the transcript of what it does. Separate from the tests
// so that a new rule needs a text file only.
//
// Commands begin with "> ", the lines below are the answer. Votes are written STATE leader zxid round epoch.

import Foundation
import Jute
import Zab

struct ElectionScript {
    private var election: Election?
    private var initial = Vote.null
    private var now: Int64 = 0
    private var configText: [UInt8] = []

    /// The whole script with the answers of this build.
    static func transcript(of script: String) -> String {
        var player = ElectionScript()
        var lines: [String] = []
        for line in script.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty || line.hasPrefix("#") {
                lines.append(String(line))
            } else if line.hasPrefix("> ") {
                lines.append(String(line))
                lines += player.perform(line.dropFirst(2).split(separator: " ").map(String.init))
            }
        }
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }

    private mutating func perform(_ words: [String]) -> [String] {
        if words[0] == "server" {
            configure(words)
            return []
        }
        guard var election else { return ["no server yet"] }
        var actions: [ElectionAction] = []
        switch words[0] {
        case "start": actions = election.start(now: now, vote: initial)
        case "wait":
            now += Int64(words[1])!
            actions = election.tick(now: now)
        case "silence":
            guard let deadline = election.nextDeadline else { return ["nothing is waited for"] }
            now = deadline
            actions = election.tick(now: now)
        case "established": election.becameEstablished(epoch: Epoch(Int64(words[1])!))
        case "settle":
            let state = Self.state(words[1])
            election.settle(
                state: state, vote: Vote(leader: ServerID(Int64(words[2])!), zxid: .zero, peerEpoch: Epoch(0)))
        case "newer":
            let next = Membership(voters: Self.sids(words[1]), version: 9, text: configText)
            election.adopt(membership: election.membership, lastSeen: next, role: election.role)
        default:
            let sender = ServerID(Int64(words[0])!)
            actions = election.receive(notification(Array(words.dropFirst())), from: sender, now: now)
        }
        self.election = election
        return describe(actions, election)
    }

    /// server ID of VOTERS zxid Z epoch E [observer] [reconfigurable] [weights SID=W,...] [groups SID=G,...]
    private mutating func configure(_ words: [String]) {
        func value(_ key: String) -> String? {
            words.firstIndex(of: key).map { words[$0 + 1] }
        }
        let id = ServerID(Int64(words[1])!)
        let voters = Self.sids(words[3])
        var verifier = QuorumVerifier.majority(voters: voters)
        if let groups = value("groups") {
            verifier = .hierarchical(groups: Self.pairs(groups), weights: value("weights").map(Self.pairs) ?? [:])
        }
        let zxid = Zxid(Self.number(value("zxid") ?? "0x0"))
        let epoch = Epoch(Int64(value("epoch") ?? "0")!)
        let isObserver = words.contains("observer")
        election = Election(
            myID: id, role: isObserver ? .observer : .participant,
            membership: Membership(verifier: verifier, text: configText), lastZxid: zxid, currentEpoch: epoch,
            isReconfigurable: words.contains("reconfigurable"))
        initial = isObserver ? .null : Vote(leader: id, zxid: zxid, peerEpoch: epoch)
        now = 0
    }

    /// STATE leader zxid round epoch [form N] [config TEXT]
    private func notification(_ words: [String]) -> Jute.Notification {
        var config: [UInt8] = []
        if let index = words.firstIndex(of: "config") { config = Array(words[index + 1].utf8) }
        let version = words.firstIndex(of: "form").map { Int32(words[$0 + 1])! } ?? Jute.Notification.currentVersion
        return Jute.Notification(
            state: Self.state(words[0]), leader: Self.leader(words[1]), zxid: Zxid(Self.number(words[2])),
            electionEpoch: Int64(words[3].dropFirst())!, peerEpoch: Epoch(Self.number(String(words[4].dropFirst()))),
            version: version, config: config)
    }

    private func describe(_ actions: [ElectionAction], _ election: Election) -> [String] {
        var lines = actions.map { action in
            switch action {
            case .send(let n, let sid):
                "to \(sid): \(Self.name(n.state)) \(Self.text(n.leader)) \(Self.text(n.zxid)) "
                    + "r\(n.electionEpoch) e\(Self.text(n.peerEpoch.rawValue))"
            case .elected(let v):
                "elected \(v.leader) \(v.zxid) r\(v.electionEpoch) e\(v.peerEpoch): \(Self.name(election.state))"
            case .adoptConfiguration(let text): "adopt \(String(decoding: text, as: UTF8.self))"
            }
        }
        if let canvass = election.canvass {
            let wait = canvass.deadline - now
            lines.append(
                "\(canvass.phase == .finalizing ? "finalizing" : "waiting") \(wait) ms, round \(election.round)")
        }
        return lines.isEmpty ? ["nothing"] : lines
    }

    private static let names: [(PeerState, String)] = [
        (.looking, "LOOKING"), (.following, "FOLLOWING"), (.leading, "LEADING"), (.observing, "OBSERVING"),
    ]
    static func name(_ state: PeerState) -> String { names.first { $0.0 == state }!.1 }
    private static func state(_ name: String) -> PeerState { names.first { $0.1 == name }!.0 }
    private static func leader(_ text: String) -> ServerID {
        text == "nobody" ? Vote.nobody : ServerID(Int64(text)!)
    }
    private static func text(_ sid: ServerID) -> String { sid == Vote.nobody ? "nobody" : "\(sid)" }
    private static func text(_ zxid: Zxid) -> String { zxid.rawValue == .min ? "min" : "\(zxid)" }
    private static func text(_ value: Int64) -> String { value == .min ? "min" : "\(value)" }
    static func number(_ text: String) -> Int64 {
        if text == "min" { return .min }
        return text.hasPrefix("0x") ? Int64(text.dropFirst(2), radix: 16)! : Int64(text)!
    }
    private static func sids(_ text: String) -> Set<ServerID> {
        Set(text.split(separator: ",").map { ServerID(Int64($0)!) })
    }
    private static func pairs(_ text: String) -> [ServerID: Int64] {
        var result: [ServerID: Int64] = [:]
        for pair in text.split(separator: ",") {
            let parts = pair.split(separator: "=")
            result[ServerID(Int64(parts[0])!)] = Int64(parts[1])!
        }
        return result
    }
}
