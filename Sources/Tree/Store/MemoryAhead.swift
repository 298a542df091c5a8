// Taking memory from the system before it is needed. Apart from the slab because it is for another thread than the
// tree's owner.

import CKernel
import Synchronization

/// Lets a thread that has time give the slab of a large tree the pages it is about to fill: the owner then does not
/// wait while the system clears them.
///
/// `@unchecked Sendable`: of the slab it reads what never changes, and one atomic number; each of its own numbers is
/// for one thread.
@safe
public final class MemoryAhead: @unchecked Sendable {
    private let slab: Slab
    /// Bytes of the slab that have their pages. Only for the one thread that calls `advance`.
    private var populated = 0
    /// Bytes of the slab that `advance` was due for. Only for the tree's owner.
    private var askedFor = 0

    private static let largePage = 2 << 20
    private static let page = 4096
    /// A tree up to this size gets pages as it touches them: it should not look larger than it is.
    private static let sparedBytes = 8 << 20

    init(_ slab: Slab) { self.slab = slab }

    /// Up to where there should be pages: to the end of the large page behind the one that is being filled. Nil for a
    /// small tree.
    private var wanted: (from: Int, to: Int)? {
        let used = slab.frontierBytes.load(ordering: .relaxed)
        if used < Self.sparedBytes { return nil }
        let end = (used + Self.largePage - 1) / Self.largePage * Self.largePage + Self.largePage
        return (used, min(end, slab.usableBytes))
    }

    /// For the tree's owner: whether it is time for `advance`. Says so once for each large page.
    public func isDue() -> Bool {
        guard let wanted, wanted.to > askedFor else { return false }
        askedFor = wanted.to
        return true
    }

    /// To be called now and then, by one thread. The bound: two large pages, 4 MiB, more than the tree needs.
    public func advance() {
        guard let wanted, wanted.to > populated else { return }
        // Page by page, as the owner would: a call for all of them would keep it from mapping anything meanwhile.
        for offset in stride(from: max(wanted.from, populated), to: wanted.to, by: Self.page) {
            unsafe ckernel_touch(slab.base + offset)
        }
        populated = wanted.to
    }
}
