// Which znode comes next. Separate so that every workload can have every distribution.
import Glibc

/// xorshift64*: a few cycles per number, good enough to spread keys.
struct RandomSource {
    private var state: UInt64

    init(seed: UInt64) {
        // SplitMix64 of the seed, so that neighbouring seeds have nothing in common.
        var mixed = seed &+ 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        state = max(1, mixed ^ (mixed >> 31))
    }

    @inline(__always) mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_f491_4f6c_dd1d
    }

    /// 0 ..< bound, by multiplication instead of division.
    @inline(__always) mutating func next(below bound: Int) -> Int {
        Int(truncatingIfNeeded: UInt64(truncatingIfNeeded: bound).multipliedFullWidth(by: next()).high)
    }

    /// 0 ..< 1
    mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// How requests spread over the znodes.
enum KeyDistribution: Sendable, Equatable {
    case uniform
    /// Rank r is drawn in proportion to 1 / r^exponent; 0 < exponent < 1. Ranks are scattered over the keyspace.
    case zipf(exponent: Double)
    /// `percent` of requests go to `keys` znodes spread over the keyspace, the rest to all.
    case hot(keys: Int, percent: Int)
}

/// Draws znode numbers. One per loop.
struct KeyChooser {
    private enum Plan {
        case uniform
        /// Draws made ahead, walked in order: a power of two of them.
        case drawn([Int32])
        case hot(keys: Int, stride: Int, percent: Int)
    }

    /// Drawing a Zipf rank takes a `pow`; so many are drawn once and then repeated.
    static let drawnAhead = 1 << 18

    private let count: Int
    private let plan: Plan
    private var position = 0
    private(set) var random: RandomSource

    init(_ distribution: KeyDistribution, count: Int, seed: UInt64) {
        precondition(count > 0, "no znodes to choose from")
        self.count = count
        random = RandomSource(seed: seed)
        switch distribution {
        case .uniform: plan = .uniform
        case .hot(let keys, let percent):
            let hot = min(keys, count)
            plan = .hot(keys: hot, stride: count / hot, percent: percent)
        case .zipf(let exponent):
            let ranks = ZipfRanks(count: count, exponent: exponent)
            var drawn: [Int32] = []
            drawn.reserveCapacity(Self.drawnAhead)
            for _ in 0..<Self.drawnAhead {
                drawn.append(Int32(Self.scatter(ranks.rank(unit: random.nextUnit()), over: count)))
            }
            plan = .drawn(drawn)
        }
    }

    @inline(__always) mutating func next() -> Int {
        switch plan {
        case .uniform: return random.next(below: count)
        case .drawn(let keys):
            position = (position + 1) & (Self.drawnAhead - 1)
            return Int(keys[position])
        case .hot(let keys, let stride, let percent):
            if random.next(below: 100) < percent { return random.next(below: keys) * stride }
            return random.next(below: count)
        }
    }

    /// 0 ..< bound, for other choices of the same workload.
    @inline(__always) mutating func choose(below bound: Int) -> Int { random.next(below: bound) }

    /// A permutation of 0 ..< count, so that popular znodes are not neighbours: a multiplication by a number that has
    /// no factor in common with `count`.
    static func scatter(_ rank: Int, over count: Int) -> Int {
        var factor = 2_654_435_761
        while greatestCommonDivisor(factor, count) != 1 { factor += 2 }
        return Int(UInt64(rank) * UInt64(factor) % UInt64(count))
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }
}

/// Zipf-distributed ranks by the inversion of Gray et al., "Quickly generating billion-record synthetic databases".
struct ZipfRanks {
    private let count: Int
    private let exponent: Double
    private let zeta: Double
    private let alpha: Double
    private let eta: Double

    init(count: Int, exponent: Double) {
        precondition(exponent > 0 && exponent < 1, "a Zipf exponent of \(exponent) is outside 0 ..< 1")
        self.count = count
        self.exponent = exponent
        zeta = (1...count).reduce(0) { $0 + pow(Double($1), -exponent) }
        alpha = 1 / (1 - exponent)
        let zetaOfTwo = 1 + pow(0.5, exponent)
        eta = (1 - pow(2 / Double(count), 1 - exponent)) / (1 - zetaOfTwo / zeta)
    }

    /// The rank, from 0, at this point of the unit interval.
    func rank(unit: Double) -> Int {
        let scaled = unit * zeta
        if scaled < 1 || count == 1 { return 0 }
        if scaled < 1 + pow(0.5, exponent) || count == 2 { return 1 }
        let rank = Int(Double(count) * pow(eta * unit - eta + 1, alpha))
        return min(max(rank, 0), count - 1)
    }
}
