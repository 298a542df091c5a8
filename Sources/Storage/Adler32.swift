// The checksum of log records and snapshots, kept running over pieces.

import CZlib

/// Adler-32 as zlib computes it. Feed large pieces: the cost per call is what small ones pay.
struct Adler32: Hashable {
    private(set) var state: UInt = 1

    /// As it stands in files: zero-extended to 64 bits.
    var fileValue: Int64 { Int64(state) }

    mutating func update(_ bytes: Span<UInt8>) {
        if bytes.isEmpty { return }
        unsafe bytes.withUnsafeBufferPointer { unsafe state = adler32_z(state, $0.baseAddress, UInt($0.count)) }
    }

    static func of(_ bytes: Span<UInt8>) -> Int64 {
        var sum = Adler32()
        sum.update(bytes)
        return sum.fileValue
    }
}
