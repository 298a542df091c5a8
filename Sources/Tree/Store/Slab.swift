// Memory for blocks: one reserved range of addresses, handed out in units of eight bytes and reused by size.
// One range, so that a block is named by 32 bits and a link costs no look-up.

import Glibc

/// An allocator of blocks. Freed blocks wait in a list of their size class and are handed out again.
///
/// A class, so that readers reach `base` without a check for overlapping access.
@safe
final class Slab {
    static let unit = 8
    /// What 32-bit links can reach: the bound on a tree's memory. Reaching it ends the process.
    static let maximumBytes = (1 << 32) * unit

    let base: UnsafeMutableRawPointer
    private let reserved: Int
    /// The first unit never handed out; unit 0 stands for "none".
    private var frontier = 1
    /// For each size class the first free block, which holds the link to the next.
    private var free = [UInt32](repeating: 0, count: Slab.exactClasses + 1 + 4 * 24)
    private(set) var unitsInUse = 0

    /// Below this many units every size has a class of its own, above it there are four to each doubling.
    private static let exactClasses = 512
    /// From this size on the pages of a freed block go back to the system.
    private static let returnedBytes = 64 * 1024

    /// A tree up to this size uses ordinary pages.
    private static let smallTreeBytes = 16 << 20

    init() {
        var size = Self.maximumBytes
        while true {
            let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
            let range = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, flags, -1, 0)
            if let range = unsafe range, unsafe range != UnsafeMutableRawPointer(bitPattern: -1) {
                unsafe base = range
                reserved = size
                // Large pages save misses in big trees; small trees stay small.
                let small = Self.smallTreeBytes
                if size > small { _ = unsafe madvise(range + small, size - small, MADV_HUGEPAGE) }
                return
            }
            // A limit on address space may be in force: take what it allows.
            size /= 2
            precondition(size >= 1 << 24, "no address space for the tree: errno \(errno)")
        }
    }

    deinit { _ = unsafe munmap(base, reserved) }

    var bytesInUse: Int { unitsInUse * Self.unit }
    /// The bytes ever touched: in use, and waiting for reuse.
    var bytesTouched: Int { frontier * Self.unit }

    /// The class for a size in units, and what a block of that class really measures.
    static func sizeClass(_ units: Int) -> (index: Int, units: Int) {
        if units <= exactClasses { return (units, units) }
        let shift = Int.bitWidth - (units - 1).leadingZeroBitCount - 3
        let step = (units - 1) >> shift
        return (exactClasses + (shift - 7) * 4 + step - 3, (step + 1) << shift)
    }

    static func units(forBytes bytes: Int) -> Int { (bytes + unit - 1) / unit }

    func address(_ reference: UInt32) -> UnsafeMutableRawPointer {
        unsafe base + Int(reference) * Self.unit
    }

    func reference(_ address: UnsafeMutableRawPointer) -> UInt32 {
        UInt32(truncatingIfNeeded: unsafe (address - base) / Self.unit)
    }

    func allocate(bytes: Int) -> UInt32 {
        let (index, units) = Self.sizeClass(Self.units(forBytes: bytes))
        unitsInUse += units
        let head = free[index]
        if head != 0 {
            free[index] = unsafe address(head).load(as: UInt32.self)
            return head
        }
        let reference = frontier
        precondition((reference + units) * Self.unit <= reserved, "the tree has outgrown its \(reserved) bytes")
        frontier += units
        return UInt32(reference)
    }

    func release(_ reference: UInt32, bytes: Int) {
        let (index, units) = Self.sizeClass(Self.units(forBytes: bytes))
        precondition(reference != 0 && Int(reference) + units <= frontier, "block \(reference) was never handed out")
        unitsInUse -= units
        let start = unsafe address(reference)
        if units * Self.unit >= Self.returnedBytes {
            // The first page stays: it holds the link.
            let page = 4096
            let from = (Int(bitPattern: start) + page) & ~(page - 1)
            let to = (Int(bitPattern: start) + units * Self.unit) & ~(page - 1)
            if to > from { _ = unsafe madvise(UnsafeMutableRawPointer(bitPattern: from), to - from, MADV_DONTNEED) }
        }
        unsafe start.storeBytes(of: free[index], as: UInt32.self)
        free[index] = reference
    }
}
