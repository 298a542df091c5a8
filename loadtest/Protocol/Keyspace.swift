// Names and contents of the znodes under load. Separate because the writer of requests, the check of replies and the
// reference servers must agree on them byte for byte.

/// How many znodes there are and how large. `/loadtest` holds groups of 100 znodes each:
/// `/loadtest/group-000012/nd-34` is number 1234. All paths have the same length, and so have all names in a group.
public struct KeyspaceShape: Sendable, Equatable {
    var znodes: Int
    var valueBytes: Int

    public init(znodes: Int, valueBytes: Int) {
        self.znodes = znodes
        self.valueBytes = valueBytes
    }

    static let root = "/loadtest"
    static let groupSize = 100
    /// Eight decimal digits.
    static let maximumZnodes = 100_000_000
    /// Below the protocol's default frame limit, with room for path and header.
    static let maximumValueBytes = 1_000_000

    /// Znodes that one multi creates: a group, and fewer where their values are long.
    private var batchSize: Int { max(1, min(Self.groupSize, Self.batchBytes / (valueBytes + Self.createBytes))) }
    /// Far below the protocol's default frame limit, so that no server takes a batch for a burden.
    private static let batchBytes = 64 * 1024
    /// Of a create, about, beside its value.
    private static let createBytes = 100

    public var batches: Int { (znodes + batchSize - 1) / batchSize }
    /// The znodes of one batch; the last may be smaller.
    public func batch(_ number: Int) -> Range<Int> { number * batchSize..<min(znodes, (number + 1) * batchSize) }

    var groups: Int { (znodes + Self.groupSize - 1) / Self.groupSize }

    /// Children of one group; the last may be smaller.
    func children(ofGroup group: Int) -> Int { min(Self.groupSize, znodes - group * Self.groupSize) }
}

/// The bytes of paths and values, made from tables without division per digit. Belongs to one loop.
@safe final class Keyspace {
    let shape: KeyspaceShape
    /// "/loadtest/group-000000/nd-00"
    static let nodePathBytes = 28
    /// "/loadtest/group-000000"
    static let groupPathBytes = 22
    /// "nd-00"
    static let nameBytes = 5
    /// A znode's path and "/c": the child that some workloads create, delete or write.
    static let childPathBytes = nodePathBytes + 2
    static let childNameBytes = 1
    /// The value of such a child: a number.
    static let sequenceBytes = 8
    private static let groupDigitsAt = 16
    private static let leafDigitsAt = 26

    /// Four ASCII digits in memory order for each number below 10 000.
    private let digits: UnsafeMutablePointer<UInt32>
    /// The path of znode 0.
    private let template: UnsafeMutableRawPointer
    /// The value of znode 0; others differ in the first eight bytes, their number in decimal.
    let filler: UnsafeMutableRawPointer

    init(_ shape: KeyspaceShape) {
        self.shape = shape
        unsafe digits = .allocate(capacity: 10_000)
        for number in 0..<10_000 {
            let ones = UInt32(number % 10), tens = UInt32(number / 10 % 10)
            let hundreds = UInt32(number / 100 % 10), thousands = UInt32(number / 1000)
            unsafe digits[number] = 0x3030_3030 + (ones << 24 | tens << 16 | hundreds << 8 | thousands)
        }
        unsafe template = .allocate(byteCount: Self.nodePathBytes, alignment: 8)
        let path = Array("\(KeyspaceShape.root)/group-000000/nd-00".utf8)
        precondition(path.count == Self.nodePathBytes, "the path template has \(path.count) bytes")
        unsafe template.copyMemory(from: path, byteCount: path.count)
        unsafe filler = .allocate(byteCount: max(8, shape.valueBytes), alignment: 8)
        for index in 0..<max(8, shape.valueBytes) {
            let byte = index < 8 ? UInt8(ascii: "0") : UInt8(ascii: "a") + UInt8(index % 26)
            unsafe filler.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
        }
    }

    deinit {
        unsafe digits.deallocate()
        unsafe template.deallocate()
        unsafe filler.deallocate()
    }

    /// Writes the path of `znode`; `nodePathBytes` long.
    @inline(__always) func writeNodePath(_ znode: Int, to target: UnsafeMutableRawPointer) {
        unsafe target.copyMemory(from: template, byteCount: Self.nodePathBytes)
        let low = unsafe digits[znode % 10_000]
        unsafe target.storeBytes(of: digits[znode / 10_000], toByteOffset: Self.groupDigitsAt, as: UInt32.self)
        unsafe target.storeBytes(
            of: UInt16(truncatingIfNeeded: low), toByteOffset: Self.groupDigitsAt + 4, as: UInt16.self)
        unsafe target.storeBytes(
            of: UInt16(truncatingIfNeeded: low >> 16), toByteOffset: Self.leafDigitsAt, as: UInt16.self)
    }

    /// Writes the path of the child of `znode`; `childPathBytes` long.
    func writeChildPath(_ znode: Int, to target: UnsafeMutableRawPointer) {
        unsafe writeNodePath(znode, to: target)
        unsafe target.storeBytes(of: UInt8(ascii: "/"), toByteOffset: Self.nodePathBytes, as: UInt8.self)
        unsafe target.storeBytes(of: UInt8(ascii: "c"), toByteOffset: Self.nodePathBytes + 1, as: UInt8.self)
    }

    /// The path of `znode` for a record; slow.
    func nodePath(_ znode: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Self.nodePathBytes) { buffer, count in
            if let start = buffer.baseAddress { unsafe writeNodePath(znode, to: start) }
            count = Self.nodePathBytes
        }
    }

    /// Writes the path of a group; `groupPathBytes` long.
    @inline(__always) func writeGroupPath(_ group: Int, to target: UnsafeMutableRawPointer) {
        unsafe target.copyMemory(from: template, byteCount: Self.groupPathBytes)
        let first = group * KeyspaceShape.groupSize
        let low = unsafe digits[first % 10_000]
        unsafe target.storeBytes(of: digits[first / 10_000], toByteOffset: Self.groupDigitsAt, as: UInt32.self)
        unsafe target.storeBytes(
            of: UInt16(truncatingIfNeeded: low), toByteOffset: Self.groupDigitsAt + 4, as: UInt16.self)
    }

    /// The first eight bytes of the value of `znode`, in memory order.
    @inline(__always) func mark(_ znode: Int) -> UInt64 {
        let high = unsafe digits[znode / 10_000], low = unsafe digits[znode % 10_000]
        return UInt64(high) | UInt64(low) << 32
    }

    /// Writes the value of `znode`; `shape.valueBytes` long.
    @inline(__always) func writeValue(_ znode: Int, to target: UnsafeMutableRawPointer) {
        unsafe target.copyMemory(from: filler, byteCount: shape.valueBytes)
        var mark = mark(znode)
        unsafe target.copyMemory(from: &mark, byteCount: min(8, shape.valueBytes))
    }

    /// The number of the znode with this path; nil for any other path.
    func znode(ofPath path: UnsafeRawBufferPointer) -> Int? {
        guard path.count == Self.nodePathBytes else { return nil }
        var number = 0
        let places = [16, 17, 18, 19, 20, 21, 26, 27]
        for place in places {
            let digit = unsafe Int(path[place]) - 48
            guard (0...9).contains(digit) else { return nil }
            number = number * 10 + digit
        }
        return number < shape.znodes ? number : nil
    }
}

@available(*, unavailable)
extension Keyspace: Sendable {}
