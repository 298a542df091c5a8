// Sessions seen from outside: none may end by expiry while its client is heard from.

import Jute
import Replica

/// When each session was last heard from: by the server the client talks to, and by each leader.
struct SessionSigns {
    /// The servers' clocks differ from true time by this much at most, parts per thousand, with rounding.
    private static let tolerancePerMille: Int64 = 10
    /// Virtual time after the last fault by which every server serves and none loses a sign of life.
    private static let calmAfterMs: Int64 = 8_000

    private struct Leader {
        let sinceMs: Int64
        var heardMs: [SessionID: Int64] = [:]
    }

    private var leaders: [ServerID: Leader] = [:]
    /// By any server in service.
    private var heardMs: [SessionID: Int64] = [:]

    mutating func begin(_ leader: ServerID, atMs: Int64) { leaders[leader] = Leader(sinceMs: atMs) }

    mutating func heard(_ session: SessionID, atMs: Int64) { heardMs[session] = atMs }

    /// Something reached a leader in service: notes the signs of life in it. What a learner says of a session is none
    /// unless the session `isGlobal`: the leader's own local ones live by what the leader hears itself.
    mutating func received(
        _ input: Input, by leader: ServerID, atMs: Int64, isGlobal: (SessionID) -> Bool
    ) {
        switch input {
        case .client(.touched(let touched)):
            for (session, _) in touched { leaders[leader]?.heardMs[session] = atMs }
        case .client(.reattachSession(_, let session, _)): leaders[leader]?.heardMs[session] = atMs
        case .receivedFromLearner(_, let packet):
            for session in Self.sessions(in: packet) where isGlobal(session) {
                leaders[leader]?.heardMs[session] = atMs
            }
        default: break
        }
    }

    /// A session came to be by a transaction that the leader prepared then.
    mutating func created(_ session: SessionID, by leader: ServerID, atMs: Int64) {
        let heard = leaders[leader]?.heardMs[session] ?? atMs
        leaders[leader]?.heardMs[session] = max(heard, atMs)
    }

    private static func sessions(in packet: QuorumPacket) -> [SessionID] {
        guard let data = packet.data else { return [] }
        let type = PacketType(rawValue: packet.type)
        guard type == .ping || type == .revalidate else { return [] }
        var decoder = JuteDecoder(data.span)
        var sessions: [SessionID] = []
        while decoder.remaining >= 12, let session = try? decoder.readInt64(), (try? decoder.readInt32()) != nil {
            sessions.append(SessionID(session))
        }
        return sessions
    }

    /// A leader lets a session expire. Returns what is wrong with that.
    func expired(_ session: SessionID, by leader: ServerID, timeoutMs: Int64, nowMs: Int64, calmMs: Int64?) -> String? {
        let least = timeoutMs * (1000 - Self.tolerancePerMille) / 1000
        // A leader ends a session no earlier than its timeout after the last sign of life it got, or after the
        // beginning of its reign (I10).
        if let reign = leaders[leader] {
            let silence = nowMs - (reign.heardMs[session] ?? reign.sinceMs)
            if silence < least { return "\(session) expired \(silence) ms after its leader heard from it (I10)" }
        }
        // Without faults no sign of life is lost on its way to the leader (I10).
        if let calmMs, calmMs > Self.calmAfterMs, let heard = heardMs[session], nowMs - heard < least {
            return "\(session) expired \(nowMs - heard) ms after a server heard from it (I10)"
        }
        return nil
    }
}
