// The names of watched nodes: bytes to a small number and back. Apart from the watches, which know numbers only.

/// Interns paths. A number is reused once its path is released; memory grows by doubling and the text of released
/// paths is squeezed out when it makes up half of all text.
package struct WatchedPaths {
    struct Name {
        var start = 0
        var length = 0
        var hash = 0
        var isUsed = false
    }

    private static let empty = UInt32.max

    private(set) var names: [Name] = []
    private var free: [UInt32] = []
    private var text: [UInt8] = []
    private var garbage = 0
    /// Open addressing, linear probing, a power of two, at most half full.
    private var slots: [UInt32] = Array(repeating: Self.empty, count: 16)

    package var count: Int { names.count - free.count }

    private static func hash(_ path: Span<UInt8>) -> Int {
        var hasher = Hasher()
        unsafe path.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.finalize()
    }

    private func isEqual(_ name: Name, _ hash: Int, _ path: Span<UInt8>) -> Bool {
        guard name.hash == hash, name.length == path.count else { return false }
        for index in 0..<path.count where text[name.start + index] != path[index] { return false }
        return true
    }

    /// The slot that holds the path, or the empty one where it belongs.
    private func slot(_ hash: Int, _ path: Span<UInt8>) -> Int {
        let mask = slots.count - 1
        var slot = hash & mask
        while slots[slot] != Self.empty, !isEqual(names[Int(slots[slot])], hash, path) { slot = (slot + 1) & mask }
        return slot
    }

    package func find(_ path: Span<UInt8>) -> UInt32? {
        let number = slots[slot(Self.hash(path), path)]
        return number == Self.empty ? nil : number
    }

    /// The path's number, a new one if it had none.
    package mutating func intern(_ path: Span<UInt8>) -> UInt32 {
        let hash = Self.hash(path)
        var slot = slot(hash, path)
        if slots[slot] != Self.empty { return slots[slot] }
        if (count + 1) * 2 > slots.count {
            grow()
            slot = self.slot(hash, path)
        }
        let number = free.popLast() ?? UInt32(names.count)
        if Int(number) == names.count { names.append(Name()) }
        names[Int(number)] = Name(start: text.count, length: path.count, hash: hash, isUsed: true)
        for index in 0..<path.count { text.append(path[index]) }
        slots[slot] = number
        return number
    }

    package func bytes(of number: UInt32) -> [UInt8] {
        let name = names[Int(number)]
        precondition(name.isUsed, "path \(number) is not interned")
        return Array(text[name.start..<name.start + name.length])
    }

    package mutating func release(_ number: UInt32) {
        let name = names[Int(number)]
        precondition(name.isUsed, "path \(number) released twice")
        var slot = name.hash & (slots.count - 1)
        while slots[slot] != number { slot = (slot + 1) & (slots.count - 1) }
        closeGap(at: slot)
        names[Int(number)].isUsed = false
        free.append(number)
        garbage += name.length
        if garbage > 4096, garbage * 2 > text.count { squeeze() }
    }

    /// Empties a slot and moves later ones of the same run back, so that no search stops early.
    private mutating func closeGap(at start: Int) {
        let mask = slots.count - 1
        var gap = start
        var slot = start
        while true {
            slot = (slot + 1) & mask
            let number = slots[slot]
            if number == Self.empty { break }
            let home = names[Int(number)].hash & mask
            // It may move if its home is not cyclically between the gap and where it stands.
            if (slot &- home) & mask >= (slot &- gap) & mask {
                slots[gap] = number
                gap = slot
            }
        }
        slots[gap] = Self.empty
    }

    private mutating func grow() {
        slots = Array(repeating: Self.empty, count: slots.count * 2)
        let mask = slots.count - 1
        for (number, name) in names.enumerated() where name.isUsed {
            var slot = name.hash & mask
            while slots[slot] != Self.empty { slot = (slot + 1) & mask }
            slots[slot] = UInt32(number)
        }
    }

    private mutating func squeeze() {
        var kept: [UInt8] = []
        kept.reserveCapacity(text.count - garbage)
        for number in names.indices where names[number].isUsed {
            let start = names[number].start
            names[number].start = kept.count
            kept += text[start..<start + names[number].length]
        }
        text = kept
        garbage = 0
    }
}
