// Jute's `ustring`: bytes that claim to be UTF-8, compared as bytes.

/// A string of the protocol. It is compared and hashed byte by byte: Swift's `String` would hold two differently
/// normalised spellings of a path for the same znode, ZooKeeper does not. Null (-1 on the wire) is a value of its own.
public struct UString: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The bytes; empty when null.
    public let bytes: [UInt8]
    public let isNull: Bool

    public static let null = UString(bytes: [], isNull: true)

    private init(bytes: [UInt8], isNull: Bool) {
        self.bytes = bytes
        self.isNull = isNull
    }

    public init(bytes: [UInt8]) { self.init(bytes: bytes, isNull: false) }
    public init(_ string: String) { self.init(bytes: Array(string.utf8)) }
    public init(stringLiteral value: String) { self.init(value) }

    /// All bytes at once: this is the key of every table of paths. Null goes where the empty string does.
    public func hash(into hasher: inout Hasher) {
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }

    /// For logs and messages; malformed UTF-8 is replaced.
    public var description: String { isNull ? "(null)" : String(decoding: bytes, as: UTF8.self) }
}
