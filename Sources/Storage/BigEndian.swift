// Fixed-width integers at fixed places. The records here are four numbers long; a full codec would hide the layout.

extension Span<UInt8> {
    /// The big-endian integer at `offset`; the caller has checked that it lies inside.
    func bigEndian<Integer: FixedWidthInteger>(at offset: Int, as type: Integer.Type) -> Integer {
        precondition(offset >= 0 && offset + MemoryLayout<Integer>.size <= count, "bytes at \(offset) of \(count)")
        return unsafe withUnsafeBytes {
            Integer(bigEndian: unsafe $0.loadUnaligned(fromByteOffset: offset, as: Integer.self))
        }
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
