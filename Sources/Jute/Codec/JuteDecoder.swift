// Bytes to values: a checked cursor over a span of untrusted input. Never traps, never reads past its span.

/// Reads Jute's binary encoding: big endian, no padding, no tags (ZooKeeper, `BinaryInputArchive`).
///
/// Lengths are bounded by what is left of the input, so a hostile length cannot make the decoder allocate
/// more than the frame that carried it.
@safe
public struct JuteDecoder: ~Escapable {
    private let span: RawSpan
    /// Bytes consumed so far.
    public private(set) var offset = 0

    @_lifetime(copy span)
    public init(_ span: RawSpan) { self.span = span }

    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) { self.init(unsafe bytes.bytes) }

    /// Bytes not read yet.
    public var remaining: Int { span.byteCount - offset }

    public var isAtEnd: Bool { remaining == 0 }

    private func require(_ count: Int) throws(JuteError) {
        if remaining < count { throw .truncated }
    }

    @_lifetime(self: copy self)
    public mutating func readInt8() throws(JuteError) -> Int8 {
        try require(1)
        defer { offset += 1 }
        return unsafe span.unsafeLoad(fromUncheckedByteOffset: offset, as: Int8.self)
    }

    /// Any byte but zero is true, as upstream reads it.
    @_lifetime(self: copy self)
    public mutating func readBool() throws(JuteError) -> Bool { try readInt8() != 0 }

    @_lifetime(self: copy self)
    public mutating func readInt32() throws(JuteError) -> Int32 {
        try require(4)
        defer { offset += 4 }
        return Int32(bigEndian: unsafe span.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: Int32.self))
    }

    @_lifetime(self: copy self)
    public mutating func readInt64() throws(JuteError) -> Int64 {
        try require(8)
        defer { offset += 8 }
        return Int64(bigEndian: unsafe span.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: Int64.self))
    }

    /// A length prefix; nil stands for null (-1).
    @_lifetime(self: copy self)
    private mutating func readLength() throws(JuteError) -> Int? {
        let length = try readInt32()
        if length == -1 { return nil }
        if length < 0 { throw .lengthOutOfBounds(length) }
        return Int(length)
    }

    /// `count` bytes as they are, without a length.
    @_lifetime(self: copy self)
    public mutating func readRaw(_ count: Int) throws(JuteError) -> [UInt8] {
        precondition(count >= 0, "asked for \(count) bytes")
        try require(count)
        defer { offset += count }
        let start = offset
        return unsafe span.withUnsafeBytes { bytes in
            unsafe [UInt8](UnsafeRawBufferPointer(rebasing: bytes[start..<start + count]))
        }
    }

    /// A `buffer`; nil is null, which differs from empty.
    @_lifetime(self: copy self)
    public mutating func readBuffer() throws(JuteError) -> [UInt8]? {
        guard let length = try readLength() else { return nil }
        return try readRaw(length)
    }

    /// Passes over a `buffer` or `ustring`, null included. Returns where its bytes stand; nil for null.
    @discardableResult
    @_lifetime(self: copy self)
    public mutating func skipBuffer() throws(JuteError) -> Range<Int>? {
        guard let length = try readLength() else { return nil }
        try skip(length)
        return offset - length..<offset
    }

    /// A `ustring`, null kept apart from empty.
    @_lifetime(self: copy self)
    public mutating func readString() throws(JuteError) -> UString {
        guard let length = try readLength() else { return .null }
        return UString(bytes: try readRaw(length))
    }

    /// A `vector`; nil is null. `minimumSize` is the least number of bytes one element takes: a count that the
    /// rest of the input cannot hold is refused before anything is allocated.
    @_lifetime(self: copy self)
    public mutating func readVector<Element>(
        minimumSize: Int, _ element: (inout JuteDecoder) throws(JuteError) -> Element
    ) throws(JuteError) -> [Element]? {
        guard let count = try readLength() else { return nil }
        if count * minimumSize > remaining { throw .truncated }
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try element(&self)) }
        return elements
    }

    @_lifetime(self: copy self)
    public mutating func read<Record: JuteRecord>(_: Record.Type = Record.self) throws(JuteError) -> Record {
        try Record(from: &self)
    }

    /// Everything that is left.
    @_lifetime(self: copy self)
    public mutating func readRest() -> [UInt8] {
        // The count is exactly what remains, so this cannot throw.
        (try? readRaw(remaining)) ?? []
    }

    /// Passes over exactly these bytes if they come next.
    @_lifetime(self: copy self)
    mutating func skip(ifNext expected: [UInt8]) -> Bool {
        guard remaining >= expected.count else { return false }
        for index in expected.indices {
            let next = unsafe span.unsafeLoad(fromUncheckedByteOffset: offset + index, as: UInt8.self)
            if next != expected[index] { return false }
        }
        offset += expected.count
        return true
    }

    /// What was read since `start`, an earlier `offset`.
    func bytes(since start: Int) -> [UInt8] {
        unsafe span.withUnsafeBytes { unsafe [UInt8]($0[start..<offset]) }
    }

    @_lifetime(self: copy self)
    public mutating func skip(_ count: Int) throws(JuteError) {
        precondition(count >= 0, "asked to skip \(count) bytes")
        try require(count)
        offset += count
    }
}

extension JuteRecord {
    /// Decodes one record from the front of `bytes`; trailing bytes are ignored, as upstream ignores them.
    public init(decoding bytes: [UInt8]) throws(JuteError) {
        var decoder = JuteDecoder(bytes.span)
        self = try Self(from: &decoder)
    }
}
