// Areas of address space for the slab, in runs of powers of two that join again when they are freed. Apart from the
// slab because nothing here knows what stands in an area.

import Glibc

/// Gives out runs of 1, 2, 4 … areas from one reserved range, lowest never-used addresses last (a buddy allocator).
///
/// A run that is freed joins its free neighbour. Memory goes back to the system in runs of `returnedOrder` and more,
/// while more than `keptAreas` areas are free and have been touched.
@safe
struct AreaPool {
    static let areaBytes = 64 << 10
    /// Two mebibytes: what the system may give and take as one page.
    static let returnedOrder = 5
    private static let keptAreas = 128
    private static let orders = 20
    private static let none: Int32 = -1

    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    /// Areas below this one have belonged to a run.
    private(set) var frontier = 0
    /// For each order the first free run, and for each run's first area its neighbours in that list.
    private var heads = [Int32](repeating: none, count: orders)
    private var next: [Int32] = []
    private var previous: [Int32] = []
    /// For the first area of a free run its order, otherwise `none`.
    private var freeOrder: [Int8] = []
    private var isTouched: [Bool] = []
    private(set) var touchedAreas = 0
    private var areasInUse = 0

    /// `base` is aligned to the largest page; areas beyond `capacity` do not exist.
    init(base: UnsafeMutableRawPointer, capacity: Int) {
        unsafe self.base = base
        self.capacity = capacity
    }

    /// The order of the smallest run that holds so many areas.
    static func order(forAreas count: Int) -> Int { count <= 1 ? 0 : Int.bitWidth - (count - 1).leadingZeroBitCount }

    /// The first area of a run, whose content is undefined; nil when the range is used up.
    mutating func allocate(order: Int) -> Int? {
        guard let area = takeFree(order) ?? takeNew(order) else { return nil }
        areasInUse += 1 << order
        for touched in area..<area + 1 << order where !isTouched[touched] {
            isTouched[touched] = true
            touchedAreas += 1
        }
        return area
    }

    /// The smallest free run that is large enough, cut down to size.
    private mutating func takeFree(_ order: Int) -> Int? {
        guard let found = (order..<Self.orders).first(where: { heads[$0] != Self.none }) else { return nil }
        let area = Int(heads[found])
        unlink(area, found)
        for half in (order..<found).reversed() { link(area + 1 << half, half) }
        return area
    }

    private mutating func takeNew(_ order: Int) -> Int? {
        let size = 1 << order
        let start = (frontier + size - 1) & ~(size - 1)
        if start + size > capacity { return nil }
        let added = start + size - frontier
        next.append(contentsOf: repeatElement(Self.none, count: added))
        previous.append(contentsOf: repeatElement(Self.none, count: added))
        freeOrder.append(contentsOf: repeatElement(Int8(Self.none), count: added))
        isTouched.append(contentsOf: repeatElement(false, count: added))
        let skipped = frontier..<start
        frontier = start + size
        for area in skipped { join(area, 0) }
        return start
    }

    mutating func release(_ area: Int, order: Int) {
        areasInUse -= 1 << order
        let (start, joined) = join(area, order)
        if joined >= Self.returnedOrder, touchedAreas - areasInUse > Self.keptAreas { returnPages(start, joined) }
    }

    @discardableResult
    private mutating func join(_ area: Int, _ order: Int) -> (area: Int, order: Int) {
        var (area, order) = (area, order)
        while order < Self.orders - 1 {
            let buddy = area ^ (1 << order)
            if buddy >= frontier || Int(freeOrder[buddy]) != order { break }
            unlink(buddy, order)
            area = min(area, buddy)
            order += 1
        }
        link(area, order)
        return (area, order)
    }

    private mutating func returnPages(_ area: Int, _ order: Int) {
        let start = unsafe base + area * Self.areaBytes
        if unsafe madvise(start, Self.areaBytes << order, MADV_DONTNEED) != 0 { return }
        for untouched in area..<area + 1 << order where isTouched[untouched] {
            isTouched[untouched] = false
            touchedAreas -= 1
        }
    }

    // MARK: Lists of free runs

    private mutating func link(_ area: Int, _ order: Int) {
        let head = heads[order]
        next[area] = head
        previous[area] = Self.none
        if head != Self.none { previous[Int(head)] = Int32(area) }
        heads[order] = Int32(area)
        freeOrder[area] = Int8(order)
    }

    private mutating func unlink(_ area: Int, _ order: Int) {
        let (before, after) = (previous[area], next[area])
        if before == Self.none { heads[order] = after } else { next[Int(before)] = after }
        if after != Self.none { previous[Int(after)] = before }
        freeOrder[area] = Int8(Self.none)
    }
}
