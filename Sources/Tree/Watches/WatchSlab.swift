// Memory for watches: blocks that are reused by size and stay where they are. Apart from the tree's slab, whose blocks
// move to close gaps: watches come and go in bulk, and a block of theirs is linked from too many places to be moved.

/// An allocator of blocks in units of eight bytes, named by 32 bits. Freed blocks wait in a list of their size class and
/// are handed out again; memory never shrinks. The bound is the caller's business.
@safe
final class WatchSlab {
    private static let unit = 8

    private let range: AddressRange
    /// The first unit never handed out; unit 0 stands for "none".
    private var frontier = 1
    /// For each size class the first free block, which holds the link to the next.
    private var free = [UInt32](repeating: 0, count: WatchSlab.exactClasses + 1 + 4 * 24)
    private var unitsInUse = 0

    /// Below this many units every size has a class of its own, above it there are four to each doubling.
    private static let exactClasses = 512

    init(maximumBytes: Int) { range = AddressRange(maximum: maximumBytes) }

    var bytesInUse: Int { unitsInUse * Self.unit }

    /// The class for a size in units, and what a block of that class really measures.
    private static func sizeClass(_ units: Int) -> (index: Int, units: Int) {
        if units <= exactClasses { return (units, units) }
        let shift = Int.bitWidth - (units - 1).leadingZeroBitCount - 3
        let step = (units - 1) >> shift
        return (exactClasses + (shift - 7) * 4 + step - 3, (step + 1) << shift)
    }

    private static func units(forBytes bytes: Int) -> Int { (bytes + unit - 1) / unit }

    func address(_ reference: UInt32) -> UnsafeMutableRawPointer {
        unsafe range.base + Int(reference) * Self.unit
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
        precondition(
            (reference + units) * Self.unit <= range.count, "the watches have outgrown their \(range.count) bytes")
        frontier += units
        return UInt32(reference)
    }

    func release(_ reference: UInt32, bytes: Int) {
        let (index, units) = Self.sizeClass(Self.units(forBytes: bytes))
        precondition(reference != 0 && Int(reference) + units <= frontier, "block \(reference) was never handed out")
        unitsInUse -= units
        let start = unsafe address(reference)
        unsafe start.storeBytes(of: free[index], as: UInt32.self)
        free[index] = reference
    }
}
