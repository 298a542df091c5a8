// One `server.N` line: who a member is, where it listens, and what it may become. The same text stands in zoo.cfg, in
// dynamic files, in election notifications and in the configuration node.

/// Whether a member votes. ZooKeeper calls this the learner type; `rawValue` is the word in configuration texts.
public enum MemberRole: String, Equatable, Sendable {
    case participant, observer

    /// As `conf` prints it (`peerType=0`).
    public var ordinal: Int { self == .participant ? 0 : 1 }
}

/// Where a member listens for its peers: one host with its quorum port and its election port.
public struct MemberAddress: Hashable, Sendable, CustomStringConvertible {
    /// Host name, IPv4 or IPv6 address, without brackets.
    public var host: String
    public var quorumPort: Int
    public var electionPort: Int

    public init(host: String, quorumPort: Int, electionPort: Int) {
        self.host = host
        self.quorumPort = quorumPort
        self.electionPort = electionPort
    }

    public var description: String { "\(ServerLine.bracketed(host)):\(quorumPort):\(electionPort)" }
}

/// Where a member listens for clients.
public struct ClientAddress: Hashable, Sendable, CustomStringConvertible {
    public static let anyHost = "0.0.0.0"
    public var host: String
    public var port: Int

    public init(host: String = anyHost, port: Int) {
        self.host = host
        self.port = port
    }

    /// True for the addresses that stand for every interface.
    public var isWildcard: Bool { ["0.0.0.0", "::", "0:0:0:0:0:0:0:0"].contains(host) }
    public var description: String { "\(ServerLine.bracketed(host)):\(port)" }
}

/// A member of the ensemble: `server.<id>=host:quorumPort:electionPort[|…][:role][;[clientHost:]clientPort]`.
public struct ServerLine: Equatable, Sendable, CustomStringConvertible {
    public var id: Int64
    /// At least one; sorted by host when there are several, as ZooKeeper writes them.
    public var addresses: [MemberAddress]
    public var role: MemberRole
    /// nil when the line has no client part.
    public var client: ClientAddress?

    public init(id: Int64, addresses: [MemberAddress], role: MemberRole = .participant, client: ClientAddress? = nil) {
        precondition(!addresses.isEmpty, "server.\(id) needs an address")
        self.id = id
        self.addresses = addresses.sorted { ($0.host, $0.quorumPort) < ($1.host, $1.quorumPort) }
        self.role = role
        self.client = client
    }

    /// The right-hand side of the line in canonical form: role always written, client part only when known.
    public var value: String {
        let members = addresses.map(\.description).joined(separator: "|")
        return "\(members):\(role.rawValue)" + (client.map { ";\($0)" } ?? "")
    }

    public var description: String { "server.\(id)=\(value)" }

    static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }
}

extension ServerLine {
    /// What is wrong with a server line, without its place.
    struct SyntaxError: Error, Equatable {
        var message: String
    }

    /// Reads the right-hand side. Blanks around every part are dropped, `;` included. (ZooKeeper trips over blanks
    /// before the client port; accepting them harms nobody.)
    init(id: Int64, parsing text: String) throws(SyntaxError) {
        let halves = text.split(separator: ";", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { throw SyntaxError(message: "expected at most one ';'") }
        var addresses: [MemberAddress] = []
        var roles: Set<MemberRole> = []
        for part in halves[0].split(separator: "|", omittingEmptySubsequences: false) {
            let (address, role) = try Self.memberAddress(String(part).trimmed)
            addresses.append(address)
            roles.insert(role)
        }
        guard roles.count == 1, let role = roles.first else {
            throw SyntaxError(message: "the addresses of one server must agree on its role")
        }
        let client = halves.count == 2 ? try Self.clientAddress(String(halves[1]).trimmed) : nil
        self.init(id: id, addresses: addresses, role: role, client: client)
    }

    private static func memberAddress(_ text: String) throws(SyntaxError) -> (MemberAddress, MemberRole) {
        let parts = try colonParts(text)
        guard parts.count == 3 || parts.count == 4 else {
            throw SyntaxError(message: "expected host:quorumPort:electionPort[:role][;[clientHost:]clientPort]")
        }
        guard !parts[0].isEmpty else { throw SyntaxError(message: "the host is empty") }
        let quorumPort = try port(parts[1], "quorum port")
        let electionPort = try port(parts[2], "election port")
        guard quorumPort != electionPort else {
            throw SyntaxError(message: "quorum port and election port must differ, both are \(quorumPort)")
        }
        var role = MemberRole.participant
        if parts.count == 4 {
            guard let named = MemberRole(rawValue: parts[3].lowercased()) else {
                throw SyntaxError(message: "expected the role participant or observer, not \"\(parts[3])\"")
            }
            role = named
        }
        return (MemberAddress(host: parts[0], quorumPort: quorumPort, electionPort: electionPort), role)
    }

    private static func clientAddress(_ text: String) throws(SyntaxError) -> ClientAddress {
        let parts = try colonParts(text)
        switch parts.count {
        case 1: return ClientAddress(port: try port(parts[0], "client port"))
        case 2:
            let host = parts[0].isEmpty ? ClientAddress.anyHost : parts[0]
            return ClientAddress(host: host, port: try port(parts[1], "client port"))
        default: throw SyntaxError(message: "expected [clientHost:]clientPort after ';'")
        }
    }

    /// Splits at colons outside brackets; brackets around the first part are dropped.
    private static func colonParts(_ text: String) throws(SyntaxError) -> [String] {
        guard text.hasPrefix("[") else {
            return text.split(separator: ":", omittingEmptySubsequences: false).map { String($0).trimmed }
        }
        guard let end = text.firstIndex(of: "]") else { throw SyntaxError(message: "expected ']' after the address") }
        let host = String(text[text.index(after: text.startIndex)..<end])
        let rest = String(text[text.index(after: end)...]).trimmed
        guard rest.hasPrefix(":") else { throw SyntaxError(message: "expected ':' after ']'") }
        return [host]
            + rest.dropFirst().split(separator: ":", omittingEmptySubsequences: false).map {
                String($0).trimmed
            }
    }

    private static func port(_ text: String, _ name: String) throws(SyntaxError) -> Int {
        guard let port = Int(text), (1...65_535).contains(port) else {
            throw SyntaxError(message: "expected a \(name) from 1 to 65535, not \"\(text)\"")
        }
        return port
    }
}

extension String {
    /// Without blanks at both ends.
    var trimmed: String {
        var rest = Substring(self)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
