// Fixed-width integers at fixed places. The records here are four numbers long; a full codec would hide the layout.

extension Span<UInt8> {
    /// The big-endian integer at `offset`; the caller has checked that it lies inside.
    func bigEndian<Integer: FixedWidthInteger>(at offset: Int, as type: Integer.Type) -> Integer {
        var value: Integer = 0
        for index in offset..<offset + MemoryLayout<Integer>.size {
            value = value << 8 | Integer(truncatingIfNeeded: self[index])
        }
        return value
    }
}

extension [UInt8] {
    mutating func append<Integer: FixedWidthInteger>(bigEndian value: Integer) {
        unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
    }

    mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
