// Where the servers are. Separate because a load generator must not be pointed at strangers by a slip of the keyboard.
import ArgumentParser
import Libevent

/// One server's client port.
struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    let host: String
    let port: UInt16

    /// `host:port`, `[v6]:port` or a port alone, which means 127.0.0.1; nil when `text` is none of these.
    init?(_ text: String) {
        let portText: Substring
        if let colon = text.lastIndex(of: ":") {
            let name = text[..<colon]
            let isBracketed = name.hasPrefix("[") && name.hasSuffix("]")
            guard !name.isEmpty, isBracketed || !name.contains(":") else { return nil }
            host = isBracketed ? String(name.dropFirst().dropLast()) : String(name)
            portText = text[text.index(after: colon)...]
        } else {
            host = "127.0.0.1"
            portText = text[...]
        }
        guard let number = UInt16(portText), number > 0 else { return nil }
        port = number
    }

    /// Whether this cannot leave the machine. A name other than `localhost` is not trusted to.
    var isLoopback: Bool { host == "localhost" || host == "::1" || isIPv4Loopback }

    /// 127.0.0.0/8
    var isIPv4Loopback: Bool { host.hasPrefix("127.") && SocketAddress(numericHost: host, port: port) != nil }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The endpoints of a comma-separated list.
    static func list(_ text: String, allowRemote: Bool) throws -> [Endpoint] {
        let parts = text.split(separator: ",", omittingEmptySubsequences: true)
        guard !parts.isEmpty else { throw ValidationError("--servers names no server") }
        return try parts.map { part in
            guard let endpoint = Endpoint(String(part)) else {
                throw ValidationError("'\(part)' is not host:port (port 1 to 65535, IPv6 in brackets)")
            }
            guard endpoint.isLoopback || allowRemote else {
                throw ValidationError(
                    "\(endpoint) is not on this machine's loopback; add --allow-remote if you may load that server")
            }
            return endpoint
        }
    }
}
