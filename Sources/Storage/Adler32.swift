// The checksum of log records and snapshots, kept running over pieces.

import CKernel

/// Adler-32 as zlib computes it.
struct Adler32: Hashable {
    private(set) var state: UInt32 = 1

    /// As it stands in files: zero-extended to 64 bits.
    var fileValue: Int64 { Int64(state) }

    mutating func update(_ bytes: Span<UInt8>) {
        if bytes.isEmpty { return }
        unsafe bytes.withUnsafeBufferPointer { unsafe state = ckernel_adler32(state, $0.baseAddress, $0.count) }
    }

    static func of(_ bytes: Span<UInt8>) -> Int64 {
        var sum = Adler32()
        sum.update(bytes)
        return sum.fileValue
    }
}
