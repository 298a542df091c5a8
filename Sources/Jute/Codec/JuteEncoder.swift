// Values to bytes: one growable region of raw memory, capacity checked once per field.

/// Writes Jute's binary encoding. Owns its memory; `finish()` hands the bytes over as an array.
@safe
public struct JuteEncoder: ~Copyable {
    private var storage: UnsafeMutableRawPointer
    private var capacity: Int
    /// Whether the storage is this encoder's to give back.
    private var isOwner = true
    /// Bytes written so far.
    public private(set) var count = 0

    public init(capacity: Int = 128) {
        precondition(capacity > 0)
        self.capacity = capacity
        unsafe storage = .allocate(byteCount: capacity, alignment: 8)
    }

    /// Writes to `scratch` first, which must outlive it, and to memory of its own when that is full.
    private init(scratch: UnsafeMutableRawBufferPointer) {
        capacity = scratch.count
        unsafe storage = scratch.baseAddress!
        isOwner = false
    }

    deinit { if isOwner { unsafe storage.deallocate() } }

    /// Bytes of the stack that `bytes(_:)` takes.
    private static let scratchBytes = 1024

    /// The bytes that `write` writes. Nothing else is allocated for them while they are few.
    public static func bytes(_ write: (inout JuteEncoder) -> Void) -> [UInt8] {
        unsafe withUnsafeTemporaryAllocation(byteCount: scratchBytes, alignment: 8) { scratch in
            var encoder = unsafe JuteEncoder(scratch: scratch)
            write(&encoder)
            return encoder.bytes
        }
    }

    private mutating func reserve(_ extra: Int) {
        let needed = count + extra
        if needed <= capacity { return }
        let grown = max(needed, capacity * 2)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 8)
        unsafe fresh.copyMemory(from: storage, byteCount: count)
        if isOwner { unsafe storage.deallocate() }
        isOwner = true
        unsafe storage = fresh
        capacity = grown
    }

    private mutating func store<Integer: FixedWidthInteger & BitwiseCopyable>(_ value: Integer) {
        reserve(MemoryLayout<Integer>.size)
        unsafe storage.storeBytes(of: value.bigEndian, toByteOffset: count, as: Integer.self)
        count += MemoryLayout<Integer>.size
    }

    public mutating func write(_ value: Int8) { store(value) }
    public mutating func write(_ value: Bool) { store(value ? 1 as Int8 : 0) }
    public mutating func write(_ value: Int32) { store(value) }
    public mutating func write(_ value: Int64) { store(value) }

    /// Bytes as they are, without a length.
    public mutating func writeRaw(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe writeRaw($0) }
    }

    @unsafe
    public mutating func writeRaw(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        reserve(bytes.count)
        unsafe storage.advanced(by: count).copyMemory(from: base, byteCount: bytes.count)
        count += bytes.count
    }

    /// A `buffer`; nil is written as null.
    public mutating func write(_ buffer: [UInt8]?) {
        guard let buffer else { return write(-1 as Int32) }
        write(Int32(buffer.count))
        writeRaw(buffer)
    }

    public mutating func write(_ string: UString) {
        if string.isNull { return write(-1 as Int32) }
        write(string.bytes)
    }

    /// A `vector`; nil is written as null.
    public mutating func writeVector<Element>(
        _ elements: [Element]?, _ element: (inout JuteEncoder, Element) -> Void
    ) {
        guard let elements else { return write(-1 as Int32) }
        write(Int32(elements.count))
        for value in elements { element(&self, value) }
    }

    public mutating func write<Record: JuteRecord>(_ record: Record) { record.encode(into: &self) }

    /// Overwrites four bytes written earlier, such as a length that is known only now.
    public mutating func patch(_ value: Int32, at offset: Int) {
        precondition(offset >= 0 && offset + 4 <= count, "patch at \(offset) of \(count)")
        unsafe storage.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Int32.self)
    }

    /// Calls `body` with the bytes written so far.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeRawBufferPointer(start: storage, count: count))
    }

    /// The bytes written so far.
    public var bytes: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }

    /// Forgets what was written and keeps the memory.
    public mutating func reset() { count = 0 }
}

extension JuteRecord {
    /// This record alone, encoded.
    public func encoded() -> [UInt8] {
        JuteEncoder.bytes { encode(into: &$0) }
    }

    /// This record behind the four-byte length that frames it on a client or election connection.
    public func framed() -> [UInt8] {
        JuteEncoder.bytes { encoder in
            encoder.write(0 as Int32)
            encode(into: &encoder)
            encoder.patch(Int32(encoder.count - 4), at: 0)
        }
    }
}
