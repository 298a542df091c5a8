// The hash of a path, straight from a request's bytes. Seeded, because the keys come from clients.

/// Where a path is looked up. Computed once per request; good for one tree only, since each has its own seed.
public struct PathHash: Equatable, Sendable {
    /// All 32 bits stand in the table's slot: the low ones choose it, the rest tell strangers apart.
    let value: UInt32
}

/// A keyed hash over raw bytes: sixteen bytes per step, each folded through a 128-bit product.
struct PathHasher {
    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    private static let first: UInt64 = 0x9e37_79b9_7f4a_7c15
    private static let second: UInt64 = 0xc2b2_ae3d_27d4_eb4f
    private static let third: UInt64 = 0x1656_67b1_9e37_79f9

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    @inline(__always)
    func hash(_ bytes: UnsafeRawBufferPointer) -> PathHash {
        let count = bytes.count
        var state = Self.fold(seed ^ Self.first, UInt64(truncatingIfNeeded: count) ^ Self.second)
        var offset = 0
        while count - offset >= 16 {
            let a = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let b = unsafe bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
            state = Self.fold(a ^ state, b ^ Self.second)
            offset += 16
        }
        var a: UInt64 = 0
        var b: UInt64 = 0
        let rest = count - offset
        if rest >= 8 {
            a = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            b = unsafe bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        } else if rest >= 4 {
            a = UInt64(unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            b = UInt64(unsafe bytes.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
        } else if rest > 0 {
            a = UInt64(unsafe bytes[offset]) << 16 | UInt64(unsafe bytes[offset + rest / 2]) << 8
            b = UInt64(unsafe bytes[count - 1])
        }
        state = Self.fold(a ^ state ^ Self.third, b ^ Self.first)
        state = Self.fold(state ^ seed, Self.second)
        return PathHash(value: UInt32(truncatingIfNeeded: state ^ state >> 32))
    }
}
