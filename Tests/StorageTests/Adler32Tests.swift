// The checksum made for short pieces, beside zlib's.

import CKernel
import CZlib
import Testing

@Suite struct Adler32Tests {
    /// Every length up to some blocks, and lengths around the bounds at which sums are reduced; the extremes of bytes
    /// and of what the sums begin with.
    @Test func agreesWithZlib() {
        let lengths = Array(0...200) + [5519, 5520, 5551, 5552, 5553, 5584, 11_104, 11_105, 50_000]
        var random = SystemRandomNumberGenerator()
        let contents: [(Int) -> [UInt8]] = [
            { [UInt8](repeating: 0xff, count: $0) },
            { count in (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) } },
        ]
        for content in contents {
            for length in lengths {
                let bytes = content(length)
                for start: UInt32 in [1, 65_520 << 16 | 65_520] {
                    let expected = adler32(UInt(start), bytes, UInt32(length))
                    #expect(UInt(ckernel_adler32(start, bytes, length)) == expected, "\(length) bytes")
                }
            }
        }
    }
}
