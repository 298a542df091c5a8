// The first bytes a server sends on an election connection it opened. Not in zookeeper.jute: upstream writes them by
// hand (ZooKeeper, `QuorumCnxManager.InitialMessage`). No length precedes them: the reader learns it as it goes.

/// Who is calling, and where it can be called back.
public struct ElectionInitial: JuteRecord, Hashable {
    /// The forms that were ever sent.
    public enum Version: Int64, Sendable {
        /// Until 3.4: nothing but the server's id, which must not be negative.
        case idOnly = 0
        /// Since 3.5: one address. Every supported release understands it.
        case oneAddress = -65_536
        /// Since 3.6: addresses joined with `|`. Releases of 3.5 hang up on it, so it is sent only on request.
        case manyAddresses = -65_535
    }

    public var version: Version
    public var sid: ServerID
    /// The sender's election address as `host:port`, several joined with `|`; empty in the form `idOnly`.
    public var addressText: UString

    /// The longest address text read or written, in bytes (ZooKeeper, `InitialMessage`).
    public static let maximumAddressLength = 2048
    /// The most bytes a message takes.
    public static let maximumSize = 20 + maximumAddressLength

    /// `addressText` must have 1 to `maximumAddressLength` bytes; in the form `idOnly` it is dropped, and `sid` must
    /// not be negative.
    public init(sid: ServerID, addressText: UString, version: Version = .oneAddress) {
        precondition(
            version == .idOnly || (1...Self.maximumAddressLength).contains(addressText.bytes.count),
            "election address of \(addressText.bytes.count) bytes")
        precondition(version != .idOnly || sid.rawValue >= 0, "negative server id \(sid) without a version")
        self.version = version
        self.sid = sid
        self.addressText = version == .idOnly ? "" : addressText
    }

    /// Every fault that the bytes at hand already show is reported before their end is: `truncated` means that the
    /// message may still become valid when more bytes arrive.
    @_lifetime(decoder: copy decoder)
    public init(from decoder: inout JuteDecoder) throws(JuteError) {
        let first = try decoder.readInt64()
        if first >= 0 {
            version = .idOnly
            sid = ServerID(first)
            addressText = ""
            return
        }
        guard let version = Version(rawValue: first) else { throw .unknownValue(Int32(clamping: first)) }
        self.version = version
        sid = ServerID(try decoder.readInt64())
        let length = try decoder.readInt32()
        if !(1...Int32(Self.maximumAddressLength)).contains(length) { throw .lengthOutOfBounds(length) }
        addressText = UString(bytes: try decoder.readRaw(Int(length)))
    }

    public func encode(into encoder: inout JuteEncoder) {
        if version != .idOnly { encoder.write(version.rawValue) }
        encoder.write(sid.rawValue)
        if version != .idOnly { encoder.write(addressText) }
    }

    /// The addresses one by one, as they were written.
    public var addresses: [UString] {
        addressText.bytes.split(separator: UInt8(ascii: "|")).map { UString(bytes: Array($0)) }
    }
}
