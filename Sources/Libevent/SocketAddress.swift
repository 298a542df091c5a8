// An IPv4 or IPv6 endpoint as a plain value. Separate so that sockaddr and its casts appear in one file.
import Glibc

/// Address and port of one end of a TCP connection. An IPv4 address mapped into IPv6 is held as IPv4, as Java does.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    private let isIPv6: Bool
    private let scope: UInt32
    /// The address bytes in network order as two numbers; IPv4 in the lowest 32 bits of `low`.
    private let high: UInt64
    private let low: UInt64
    public let port: UInt16

    private init(isIPv6: Bool, high: UInt64, low: UInt64, scope: UInt32, port: UInt16) {
        let mapped = isIPv6 && high == 0 && low >> 32 == 0xffff
        self.isIPv6 = isIPv6 && !mapped
        self.high = high
        self.low = mapped ? low & 0xffff_ffff : low
        self.scope = scope
        self.port = port
    }

    /// 127.0.0.1
    public static func loopback(port: UInt16) -> SocketAddress {
        SocketAddress(isIPv6: false, high: 0, low: 0x7f00_0001, scope: 0, port: port)
    }

    /// 0.0.0.0
    public static func anyIPv4(port: UInt16) -> SocketAddress {
        SocketAddress(isIPv6: false, high: 0, low: 0, scope: 0, port: port)
    }

    /// ::, which a listener opens to IPv4 as well
    public static func anyIPv6(port: UInt16) -> SocketAddress {
        SocketAddress(isIPv6: true, high: 0, low: 0, scope: 0, port: port)
    }

    /// A numeric IPv4 or IPv6 address, the latter with or without brackets; nil for a name.
    public init?(numericHost text: String, port: UInt16) {
        let bare = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        var four = in_addr()
        var six = in6_addr()
        if unsafe inet_pton(AF_INET, bare, &four) == 1 {
            let low = UInt64(UInt32(bigEndian: four.s_addr))
            self.init(isIPv6: false, high: 0, low: low, scope: 0, port: port)
        } else if unsafe inet_pton(AF_INET6, bare, &six) == 1 {
            let (high, low) = Self.numbers(six)
            self.init(isIPv6: true, high: high, low: low, scope: 0, port: port)
        } else {
            return nil
        }
    }

    /// The same host at another port.
    public func with(port: UInt16) -> SocketAddress {
        SocketAddress(isIPv6: isIPv6, high: high, low: low, scope: scope, port: port)
    }

    /// The host as Java's `InetAddress.getHostAddress` prints it: dotted IPv4, or eight uncompressed hextets
    /// (`0:0:0:0:0:0:0:1`), followed by `%scope` for a scoped address.
    public var hostText: String {
        if !isIPv6 { return (0..<4).map { String((low >> (24 - 8 * $0)) & 0xff) }.joined(separator: ".") }
        let hextets = (0..<8).map { index in
            String((index < 4 ? high : low) >> (48 - 16 * UInt64(index % 4)) & 0xffff, radix: 16)
        }
        return hextets.joined(separator: ":") + (scope == 0 ? "" : "%\(scope)")
    }

    /// `host:port`, an IPv6 host in brackets.
    public var description: String { isIPv6 ? "[\(hostText)]:\(port)" : "\(hostText):\(port)" }

    var family: Int32 { isIPv6 ? AF_INET6 : AF_INET }
    var isWildcardIPv6: Bool { isIPv6 && high == 0 && low == 0 }

    private static func numbers(_ address: in6_addr) -> (high: UInt64, low: UInt64) {
        unsafe withUnsafeBytes(of: address) { bytes in
            (
                UInt64(bigEndian: unsafe bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }
}

// MARK: - The kernel's form

extension SocketAddress {
    /// Nil for a family other than IPv4 and IPv6.
    init?(_ storage: sockaddr_storage) {
        let parsed: SocketAddress? = unsafe withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET:
                let four = unsafe bytes.loadUnaligned(as: sockaddr_in.self)
                let low = UInt64(UInt32(bigEndian: four.sin_addr.s_addr))
                return SocketAddress(
                    isIPv6: false, high: 0, low: low, scope: 0, port: UInt16(bigEndian: four.sin_port))
            case AF_INET6:
                let six = unsafe bytes.loadUnaligned(as: sockaddr_in6.self)
                let (high, low) = Self.numbers(six.sin6_addr)
                return SocketAddress(
                    isIPv6: true, high: high, low: low, scope: six.sin6_scope_id,
                    port: UInt16(bigEndian: six.sin6_port))
            default:
                return nil
            }
        }
        guard let parsed else { return nil }
        self = parsed
    }

    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        let length = unsafe withUnsafeMutableBytes(of: &storage) { bytes -> Int in
            if isIPv6 {
                var six = sockaddr_in6()
                six.sin6_family = sa_family_t(AF_INET6)
                six.sin6_port = port.bigEndian
                six.sin6_scope_id = scope
                unsafe withUnsafeMutableBytes(of: &six.sin6_addr) { address in
                    unsafe address.storeBytes(of: high.bigEndian, as: UInt64.self)
                    unsafe address.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
                }
                unsafe bytes.storeBytes(of: six, as: sockaddr_in6.self)
                return MemoryLayout<sockaddr_in6>.size
            }
            var four = sockaddr_in()
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            four.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
            unsafe bytes.storeBytes(of: four, as: sockaddr_in.self)
            return MemoryLayout<sockaddr_in>.size
        }
        return unsafe withUnsafePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(length)) }
        }
    }
}
