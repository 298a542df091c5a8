// The `digest` scheme: user and password to an id. The only place that hashes for authentication.

import CCrypto
public import Jute

/// Identities of the form `user:base64(sha1("user:password"))` (ZooKeeper, `DigestAuthenticationProvider`).
public enum DigestScheme {
    private static let colon = UInt8(ascii: ":")

    /// The id that the auth data `user:password` proves. The name ends at the first colon; data without a colon
    /// is a name as a whole. Malformed UTF-8 is repaired first, as the reference does.
    public static func id(of authData: [UInt8]) -> UString {
        let text = Array(String(decoding: authData, as: UTF8.self).utf8)
        let user = text.prefix { $0 != colon }
        return UString(bytes: user + [colon] + base64(sha1(text)))
    }

    /// Whether an access control list may name this id: two parts around a colon, trailing empty parts not counted.
    public static func isValid(_ id: UString) -> Bool {
        var parts = id.bytes.split(separator: colon, omittingEmptySubsequences: false)
        while let last = parts.last, last.isEmpty { parts.removeLast() }
        return parts.count == 2
    }

    /// The user's name alone.
    public static func user(of id: UString) -> UString {
        UString(bytes: Array(id.bytes.prefix { $0 != colon }))
    }

    /// The id as getACL shows it to those who may not administer the node.
    public static func masked(_ id: UString) -> UString {
        UString(bytes: user(of: id).bytes + [colon, UInt8(ascii: "x")])
    }

    private static func sha1(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 20)
        var length: UInt32 = 0
        let done = unsafe bytes.withUnsafeBytes { input in
            unsafe digest.withUnsafeMutableBufferPointer { output in
                unsafe EVP_Digest(input.baseAddress, input.count, output.baseAddress, &length, EVP_sha1(), nil)
            }
        }
        precondition(done == 1 && length == 20, "SHA-1 unavailable: result \(done), \(length) bytes")
        return digest
    }

    private static func base64(_ bytes: [UInt8]) -> [UInt8] {
        var text = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
        let length = unsafe bytes.withUnsafeBufferPointer { input in
            unsafe text.withUnsafeMutableBufferPointer { output in
                unsafe EVP_EncodeBlock(output.baseAddress, input.baseAddress, Int32(input.count))
            }
        }
        return Array(text.prefix(Int(length)))
    }
}
