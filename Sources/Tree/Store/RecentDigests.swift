// The digests of znodes that changed lately. Apart from the store because it is a table of its own, and no more than a
// shortcut.

/// Remembers what some znodes add to the tree's digest, by their blocks' links, so that who changes one of them next need
/// not sum what it was. The store sees to it that an entry follows a block that moves and goes with one that goes; its
/// user, that a znode's entry is taken before the znode changes.
///
/// 32 KB, once anything was noted. Of two znodes that fall on the same entry the later has it.
struct RecentDigests {
    private struct Entry {
        /// 0 in an empty entry.
        var reference: UInt32 = 0
        var digest: UInt64 = 0
    }

    private var entries: [Entry] = []
    private static let logCount: UInt32 = 11

    private func index(_ reference: UInt32) -> Int {
        Int((reference &* 0x9e37_79b1) >> (UInt32(UInt32.bitWidth) - Self.logCount))
    }

    func digest(of reference: UInt32) -> UInt64? {
        if entries.isEmpty { return nil }
        let entry = entries[index(reference)]
        return entry.reference == reference ? entry.digest : nil
    }

    mutating func note(_ digest: UInt64, of reference: UInt32) {
        if entries.isEmpty { entries = Array(repeating: Entry(), count: 1 << Int(Self.logCount)) }
        entries[index(reference)] = Entry(reference: reference, digest: digest)
    }

    /// As `digest(of:)`, and forgets it.
    @discardableResult
    mutating func take(_ reference: UInt32) -> UInt64? {
        guard let digest = digest(of: reference) else { return nil }
        entries[index(reference)] = Entry()
        return digest
    }

    mutating func move(_ reference: UInt32, to moved: UInt32) {
        if let digest = take(reference) { note(digest, of: moved) }
    }
}
