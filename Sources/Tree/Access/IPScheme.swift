// The `ip` scheme: addresses and address ranges in text form.

public import Jute

/// Ids of the form `address` or `address/bits`, IPv4 or IPv6 (ZooKeeper 3.9, `IPAuthenticationProvider`).
public enum IPScheme {
    /// Whether an access control list may name this id.
    public static func isValid(_ id: UString) -> Bool { range(id.bytes) != nil }

    /// Whether `address` lies in the range that `entry` names. Families never match each other.
    public static func matches(_ address: UString, entry: UString) -> Bool {
        guard let (network, bits) = range(entry.bytes), let own = parse(address.bytes), own.count == network.count
        else { return false }
        let whole = bits / 8
        if own[..<whole] != network[..<whole] { return false }
        let rest = bits % 8
        return rest == 0 || (own[whole] ^ network[whole]) >> (8 - rest) == 0
    }

    private static func range(_ text: [UInt8]) -> (network: [UInt8], bits: Int)? {
        let parts = text.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let network = parse(Array(parts[0])) else { return nil }
        if parts.count == 1 { return (network, network.count * 8) }
        guard let bits = number(parts[1], radix: 10, maximumDigits: 9), bits <= network.count * 8 else { return nil }
        return (network, bits)
    }

    /// Four or sixteen bytes; nil if the text is no address. A zone (`%eth0`) is ignored.
    public static func parse(_ text: [UInt8]) -> [UInt8]? {
        let address = text.prefix { $0 != UInt8(ascii: "%") }
        return address.contains(UInt8(ascii: ":")) ? parseIPv6(address) : parseIPv4(address)
    }

    private static func parseIPv4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard let value = number(part, radix: 10, maximumDigits: 9), value < 256 else { return nil }
            bytes.append(UInt8(value))
        }
        return bytes
    }

    private static func parseIPv6(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let colon = UInt8(ascii: ":")
        var gap: Int?
        for index in text.indices.dropLast() where text[index] == colon && text[index + 1] == colon {
            if gap != nil { return nil }
            gap = index
        }
        guard let gap else {
            let bytes = groups(text)
            return bytes?.count == 16 ? bytes : nil
        }
        guard let head = groups(text[..<gap]), let tail = groups(text[(gap + 2)...]), head.count + tail.count <= 14
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// Groups of hexadecimal digits between colons; the last one may be a dotted quad. Empty text has no groups.
    private static func groups(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let quad = parseIPv4(part) else { return nil }
                bytes += quad
            } else {
                guard let group = number(part, radix: 16, maximumDigits: 4) else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xff)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }

    private static func number(_ text: ArraySlice<UInt8>, radix: Int, maximumDigits: Int) -> Int? {
        guard !text.isEmpty, text.count <= maximumDigits else { return nil }
        var value = 0
        for byte in text {
            let digit: Int
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = Int(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = Int(byte - UInt8(ascii: "a")) + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = Int(byte - UInt8(ascii: "A")) + 10
            default: return nil
            }
            if digit >= radix { return nil }
            value = value * radix + digit
        }
        return value
    }
}
