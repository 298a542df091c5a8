// The first message on an election connection, sent by the dialler and never answered (ZooKeeper, `QuorumCnxManager`,
// InitialMessage). Apart from the framing of notifications, with which it shares nothing.

public import Jute

/// What is wrong with bytes on an election connection. Any of these closes it.
public enum ElectionWireError: Error, Hashable, Sendable {
    /// The first number is neither a server id nor a known version.
    case unknownVersion(Int64)
    case negativeServerID(Int64)
    case addressLength(Int32)
    /// Not `host:port`, or several joined by `|`.
    case addressText
    case frameLength(Int32)
}

/// Who dials, and where it can be dialled back.
public struct ElectionGreeting: Equatable, Sendable {
    public var sid: ServerID
    /// The dialler's own election addresses; empty in the oldest form.
    public var addresses: [ElectionAddress]

    public static let singleAddressVersion: Int64 = -65536
    public static let multiAddressVersion: Int64 = -65535
    public static let maximumAddressBytes: Int32 = 2048

    public init(sid: ServerID, addresses: [ElectionAddress]) {
        self.sid = sid
        self.addresses = addresses
    }

    /// Those of the addresses that somebody can dial.
    public var usableAddresses: [ElectionAddress] { addresses.filter { !$0.isWildcard && $0.port != 0 } }

    /// The greeting on the wire. 3.5 servers drop the form for several addresses, so it is sent only if asked for
    /// (ZOOKEEPER-3720).
    public func encoded(multiAddress: Bool = false) -> [UInt8] {
        precondition(!addresses.isEmpty, "a greeting tells where server \(sid) can be dialled back")
        let sent = multiAddress ? addresses[...] : addresses.prefix(1)
        let text = Array(sent.map(\.description).joined(separator: "|").utf8)
        precondition(text.count <= Self.maximumAddressBytes, "\(text.count) bytes of own election addresses")
        var encoder = JuteEncoder(capacity: 20 + text.count)
        encoder.write(multiAddress ? Self.multiAddressVersion : Self.singleAddressVersion)
        encoder.write(sid.rawValue)
        encoder.write(Int32(text.count))
        encoder.writeRaw(text)
        return encoder.bytes
    }

    /// Reads a greeting in any of its three forms from the front of `bytes`. Nil if it is not complete yet; otherwise
    /// `used` is its length.
    public static func read(_ bytes: RawSpan, used: inout Int) throws(ElectionWireError) -> ElectionGreeting? {
        var decoder = JuteDecoder(bytes)
        do {
            let first = try decoder.readInt64()
            if first >= 0 {
                used = 8
                return ElectionGreeting(sid: ServerID(first), addresses: [])
            }
            guard first == singleAddressVersion || first == multiAddressVersion else {
                throw ElectionWireError.unknownVersion(first)
            }
            let sid = try decoder.readInt64()
            if sid < 0 { throw ElectionWireError.negativeServerID(sid) }
            let length = try decoder.readInt32()
            guard length > 0, length <= maximumAddressBytes else { throw ElectionWireError.addressLength(length) }
            guard decoder.remaining >= Int(length) else { return nil }
            let text = decoder.readRest().prefix(Int(length))
            used = 20 + Int(length)
            return ElectionGreeting(
                sid: ServerID(sid), addresses: try parse(text, isMulti: first == multiAddressVersion))
        } catch let error as ElectionWireError {
            throw error
        } catch {
            // The only thing the decoder can object to here: more bytes are needed.
            return nil
        }
    }

    private static func parse(
        _ text: ArraySlice<UInt8>, isMulti: Bool
    ) throws(ElectionWireError) -> [ElectionAddress] {
        // Old releases wrote names in their platform's character set: such a name cannot be dialled, no more.
        guard let text = String(validating: text, as: UTF8.self) else { return [] }
        var addresses: [ElectionAddress] = []
        for part in isMulti ? text.split(separator: "|", omittingEmptySubsequences: false) : [text[...]] {
            guard let address = ElectionAddress(parsing: part) else { throw .addressText }
            addresses.append(address)
        }
        return addresses
    }
}
