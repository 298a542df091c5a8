// Which sizes of block there are.

/// What a block of a given length really occupies, and where blocks of this size stand.
struct SizeClass: Equatable {
    /// Of eight bytes.
    let units: Int
    /// The number of the shelf; nil for a block that has areas to itself.
    let shelf: Int?

    /// Below this many units every size has a shelf of its own, above it there are eight to each doubling.
    private static let exact = 128
    /// 32 KiB: half an area.
    private static let largestShelved = 4096
    private static let areaUnits = AreaPool.areaBytes / Slab.unit

    init(bytes: Int) {
        let needed = (bytes + Slab.unit - 1) / Slab.unit
        if needed <= Self.exact {
            units = needed
            shelf = needed
        } else if needed <= Self.largestShelved {
            let shift = Int.bitWidth - (needed - 1).leadingZeroBitCount - 4
            let step = (needed - 1) >> shift
            units = (step + 1) << shift
            shelf = Self.exact + 1 + (shift - 4) * 8 + step - 8
        } else {
            units = Self.areaUnits << AreaPool.order(forAreas: (needed + Self.areaUnits - 1) / Self.areaUnits)
            shelf = nil
        }
    }

    /// For a block without a shelf: the order of its run of areas.
    var areaOrder: Int { AreaPool.order(forAreas: units / Self.areaUnits) }

    /// One of each shelf, in order.
    static var all: [SizeClass] {
        var classes: [SizeClass] = []
        var bytes = 1
        while true {
            let next = SizeClass(bytes: bytes)
            if next.shelf == nil { return classes }
            if classes.isEmpty { classes.append(next) }  // Shelf 0, for blocks of no size, stays empty.
            classes.append(next)
            bytes = next.units * Slab.unit + 1
        }
    }
}
