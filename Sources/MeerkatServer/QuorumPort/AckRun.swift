// Passes over acknowledgements that another one follows. A follower acknowledges each proposal, and for those that it
// synced together a leader reads as many packets in a row.

import Jute

/// Acknowledgements of proposals are cumulative (`LeaderBroadcast`): of several in a row the last says it all.
public enum AckRun {
    /// Type, zxid, no data, no identities.
    private static let packetBytes = 20

    /// The length of the acknowledgements at the front of `bytes` that the one behind them makes superfluous.
    ///
    /// NEWLEADER's acknowledgement, which names an epoch's start, is never among them.
    public static func superfluousBytes(in bytes: RawSpan) -> Int {
        var offset = 0
        guard var current = acknowledged(in: bytes, at: offset) else { return 0 }
        while let next = acknowledged(in: bytes, at: offset + packetBytes), next > current,
            next.epoch == current.epoch
        {
            offset += packetBytes
            current = next
        }
        return offset
    }

    /// The transaction that the packet at `offset` acknowledges; nil if it is another packet or not whole.
    private static func acknowledged(in bytes: RawSpan, at offset: Int) -> Zxid? {
        guard bytes.byteCount - offset >= packetBytes else { return nil }
        var decoder = JuteDecoder(bytes.extracting(offset..<offset + packetBytes))
        guard (try? decoder.readInt32()) == PacketType.ack.rawValue, let raw = try? decoder.readInt64(),
            (try? decoder.readInt64()) == -1
        else { return nil }
        let zxid = Zxid(raw)
        return zxid.counter == 0 ? nil : zxid
    }
}
