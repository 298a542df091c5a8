// What a replica does, in the words of the scripts.

import Jute
import Replica
import Tree
import Zab

extension ReplicaScript {
    /// One line; nil for what belongs to elections.
    mutating func describe(_ action: Action) -> String? {
        switch action {
        case .sendNotification, .log(.looking), .log(.elected): return nil
        case .openQuorumPort: return "open the quorum port"
        case .closeQuorumPort: return "close the quorum port"
        case .send(let packet, let links):
            return "to \(links.map { "\($0.rawValue)" }.joined(separator: ",")): \(text(packet))"
        case .sendSnapshot(let link): return "to \(link.rawValue): snapshot"
        case .disconnectLearner(let link, let reason): return "disconnect \(link.rawValue): \(reason)"
        case .connectToLeader(let server): return "connect to \(server)"
        case .sendToLeader(let packet): return "to leader: \(text(packet))"
        case .disconnectFromLeader: return "disconnect from the leader"
        case .persist(let operation, let ticket, _): return "disk \(ticket.rawValue): \(text(operation))"
        case .apply(let record, let origin):
            return "apply \(text(record))" + (origin.map { ", client \($0.client.rawValue)" } ?? "")
        case .abandonOwnSnapshot: return "abandon a snapshot of the own tree"
        case .adoptTree: return "adopt the tree of \(text(driven!.adopted.removeFirst()))"
        case .answer(let client, let answer): return "answer client \(client.rawValue): \(text(answer))"
        case .startServing(let service): return "serve as \(text(service))"
        case .stopServing(let reason): return "stop serving: \(reason)"
        case .log(let transition): return "log \(text(transition))"
        case .halt(let reason): return "halt: \(reason)"
        }
    }

    private mutating func text(_ packet: QuorumPacket) -> String {
        let data = packet.data ?? []
        let name = PacketType(rawValue: packet.type).map { "\($0)".uppercased() } ?? "type \(packet.type)"
        switch PacketType(rawValue: packet.type) {
        case .proposal, .inform:
            return "\(name) " + ((try? TxnRecord(decoding: data)).map { text($0) } ?? "unreadable")
        case .request:
            guard let request = try? ForwardedRequest(decoding: data) else { return "\(name) unreadable" }
            let opCode = OpCode(rawValue: request.type).map { "\($0)" } ?? "\(request.type)"
            return "\(name) \(text(request.sessionId)) \(request.cxid) \(opCode)"
        case .ping:
            let touches = (try? TouchTable(decoding: data))?.touches ?? []
            guard touches.count < 10 else { return "\(name) \(text(packet.zxid)) \(touches.count) sessions" }
            return ([name, text(packet.zxid)] + touches.map { text($0.sessionId) }).joined(separator: " ")
        case .revalidate where data.count >= 12:
            return "\(name) " + ((try? SessionTouch(decoding: data)).map { text($0.sessionId) } ?? "unreadable")
        case .revalidate:
            guard let answer = try? RevalidateAnswer(decoding: data) else { return "\(name) unreadable" }
            return "\(name) \(text(answer.sessionId)) \(answer.isValid ? "valid" : "invalid")"
        case .ackEpoch:
            var decoder = JuteDecoder(data.span)
            let current = (try? decoder.readInt32()).map { "\($0)" } ?? "unreadable"
            return "\(name) \(text(packet.zxid)) current \(current)"
        case .ack, .commit, .sync, .commitAndActivate, .newLeader, .followerInfo, .upToDate, .diff, .trunc, .snap,
            .observerInfo, .leaderInfo, .informAndActivate, nil:
            return "\(name) \(text(packet.zxid))"
        }
    }

    private mutating func text(_ operation: DiskOperation) -> String {
        switch operation {
        case .append(let proposal): "append \(text(proposal.zxid))"
        case .setAcceptedEpoch(let epoch): "accepted epoch \(epoch)"
        case .setCurrentEpoch(let epoch): "current epoch \(epoch)"
        case .truncate(let zxid): "truncate to \(text(zxid))"
        case .installSnapshot(let zxid): "install the snapshot of \(text(zxid))"
        }
    }

    private mutating func text(_ record: TxnRecord) -> String {
        let session = text(record.header.clientId)
        let what =
            switch record.body {
            case .createSession: "createSession \(session)"
            case .closeSession: "closeSession \(session)"
            case .create(let txn): "create \(txn.path)" + (txn.ephemeral ? " of \(session)" : "")
            case .delete(let txn): "delete \(txn.path)"
            case .error(let txn): "error \(txn.err.rawValue)"
            default: "\(record.body.opCode)"
            }
        return "\(text(record.zxid)) \(what)"
    }

    private mutating func text(_ answer: ClientAnswer) -> String {
        switch answer {
        case .synced(let xid): "synced \(xid)"
        case .refused(let xid, let error): "refused \(xid) with \(error.rawValue)"
        case .reattached(let session, let timeoutMs): "reattached \(text(session)) for \(timeoutMs) ms"
        case .sessionInvalid: "session invalid"
        case .outcomeUnknown: "outcome unknown"
        }
    }

    private func text(_ service: Service) -> String {
        switch service {
        case .leader(let epoch): "leader in epoch \(epoch)"
        case .follower(let leader, let epoch): "follower of \(leader) in epoch \(epoch)"
        case .observer(let leader, let epoch): "observer of \(leader) in epoch \(epoch)"
        }
    }

    private mutating func text(_ transition: Transition) -> String {
        switch transition {
        case .looking, .elected: "election"
        case .leading(let epoch): "leading in epoch \(epoch)"
        case .leadershipLost(let reason): "leadership lost: \(reason)"
        case .learnerSynchronising(let server, let operation, let history):
            "\(server) synchronises by \(operation), \(history) in the history"
        case .learnerActive(let server, let observer): "\(server) is active\(observer ? ", an observer" : "")"
        case .learnerLost(let server): "\(server) is lost"
        case .synchronising(let operation, let server): "synchronising by \(operation) with \(server)"
        case .synchronised(let epoch, let zxid): "synchronised in epoch \(epoch) at \(text(zxid))"
        case .leaderLost(let reason): "leader lost: \(reason)"
        case .sessionExpired(let session): "\(text(session)) expired"
        }
    }

    private func text(_ zxid: Zxid) -> String { zxid == .none ? "-" : "\(zxid.epoch):\(zxid.counter)" }

    /// Sessions made by the server get their name when they are first seen.
    private mutating func text(_ session: SessionID) -> String {
        if session == SessionID(1) { return "nobody" }
        if let index = sessions.firstIndex(of: session) { return "s\(index + 1)" }
        sessions.append(session)
        return "s\(sessions.count)"
    }
}
