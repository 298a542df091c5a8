// Memory for blocks: one reserved range of addresses, handed out in units of eight bytes. One range, so that a block is
// named by 32 bits and a link costs no look-up.

import Glibc
import Synchronization

/// An allocator of blocks whose memory follows what is in use, whatever was in use before.
///
/// Small blocks stand on one shelf per size, without gaps: when one goes, the last of its shelf takes its place, so only
/// the last area of a shelf is ever part empty. Large blocks have runs of areas to themselves. An area that is empty
/// serves any size next.
///
/// Bound: the bytes touched exceed the bytes in use by at most 64 KiB per size that is present (169 of them), the
/// eighth that sizes are rounded up by above 1 KiB, the double for blocks above 32 KiB, and free areas: those that were
/// needed at the same time before and have not come together as 2 MiB, or 8 MiB.
///
/// A class, so that readers reach `base` without a check for overlapping access.
@safe
final class Slab {
    static let unit = 8
    /// What 32-bit links can reach: the bound on a tree's memory. Reaching it ends the process.
    static let maximumBytes = (1 << 32) * unit

    let base: UnsafeMutableRawPointer
    private let range: AddressRange
    /// Without the part before the first boundary of a large page.
    let usableBytes: Int
    /// Up to where blocks have stood, for whoever gets memory ready on another thread.
    let frontierBytes = Atomic<Int>(0)
    private var pool: AreaPool
    private var shelves: [Shelf]
    private(set) var unitsInUse = 0

    /// The blocks of one size: all areas but the last are full.
    private struct Shelf {
        let units: Int
        var areas: [UInt32] = []
        /// Blocks in the last area.
        var inLast = 0

        var blocksPerArea: Int { Slab.areaUnits / units }
        /// Where the last block ends and the next one goes.
        var end: UInt32 { areas[areas.count - 1] + UInt32(inLast * units) }
    }

    private static let areaUnits = AreaPool.areaBytes / unit
    private static let largePage = 2 << 20
    /// A tree up to this size uses ordinary pages.
    private static let smallTreeBytes = 16 << 20

    init() {
        range = AddressRange(maximum: Self.maximumBytes + Self.largePage)
        let skipped = -Int(bitPattern: unsafe range.base) & (Self.largePage - 1)
        unsafe base = range.base + skipped
        usableBytes = range.count - Self.largePage
        pool = unsafe AreaPool(base: base, capacity: usableBytes / AreaPool.areaBytes)
        shelves = SizeClass.all.map { Shelf(units: $0.units) }
        // Link 0 stands for "none": the first area is never used.
        _ = pool.allocate(order: 0)
    }

    /// Large pages save misses in big trees; small trees stay small. Not before a tree is loaded: then somebody waits
    /// for the memory, and a system that gets it from another one hands out large pages several times as slowly. What
    /// stands on ordinary pages the system gathers by and by.
    func preferLargePages() {
        let small = Self.smallTreeBytes
        if usableBytes > small { _ = unsafe madvise(base + small, usableBytes - small, MADV_HUGEPAGE) }
    }

    var bytesInUse: Int { unitsInUse * Self.unit }
    /// Bytes of the areas that the system may hold memory for, the one never used left out.
    var bytesTouched: Int { (pool.touchedAreas - 1) * AreaPool.areaBytes }

    func address(_ reference: UInt32) -> UnsafeMutableRawPointer {
        unsafe base + Int(reference) * Self.unit
    }

    func reference(_ address: UnsafeMutableRawPointer) -> UInt32 {
        UInt32(truncatingIfNeeded: unsafe (address - base) / Self.unit)
    }

    func allocate(bytes: Int) -> UInt32 {
        let size = SizeClass(bytes: bytes)
        unitsInUse += size.units
        guard let index = size.shelf else { return takeAreas(size.areaOrder) }
        if shelves[index].areas.isEmpty || shelves[index].inLast == shelves[index].blocksPerArea {
            shelves[index].areas.append(takeAreas(0))
            shelves[index].inLast = 0
        }
        let reference = shelves[index].end
        shelves[index].inLast += 1
        return reference
    }

    private func takeAreas(_ order: Int) -> UInt32 {
        guard let area = pool.allocate(order: order) else {
            preconditionFailure("the tree has outgrown its \(range.count) bytes")
        }
        frontierBytes.store(pool.frontier * AreaPool.areaBytes, ordering: .relaxed)
        return UInt32(area * Self.areaUnits)
    }

    /// Takes a block back. Another block may have moved into its place: returns where that one was, or 0. Whatever
    /// refers to it must be told.
    func release(_ reference: UInt32, bytes: Int) -> UInt32 {
        let size = SizeClass(bytes: bytes)
        unitsInUse -= size.units
        guard let index = size.shelf else {
            pool.release(Int(reference) / Self.areaUnits, order: size.areaOrder)
            return 0
        }
        precondition(!shelves[index].areas.isEmpty, "block \(reference) stands on no shelf of \(size.units) units")
        shelves[index].inLast -= 1
        let last = shelves[index].end
        if last != reference {
            unsafe address(reference).copyMemory(from: address(last), byteCount: size.units * Self.unit)
        }
        if shelves[index].inLast == 0, let empty = shelves[index].areas.popLast() {
            pool.release(Int(empty) / Self.areaUnits, order: 0)
            shelves[index].inLast = shelves[index].areas.isEmpty ? 0 : shelves[index].blocksPerArea
        }
        return last == reference ? 0 : last
    }
}
