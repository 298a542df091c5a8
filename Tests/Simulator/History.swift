// The history a server holds, as the checker sees it: zxids with a running hash, so that whole prefixes compare at once.

import Jute

/// One transaction of a history. `chain` stands for it and everything before it.
struct HistoryEntry: Hashable {
    let zxid: Zxid
    let chain: UInt64

    static func next(after previous: HistoryEntry?, zxid: Zxid, payload: [UInt8]) -> HistoryEntry {
        var hash = previous?.chain ?? 0xcbf2_9ce4_8422_2325
        func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for shift in 0..<8 { mix(UInt8(truncatingIfNeeded: zxid.rawValue >> (8 * Int64(shift)))) }
        for byte in payload { mix(byte) }
        return HistoryEntry(zxid: zxid, chain: hash)
    }
}

extension [HistoryEntry] {
    /// The history up to and with `zxid`; nil when it does not hold that (zero is the beginning of every history).
    func prefix(through zxid: Zxid) -> [HistoryEntry]? {
        var end = count
        while end > 0, self[end - 1].zxid > zxid { end -= 1 }
        return end == 0 ? (zxid == .zero ? [] : nil) : self[end - 1].zxid == zxid ? Array(self[..<end]) : nil
    }
}
