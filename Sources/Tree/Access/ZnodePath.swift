// What a path may look like, and how it divides into parent and name. Apart from the tree, because the rules are
// judged on text alone and hold for writes only: reads look up any bytes and simply find nothing.

public import Jute

/// Rules and divisions of znode paths. Paths are bytes; `/` is the root.
public enum ZnodePath {
    public static let root: UString = "/"
    public static let system: UString = "/zookeeper"
    public static let quota: UString = "/zookeeper/quota"
    public static let config: UString = "/zookeeper/config"

    private static let slash = UInt8(ascii: "/")
    private static let dot = UInt8(ascii: ".")

    /// Nodes that exist from the start and can never be deleted.
    public static func isUndeletable(_ path: UString) -> Bool {
        path == root || path == system || path == quota || path == config
    }

    /// The path before the last slash, the root for nodes below it; nil without a slash.
    /// The root is its own parent.
    public static func parent(of path: UString) -> UString? {
        guard let last = path.bytes.lastIndex(of: slash) else { return nil }
        return last == 0 ? root : UString(bytes: Array(path.bytes[..<last]))
    }

    /// Whether the path divides at all: a slash somewhere, and no NUL.
    public static func isDivisible(_ path: UString) -> Bool {
        path.bytes.contains(slash) && !path.bytes.contains(0)
    }

    /// Whether the path begins at the root, as that of every node does.
    public static func isAbsolute(_ path: UString) -> Bool { path.bytes.first == slash }

    /// Whether a node of this path may be written (ZooKeeper, `PathUtils.validatePath`).
    ///
    /// The reference judges UTF-16 code units of the decoded text. Its verdict on the bytes: control characters,
    /// surrogates, private use, U+FFF0 to U+FFFF and all characters beyond U+FFFF are refused, and so are malformed
    /// bytes, which decode to U+FFFD.
    public static func isValid(_ path: UString) -> Bool {
        let bytes = path.bytes
        guard !path.isNull, bytes.first == slash else { return false }
        if bytes.count == 1 { return true }
        if bytes[bytes.count - 1] == slash { return false }
        var component = 1
        var index = 1
        while index < bytes.count {
            let byte = bytes[index]
            if byte == slash {
                if !isValidComponent(component..<index, in: bytes) { return false }
                component = index + 1
                index += 1
                continue
            }
            if byte > 0x1f && byte < 0x7f {
                index += 1
                continue
            }
            guard let length = lengthOfAllowedCharacter(at: index, in: bytes) else { return false }
            index += length
        }
        return isValidComponent(component..<bytes.count, in: bytes)
    }

    private static func isValidComponent(_ component: Range<Int>, in bytes: [UInt8]) -> Bool {
        switch component.count {
        case 0: false
        case 1: bytes[component.lowerBound] != dot
        case 2: bytes[component.lowerBound] != dot || bytes[component.lowerBound + 1] != dot
        default: true
        }
    }

    /// Bytes of the character at `index`, or nil if it is malformed or forbidden.
    private static func lengthOfAllowedCharacter(at index: Int, in bytes: [UInt8]) -> Int? {
        let first = bytes[index]
        if first < 0x80 { return first > 0x1f && first != 0x7f ? 1 : nil }
        func continuation(_ offset: Int) -> UInt32? {
            guard index + offset < bytes.count, bytes[index + offset] & 0xc0 == 0x80 else { return nil }
            return UInt32(bytes[index + offset] & 0x3f)
        }
        if first >= 0xc2, first < 0xe0 {
            guard let second = continuation(1) else { return nil }
            return UInt32(first & 0x1f) << 6 | second >= 0xa0 ? 2 : nil
        }
        guard first >= 0xe0, first < 0xf0, let second = continuation(1), let third = continuation(2) else { return nil }
        let unit = UInt32(first & 0x0f) << 12 | second << 6 | third
        let isForbidden = unit < 0x800 || (0xd800...0xf8ff).contains(unit) || unit >= 0xfff0
        return isForbidden ? nil : 3
    }
}
