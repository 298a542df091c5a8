// The hash of a path, straight from a request's bytes. Seeded, because the keys come from clients.

/// Where a path is looked up. Computed once per request; good for one tree only, since each has its own seed.
public struct PathHash: Equatable, Sendable {
    /// All 32 bits stand in the table's slot: the high ones choose it, the rest tell strangers apart.
    let value: UInt32
}

/// A keyed hash over raw bytes: sixteen bytes per step, each folded through a 128-bit product. Both factors depend on the
/// seed: otherwise a path could make the product zero, and with it what came before, whatever the seed is.
struct PathHasher {
    private let seed: UInt64
    private let key: UInt64

    init(seed: UInt64) {
        self.seed = seed
        key = Self.fold(seed ^ Self.first, Self.second)
    }

    private static let first: UInt64 = 0x9e37_79b9_7f4a_7c15
    private static let second: UInt64 = 0xc2b2_ae3d_27d4_eb4f

    @inline(__always)
    func hash(_ bytes: UnsafeRawBufferPointer) -> PathHash {
        let count = bytes.count
        var state = seed
        let a, b: UInt64
        if count > 16 {
            state = unsafe step(state, bytes, at: 0)
            if count > 32 { state = unsafe middle(state, bytes) }
            // The last sixteen bytes, some of them for the second time.
            a = unsafe bytes.loadUnaligned(fromByteOffset: count &- 16, as: UInt64.self)
            b = unsafe bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        } else {
            (a, b) = unsafe Self.all(of: bytes)
        }
        let product = (a ^ state).multipliedFullWidth(by: b ^ key)
        state = Self.fold(product.low ^ seed ^ UInt64(truncatingIfNeeded: count), product.high ^ key)
        return PathHash(value: UInt32(truncatingIfNeeded: state ^ state >> 32))
    }

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    /// Sixteen bytes.
    @inline(__always)
    private func step(_ state: UInt64, _ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
        let a = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let b = unsafe bytes.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self)
        return Self.fold(a ^ state, b ^ key)
    }

    /// What lies between the first and the last sixteen bytes. A call, so that ordinary paths pass no loop.
    @inline(never)
    private func middle(_ state: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var state = state
        for offset in stride(from: 16, to: bytes.count - 16, by: 16) { state = unsafe step(state, bytes, at: offset) }
        return state
    }

    /// Sixteen bytes at most, some of them twice.
    @inline(__always)
    private static func all(of bytes: UnsafeRawBufferPointer) -> (UInt64, UInt64) {
        let count = bytes.count
        if count >= 8 {
            let a = unsafe bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
            return (a, unsafe bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
        }
        if count >= 4 {
            let a = unsafe bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
            return (UInt64(a), UInt64(unsafe bytes.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)))
        }
        if count == 0 { return (0, 0) }
        let a = UInt64(unsafe bytes[0]) << 8 | UInt64(unsafe bytes[count / 2])
        return (a, UInt64(unsafe bytes[count - 1]))
    }
}
