// A place on the election network, as configurations and greetings write it.

/// Host name or numeric address, without brackets, and election port.
package struct ElectionAddress: Hashable, Sendable, CustomStringConvertible {
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port` or `[v6]:port`; nil if it is neither.
    package init?(parsing text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        if host.isEmpty { return nil }
        self.init(host: String(host), port: port)
    }

    /// Stands for every interface: nothing to dial.
    package var isWildcard: Bool { ["0.0.0.0", "::", "0:0:0:0:0:0:0:0"].contains(host) }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
