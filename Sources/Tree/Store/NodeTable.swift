// From a path to its block: open addressing with linear probing. A slot is eight bytes, so a miss costs one cache line.
// Growing moves a few slots with each write instead of all at once.

import CKernel
import Glibc

/// The hash table of a store. A slot holds the path's 32-bit hash above the 32-bit link to the block; 0 is empty.
///
/// While growing there are two tables: new entries go to the new one, every write moves some of the old one over.
@safe
final class NodeTable {
    private var slots: UnsafeMutablePointer<UInt64>
    private var mask: Int
    private var old: UnsafeMutablePointer<UInt64>?
    private var oldMask = 0
    /// Slots of the old table below this one are empty.
    private var migrated = 0
    private(set) var count = 0

    private static let initialSlots = 64
    /// Slots of the old table looked at by each insertion. Sixteen empty it long before the new one is half full.
    private static let slotsPerWrite = 16

    init() {
        unsafe slots = Self.empty(Self.initialSlots)
        mask = Self.initialSlots - 1
        unsafe old = nil
    }

    deinit {
        unsafe free(slots)
        unsafe free(old)
    }

    /// Zeroed memory; for a large table the pages come only when they are touched.
    private static func empty(_ count: Int) -> UnsafeMutablePointer<UInt64> {
        guard let memory = unsafe calloc(count, 8) else {
            preconditionFailure("no memory for a table of \(count) slots")
        }
        return unsafe memory.bindMemory(to: UInt64.self, capacity: count)
    }

    var isGrowing: Bool { unsafe old != nil }

    @inline(__always)
    private static func hash(_ slot: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: slot >> 32) }

    @inline(__always)
    private static func reference(_ slot: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: slot) }

    /// The first link whose hash agrees and which `matches`, or 0.
    @inline(__always)
    func find(_ hash: PathHash, _ matches: (UInt32) -> Bool) -> UInt32 {
        if let index = unsafe Self.index(slots, mask, hash, matches) { return Self.reference(unsafe slots[index]) }
        if let old = unsafe old, let index = unsafe Self.index(old, oldMask, hash, matches) {
            return Self.reference(unsafe old[index])
        }
        return 0
    }

    @inline(__always)
    private static func index(
        _ slots: UnsafeMutablePointer<UInt64>, _ mask: Int, _ hash: PathHash, _ matches: (UInt32) -> Bool
    ) -> Int? {
        var index = Int(hash.value) & mask
        while true {
            let slot = unsafe slots[index]
            if slot == 0 { return nil }
            if Self.hash(slot) == hash.value, matches(reference(slot)) { return index }
            index = (index + 1) & mask
        }
    }

    @inline(__always)
    func prefetchSlot(_ hash: PathHash) {
        unsafe ckernel_prefetch(slots + (Int(hash.value) & mask))
        if let old = unsafe old { unsafe ckernel_prefetch(old + (Int(hash.value) & oldMask)) }
    }

    /// The link in the slot where the probe for `hash` would most likely end; 0 if that is not known at once.
    @inline(__always)
    func likely(_ hash: PathHash) -> UInt32 {
        var index = Int(hash.value) & mask
        for _ in 0..<4 {
            let slot = unsafe slots[index]
            if Self.hash(slot) == hash.value { return Self.reference(slot) }
            if slot == 0 { break }
            index = (index + 1) & mask
        }
        return 0
    }

    /// Adds a link that is not yet there.
    func insert(_ hash: PathHash, _ reference: UInt32) {
        precondition(reference != 0, "link 0 stands for none")
        if isGrowing { migrate(Self.slotsPerWrite) }
        if (count + 1) * 2 > mask + 1 { grow() }
        unsafe Self.put(slots, mask, UInt64(hash.value) << 32 | UInt64(reference))
        count += 1
    }

    private static func put(_ slots: UnsafeMutablePointer<UInt64>, _ mask: Int, _ slot: UInt64) {
        var index = Int(hash(slot)) & mask
        while unsafe slots[index] != 0 { index = (index + 1) & mask }
        unsafe slots[index] = slot
    }

    /// A block has moved.
    func replace(_ hash: PathHash, _ reference: UInt32, with moved: UInt32) {
        if let index = unsafe Self.index(slots, mask, hash, { $0 == reference }) {
            unsafe slots[index] = UInt64(hash.value) << 32 | UInt64(moved)
        } else if let old = unsafe old, let index = unsafe Self.index(old, oldMask, hash, { $0 == reference }) {
            unsafe old[index] = UInt64(hash.value) << 32 | UInt64(moved)
        } else {
            preconditionFailure("block \(reference) is in no slot")
        }
    }

    func remove(_ hash: PathHash, _ reference: UInt32) {
        if let index = unsafe Self.index(slots, mask, hash, { $0 == reference }) {
            unsafe Self.close(slots, mask, index)
        } else if let old = unsafe old, let index = unsafe Self.index(old, oldMask, hash, { $0 == reference }) {
            unsafe Self.close(old, oldMask, index)
        } else {
            preconditionFailure("block \(reference) is in no slot")
        }
        count -= 1
    }

    /// Empties a slot and moves later ones back, so that no probe ends too early and no tombstones gather.
    private static func close(_ slots: UnsafeMutablePointer<UInt64>, _ mask: Int, _ index: Int) {
        var hole = index
        var next = (index + 1) & mask
        while true {
            let slot = unsafe slots[next]
            if slot == 0 { break }
            let home = Int(hash(slot)) & mask
            // May stand in the hole if its home is not cyclically after it.
            if (next - home) & mask >= (next - hole) & mask {
                unsafe slots[hole] = slot
                hole = next
            }
            next = (next + 1) & mask
        }
        unsafe slots[hole] = 0
    }

    private func grow() {
        if isGrowing { migrate(.max) }
        unsafe old = slots
        oldMask = mask
        migrated = 0
        mask = (mask + 1) * 2 - 1
        unsafe slots = Self.empty(mask + 1)
    }

    private func migrate(_ limit: Int) {
        guard let old = unsafe old else { return }
        var left = limit
        while left > 0 && migrated <= oldMask {
            left -= 1
            // Closing the gap may bring a later slot here: stay until this one is empty.
            while unsafe old[migrated] != 0 {
                unsafe Self.put(slots, mask, old[migrated])
                unsafe Self.close(old, oldMask, migrated)
            }
            migrated += 1
        }
        if migrated > oldMask {
            unsafe free(old)
            unsafe self.old = nil
        }
    }

    /// Every link, in no order; for checks.
    func forEach(_ body: (UInt32) -> Void) {
        for index in 0...mask where unsafe slots[index] != 0 { body(Self.reference(unsafe slots[index])) }
        guard let old = unsafe old else { return }
        for index in 0...oldMask where unsafe old[index] != 0 { body(Self.reference(unsafe old[index])) }
    }
}
