// A place on the election network, as configurations and greetings write it.

/// Host name or numeric address, without brackets, and election port.
public struct ElectionAddress: Hashable, Sendable, CustomStringConvertible {
    public var host: String
    public var port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port` or `[v6]:port`; nil if it is neither.
    public init?(parsing text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        if host.isEmpty { return nil }
        self.init(host: String(host), port: port)
    }

    /// Stands for every interface: nothing to dial.
    public var isWildcard: Bool { ["0.0.0.0", "::", "0:0:0:0:0:0:0:0"].contains(host) }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
