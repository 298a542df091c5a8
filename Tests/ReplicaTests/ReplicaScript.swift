// Plays a replica script: one server, what happens to it, and the transcript of what it does. Separate from the tests
// so that a new conversation needs a text file only.
//
// Commands begin with "> ", the lines below are the answer. A zxid is written EPOCH:COUNTER, sessions s1, s2, ... in
// the order in which the script meets them. Election messages are left out: ZabTests has scripts of their own.

import Jute
import Replica
import Tree
import Zab

struct ReplicaScript {
    var driven: DrivenReplica?
    var sessions: [SessionID] = []

    /// The whole script with the answers of this build.
    static func transcript(of script: String) throws -> String {
        var player = ReplicaScript()
        var lines: [String] = []
        for line in script.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty || line.hasPrefix("#") {
                lines.append(String(line))
            } else if line.hasPrefix("> ") {
                lines.append(String(line))
                var answer = try player.perform(line.dropFirst(2).split(separator: " ").map(String.init))
                if answer.isEmpty { answer = ["nothing"] }
                lines += answer
            }
        }
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }

    private mutating func perform(_ words: [String]) throws -> [String] {
        if words[0] == "server" {
            try begin(words)
            return ["ready"]
        }
        guard var driven else { return ["no server yet"] }
        let actions: [Action]
        switch words[0] {
        case "hurry": return Self.hurry(driven.replica, Self.links(words[1]))
        case "start": actions = try driven.start()
        case "elect": actions = try driven.elect(Self.server(words[1]))
        case "persist": actions = try driven.finishDisk(cannotCut: words.dropFirst() == ["uncut"])
        case "tick":
            var ticked: [Action] = []
            let end = driven.nowMs + Int64(words[1])!
            while driven.nowMs < end {
                driven.nowMs = min(end, driven.nowMs + ReplicaConfiguration.tickResolutionMs)
                ticked += try driven.feed(.ticked)
            }
            actions = ticked
        default: actions = try driven.feed(input(words))
        }
        self.driven = driven
        return actions.compactMap { describe($0) }
    }

    /// What a leader's shell asks: which of these links no quorum waits for, and whether the own disk is waited for.
    private static func hurry(_ replica: Replica, _ links: [LearnerLinkID]) -> [String] {
        let spare = links.filter { replica.isSpare($0) }.map { "\($0.rawValue)" }
        let disk = replica.isWaitingForDisk ? ["the own disk"] : []
        return disk + (spare.isEmpty ? [] : ["all but " + spare.joined(separator: ",")])
    }

    /// server ID of VOTERS [observers IDS] [log EPOCH:LAST,...] [accepted EPOCH] [sessions local|upgrading]. The disk
    /// waits for `persist`.
    private mutating func begin(_ words: [String]) throws {
        func value(_ key: String) -> String? { words.firstIndex(of: key).map { words[$0 + 1] } }
        var log: [Proposal] = []
        for last in value("log")?.split(separator: ",").map({ Self.zxid(String($0)) }) ?? [] {
            for counter in 1...last.counter {
                log.append(Self.proposal(Zxid(epoch: last.epoch, counter: counter)))
            }
        }
        let epoch = log.last?.zxid.epoch ?? Epoch(0)
        driven = try DrivenReplica(
            id: Self.server(words[1]), voters: Self.servers(words[3]),
            observers: value("observers").map(Self.servers) ?? [], log: log,
            acceptedEpoch: value("accepted").map(Self.epoch) ?? epoch, currentEpoch: epoch,
            opensLocalSessions: value("sessions") != nil, upgradesLocalSessions: value("sessions") == "upgrading")
        driven?.diskIsInstant = false
        sessions = []
    }

    // MARK: Inputs

    private mutating func input(_ words: [String]) throws -> Input {
        func link() -> LearnerLinkID { LearnerLinkID(rawValue: UInt64(words[1])!) }
        switch words[0] {
        case "connect": return .learnerConnected(link())
        case "lost": return .learnerDisconnected(link())
        case "from": return .receivedFromLearner(link(), learnerPacket(Array(words.dropFirst(2))))
        case "connected": return .connectedToLeader
        case "leader": return .receivedFromLeader(leaderPacket(Array(words.dropFirst())))
        case "snapshot":
            let zxid = Self.zxid(words[1])
            let tree = DataTree(seed: 1)
            tree.resetLastProcessedZxid(zxid)
            return .receivedSnapshot(tree, zxid)
        case "votes": return vote(words)
        case "disconnected": return .disconnectedFromLeader(words.dropFirst().joined(separator: " "))
        case "client": return .client(clientInput(words))
        default: preconditionFailure("no such command: \(words[0])")
        }
    }

    /// votes SERVER ZXID: for itself, without a leader.
    private func vote(_ words: [String]) -> Input {
        let (server, zxid) = (Self.server(words[1]), Self.zxid(words[2]))
        let notification = Notification(
            state: .looking, leader: server, zxid: zxid, electionEpoch: 1, peerEpoch: zxid.epoch, config: [])
        return .receivedNotification(notification, from: server)
    }

    /// FOLLOWERINFO SERVER PROMISED | ACKEPOCH ZXID CURRENT | ACK ZXID | PING [SESSION]... | REQUEST SESSION XID OP |
    /// REVALIDATE SESSION
    private mutating func learnerPacket(_ words: [String]) -> QuorumPacket {
        var data = JuteEncoder()
        switch words[0] {
        case "FOLLOWERINFO", "OBSERVERINFO":
            let info = LearnerInfo(serverid: Self.server(words[1]), configVersion: 0)
            let type: PacketType = words[0] == "OBSERVERINFO" ? .observerInfo : .followerInfo
            return QuorumPacket(type, zxid: Self.epoch(words[2]).start, data: info.encoded())
        case "ACKEPOCH":
            data.write(Int32(words[2])!)
            return QuorumPacket(.ackEpoch, zxid: Self.zxid(words[1]), data: data.bytes)
        case "ACK": return QuorumPacket(.ack, zxid: Self.zxid(words[1]))
        case "PING":
            for word in words.dropFirst() { SessionTouch(sessionId: session(word), timeOut: 4000).encode(into: &data) }
            return QuorumPacket(.ping, zxid: .zero, data: data.bytes)
        case "REQUEST":
            let request = request(session(words[1]), Array(words.dropFirst(2)))
            let forwarded = ForwardedRequest(
                sessionId: request.session, cxid: request.cxid, type: request.opCode, body: request.body)
            return QuorumPacket(.request, zxid: .none, data: forwarded.encoded(), authinfo: [])
        case "REVALIDATE":
            let touch = SessionTouch(sessionId: session(words[1]), timeOut: 4000)
            return QuorumPacket(.revalidate, zxid: .none, data: touch.encoded())
        default: preconditionFailure("no such packet of a learner: \(words[0])")
        }
    }

    /// LEADERINFO EPOCH | NEWLEADER EPOCH | DIFF, TRUNC, SNAP, PROPOSAL, INFORM or COMMIT ZXID | UPTODATE | PING | SYNC |
    /// REVALIDATE SESSION valid. A PROPOSAL or INFORM carries an error of nobody, or of what follows: SESSION XID; or the
    /// beginning of a session: SESSION opens.
    private mutating func leaderPacket(_ words: [String]) -> QuorumPacket {
        switch words[0] {
        case "LEADERINFO": return QuorumPacket(.leaderInfo, zxid: Self.epoch(words[1]).start, data: [0, 1, 0, 0])
        case "NEWLEADER": return QuorumPacket(.newLeader, zxid: Self.epoch(words[1]).start, data: [])
        case "DIFF": return QuorumPacket(.diff, zxid: Self.zxid(words[1]))
        case "TRUNC": return QuorumPacket(.trunc, zxid: Self.zxid(words[1]))
        case "SNAP": return QuorumPacket(.snap, zxid: Self.zxid(words[1]))
        case "COMMIT": return QuorumPacket(.commit, zxid: Self.zxid(words[1]))
        case "PROPOSAL", "INFORM":
            let session = words.count > 2 ? session(words[2]) : SessionID(1)
            let opens = words.last == "opens"
            let xid = words.count > 3 && !opens ? Xid(Int32(words[3])!) : Xid(0)
            let body: TxnBody =
                opens ? .createSession(CreateSessionTxn(timeOut: 4000)) : .error(ErrorTxn(err: .noNode))
            let proposal = Self.proposal(Self.zxid(words[1]), body, session, xid)
            let type: PacketType = words[0] == "INFORM" ? .inform : .proposal
            return QuorumPacket(type, zxid: proposal.zxid, data: proposal.payload)
        case "UPTODATE": return QuorumPacket(.upToDate, zxid: .none)
        case "PING": return QuorumPacket(.ping, zxid: .zero)
        case "SYNC": return QuorumPacket(.sync, zxid: .zero)
        case "REVALIDATE":
            let answer = RevalidateAnswer(sessionId: session(words[1]), isValid: words[2] == "valid")
            return QuorumPacket(.revalidate, zxid: .none, data: answer.encoded())
        default: preconditionFailure("no such packet of a leader: \(words[0])")
        }
    }

    /// client ID open | touch SESSION | crowd COUNT | reattach SESSION | request SESSION XID OP [PATH] | gone
    private mutating func clientInput(_ words: [String]) -> ClientInput {
        let client = ClientID(rawValue: UInt64(words[1])!)
        switch words[2] {
        case "open": return .openSession(client, timeoutMs: 4000)
        case "touch":
            let touched = (session: session(words[3]), timeoutMs: Int32(4000))
            return .touched([touched])
        case "crowd":
            return .touched((0..<Int64(words[3])!).map { (session: SessionID(9 << 56 + $0), timeoutMs: 4000) })
        case "reattach": return .reattachSession(client, session(words[3]), timeoutMs: 4000)
        case "request": return .request(client, request(session(words[3]), Array(words.dropFirst(4))))
        case "gone": return .disconnected(client)
        default: preconditionFailure("no such thing for a client: \(words[2])")
        }
    }

    /// XID OP [PATH]; a multi creates an ephemeral
    private func request(_ session: SessionID, _ words: [String]) -> WriteRequest {
        let path = UString(words.count > 2 ? words[2] : "/")
        let (opCode, body): (OpCode, [UInt8]) =
            switch words[1] {
            case "create":
                (.create, CreateRequest(path: path, data: [], acl: [.openUnsafe], flags: 0).encoded())
            case "ephemeral":
                (.create, CreateRequest(path: path, data: [], acl: [.openUnsafe], flags: 1).encoded())
            case "multi":
                (
                    .multi,
                    MultiHeader(type: OpCode.create.rawValue, done: false, err: ErrorCode(-1)).encoded()
                        + CreateRequest(path: path, data: [], acl: [.openUnsafe], flags: 1).encoded()
                        + MultiHeader.end.encoded()
                )
            case "delete": (.delete, DeleteRequest(path: path, version: -1).encoded())
            case "sync": (.sync, SyncRequest(path: path).encoded())
            case "createSession": (.createSession, CreateSessionTxn(timeOut: 4000).encoded())
            case "closeSession": (.closeSession, [])
            default: preconditionFailure("no such request: \(words[1])")
            }
        return WriteRequest(
            session: session, cxid: Xid(Int32(words[0])!), opCode: opCode.rawValue, body: body, identities: [.anyone])
    }

    // MARK: Words

    /// Unless told otherwise an error: a transaction that changes nothing.
    private static func proposal(
        _ zxid: Zxid, _ body: TxnBody = .error(ErrorTxn(err: .noNode)), _ session: SessionID = SessionID(1),
        _ xid: Xid = Xid(0)
    ) -> Proposal {
        let header = TxnHeader(
            clientId: session, cxid: xid, zxid: zxid, time: 1_700_000_000_000, type: body.opCode.rawValue)
        let record = TxnRecord(header: header, body: body, digest: nil)
        return Proposal(zxid: zxid, payload: record.encoded())
    }

    /// A name not met yet is a session of another server.
    private mutating func session(_ name: String) -> SessionID {
        let index = Int(name.dropFirst())! - 1
        precondition(index <= sessions.count, "sessions are named in order: \(name)")
        if index == sessions.count { sessions.append(SessionID(9 << 56 + Int64(index))) }
        return sessions[index]
    }

    private static func server(_ text: String) -> ServerID { ServerID(Int64(text)!) }
    private static func links(_ text: String) -> [LearnerLinkID] {
        text.split(separator: ",").map { LearnerLinkID(rawValue: UInt64($0)!) }
    }
    private static func servers(_ text: String) -> Set<ServerID> {
        Set(text.split(separator: ",").map { server(String($0)) })
    }
    private static func epoch(_ text: String) -> Epoch { Epoch(Int64(text)!) }
    private static func zxid(_ text: String) -> Zxid {
        let parts = text.split(separator: ":")
        return Zxid(epoch: epoch(String(parts[0])), counter: UInt32(parts[1])!)
    }
}
