// Conversations recorded between clients and Apache ZooKeeper 3.9.4, judged again by the preparer.

import Foundation
import Jute
import Testing
import Tree

/// One line of a recording; see the fields' names there.
private struct Frame: Decodable {
    var conn: Int?
    var dir: String?
    var op: String?
    var xid: Int32?
    var zxid: Int64?
    var err: Int32?
    var hex: String?

    /// Without the length prefix.
    var payload: [UInt8] {
        let digits = Array((hex ?? "").utf8)
        return stride(from: 8, to: digits.count, by: 2).map { index in
            UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) ?? 0
        }
    }

    static func load(_ name: String) throws -> [Frame] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Vectors/client/\(name).jsonl")
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Frame.self, from: Data($0.utf8))
        }
    }
}

struct RecordedConversationTests {
    /// What was prepared and waits for its recorded reply.
    private struct Pending {
        var prepared: Prepared
        var body: [UInt8]
    }

    @Test(arguments: [
        "errors_create", "errors_other", "create_variants", "multi_ok", "multi_abort", "multi_malformed",
        "stat_evolution", "auth_digest", "auth_super", "auth_ip_and_world", "close_session_deletes_ephemerals",
        "basic_ops", "ephemerals_and_counts",
    ])
    func sameVerdicts(name: String) throws {
        let rules = ACLRules(superDigest: "super:lK75jTNcA+U9vtVEw5vB51mj/w4=")
        var rig = PreparerRig(PreparerOptions(access: rules, extendedTypes: true))
        _ = rig.create("/rec")
        rig.applyAll()
        var identities: [Int: [Id]] = [:]
        var pending: [String: Pending] = [:]
        var lastZxid: Int64?
        var judged = 0
        for frame in try Frame.load(name) {
            guard let conn = frame.conn, let xid = frame.xid, let op = frame.op else { continue }
            let key = "\(conn) \(xid)"
            if frame.dir == "s2c" {
                guard let zxid = frame.zxid, op != "notification", op != "auth" else { continue }
                defer { lastZxid = zxid }
                guard let write = pending.removeValue(forKey: key) else { continue }
                compare(write, frame, lastZxid)
                judged += 1
                continue
            }
            let body = Array(frame.payload.dropFirst(8))
            var own = identities[conn] ?? [Id(scheme: "ip", id: "127.0.0.1")]
            if op == "auth" {
                let packet = try AuthPacket(decoding: body)
                own += (try? rules.authenticate(scheme: packet.scheme, data: packet.auth, address: "127.0.0.1")) ?? []
            }
            identities[conn] = own
            guard let opCode = opCode(of: frame), opCode.kind == .write else { continue }
            let session = SessionID(Int64(conn))
            if !rig.sessions.contains(session) { rig.sessions.track(session, timeout: 9000, now: 0) }
            pending[key] = Pending(
                prepared: rig.prepare(opCode, body, session: session, identities: own), body: body)
            rig.applyAll()
        }
        #expect(judged > 0 && pending.isEmpty)
    }

    private func opCode(of frame: Frame) -> OpCode? {
        (try? RequestHeader(decoding: frame.payload)).flatMap { OpCode(rawValue: $0.type) }
    }

    private func compare(_ write: Pending, _ reply: Frame, _ lastZxid: Int64?) {
        let note: Comment = "\(reply.op ?? "") xid \(reply.xid ?? 0)"
        let result = Array(reply.payload.dropFirst(ReplyHeader.encodedSize))
        switch write.prepared {
        case .refused(let error):
            #expect(error.rawValue == reply.err, note)
            if let lastZxid { #expect(reply.zxid == lastZxid, note) }
        case .txn:
            #expect(write.prepared.error?.rawValue == reply.err, note)
            if let lastZxid { #expect(reply.zxid == lastZxid + 1, note) }
        }
        if let path = write.prepared.createdPath {
            #expect((try? CreateResponse(decoding: result))?.path == path, note)
        }
        if let errors = write.prepared.errors { compareMulti(errors, write.body, result, note) }
    }

    private func compareMulti(
        _ errors: [ErrorCode], _ body: [UInt8], _ result: [UInt8], _ note: Comment
    ) {
        var decoder = JuteDecoder(result.span)
        let failed = errors.contains { $0 != .ok }
        let types = (try? MultiWrite(decoding: body))?.resultTypes ?? []
        for (error, type) in zip(errors, types) {
            guard let header = try? decoder.read(MultiHeader.self) else {
                Issue.record("reply ends early")
                return
            }
            #expect(header.type == (failed ? -1 : type.rawValue), note)
            if failed {
                #expect(header.err == error, note)
                try? decoder.skip(4)
            } else {
                skipResult(type, &decoder)
            }
        }
        #expect(errors.count == types.count, note)
        #expect((try? decoder.read(MultiHeader.self)) == .end, note)
    }

    private func skipResult(_ type: OpCode, _ decoder: inout JuteDecoder) {
        switch type {
        case .create: _ = try? decoder.read(CreateResponse.self)
        case .create2: _ = try? decoder.read(Create2Response.self)
        case .setData: _ = try? decoder.read(Stat.self)
        default: break
        }
    }
}
