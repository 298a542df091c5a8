// The history a server holds, as the checker sees it: zxids with a running hash, so that whole prefixes compare at once.

import Jute

/// One transaction of a history. `chain` stands for it and everything before it.
struct HistoryEntry: Equatable {
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
    /// Cuts everything after `zxid`. False when `zxid` is not in the history (nor its beginning).
    mutating func cut(after zxid: Zxid) -> Bool {
        while let last, last.zxid > zxid { removeLast() }
        return (last?.zxid ?? .zero) == zxid
    }
}
