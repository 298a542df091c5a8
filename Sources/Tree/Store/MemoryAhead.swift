// Taking memory from the system before it is needed. Apart from the slab because it is for another thread than the
// tree's owner.

import Glibc
import Synchronization

/// Lets a thread that has time give the slab of a large tree the pages it is about to fill: the owner then does not wait
/// while the system clears them.
///
/// `@unchecked Sendable`: of the slab it reads what never changes, and one atomic number.
@safe
public final class MemoryAhead: @unchecked Sendable {
    private let slab: Slab
    /// Bytes of the slab that have their pages. Only for the one thread that calls `advance`.
    private var populated = 0

    /// Pages are given to so many bytes behind the last area in use, and not before half as many are missing.
    private static let lead = 4 << 20
    /// A tree up to this size gets pages as it touches them: it should not look larger than it is.
    private static let sparedBytes = 8 << 20

    init(_ slab: Slab) { self.slab = slab }

    /// To be called now and then, by one thread. The bound: `lead` bytes more than the tree needs.
    public func advance() {
        let used = slab.frontierBytes.load(ordering: .relaxed)
        let wanted = min(used + Self.lead, slab.usableBytes)
        if used < Self.sparedBytes || wanted - populated < Self.lead / 2 { return }
        let start = max(used, populated)
        // A kernel that cannot do it gives the pages when they are touched.
        if wanted > start { _ = unsafe madvise(slab.base + start, wanted - start, MADV_POPULATE_WRITE) }
        populated = wanted
    }
}
