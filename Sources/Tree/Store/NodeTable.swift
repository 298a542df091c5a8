// From a path to its block: open addressing with linear probing. A slot is eight bytes, so a miss costs one cache line.
// Growing moves a few slots with each write instead of all at once.

/// The hash table of a store. A slot holds the path's 32-bit hash above the 32-bit link to the block; 0 is empty.
///
/// While growing there are two tables: new entries go to the new one, every write moves some of the old one over.
@safe
final class NodeTable {
    private(set) var slots: SlotMemory
    private(set) var old: SlotMemory?
    /// Slots of the old table below this one are empty.
    private var migrated = 0
    private(set) var count = 0

    private static let initialSlots = 64
    /// Slots of the old table looked at by each insertion. Sixteen empty it long before the new one is full.
    private static let slotsPerWrite = 16

    init() { slots = SlotMemory(count: Self.initialSlots) }

    deinit {
        slots.free()
        old?.free()
    }

    var isGrowing: Bool { old != nil }

    @inline(__always)
    static func hash(_ slot: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: slot >> 32) }

    @inline(__always)
    static func reference(_ slot: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: slot) }

    /// The first link whose hash agrees and which `matches`, or 0.
    @inline(__always)
    func find(_ hash: PathHash, _ matches: (UInt32) -> Bool) -> UInt32 {
        if let index = Self.index(slots, hash, matches) { return Self.reference(slots[index]) }
        if let old, let index = Self.index(old, hash, matches) { return Self.reference(old[index]) }
        return 0
    }

    @inline(__always)
    private static func index(_ slots: SlotMemory, _ hash: PathHash, _ matches: (UInt32) -> Bool) -> Int? {
        var index = slots.home(hash.value)
        while true {
            let slot = slots[index]
            if slot == 0 { return nil }
            if Self.hash(slot) == hash.value, matches(reference(slot)) { return index }
            index = slots.after(index)
        }
    }

    /// Adds a link that is not yet there.
    func insert(_ hash: PathHash, _ reference: UInt32) {
        precondition(reference != 0, "link 0 stands for none")
        if isGrowing { migrate(Self.slotsPerWrite) }
        if !slots.holds(count + 1) { grow(to: slots.count + slots.count / 2) }
        Self.put(slots, UInt64(hash.value) << 32 | UInt64(reference))
        count += 1
    }

    /// Makes room for `total` links at once. Worth it before many insertions.
    func reserve(_ total: Int) {
        if !slots.holds(total) { grow(to: SlotMemory.slots(for: total)) }
    }

    private static func put(_ slots: SlotMemory, _ slot: UInt64) {
        var index = slots.home(hash(slot))
        while slots[index] != 0 { index = slots.after(index) }
        slots[index] = slot
    }

    /// A block has moved.
    func replace(_ hash: PathHash, _ reference: UInt32, with moved: UInt32) {
        let slot = UInt64(hash.value) << 32 | UInt64(moved)
        if let index = Self.index(slots, hash, { $0 == reference }) {
            slots[index] = slot
        } else if let old, let index = Self.index(old, hash, { $0 == reference }) {
            old[index] = slot
        } else {
            preconditionFailure("block \(reference) is in no slot")
        }
    }

    func remove(_ hash: PathHash, _ reference: UInt32) {
        if let index = Self.index(slots, hash, { $0 == reference }) {
            Self.close(slots, index)
        } else if let old, let index = Self.index(old, hash, { $0 == reference }) {
            Self.close(old, index)
        } else {
            preconditionFailure("block \(reference) is in no slot")
        }
        count -= 1
    }

    /// Empties a slot and moves later ones back, so that no probe ends too early and no tombstones gather.
    private static func close(_ slots: SlotMemory, _ index: Int) {
        var hole = index
        var next = slots.after(index)
        while true {
            let slot = slots[next]
            if slot == 0 { break }
            // May stand in the hole if its home is not cyclically after it.
            if slots.distance(from: slots.home(hash(slot)), to: next) >= slots.distance(from: hole, to: next) {
                slots[hole] = slot
                hole = next
            }
            next = slots.after(next)
        }
        slots[hole] = 0
    }

    private func grow(to count: Int) {
        if isGrowing { migrate(.max) }
        old = slots
        migrated = 0
        slots = SlotMemory(count: count)
    }

    private func migrate(_ limit: Int) {
        guard let old else { return }
        let end = min(old.count, limit < old.count ? migrated + limit : old.count)
        while migrated < end {
            // Closing the gap may bring a later slot here: stay until this one is empty.
            while old[migrated] != 0 {
                Self.put(slots, old[migrated])
                Self.close(old, migrated)
            }
            migrated += 1
            old.returnPages(before: migrated)
        }
        if migrated == old.count {
            old.free()
            self.old = nil
        }
    }

    /// Every link, in no order; for checks.
    func forEach(_ body: (UInt32) -> Void) {
        for slots in [slots, old].compactMap({ $0 }) {
            for index in 0..<slots.count where slots[index] != 0 { body(Self.reference(slots[index])) }
        }
    }
}
