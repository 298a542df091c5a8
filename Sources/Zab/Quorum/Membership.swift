// One configuration of the ensemble as the protocol sees it: who votes, who observes, and the text that says so on
// the wire. Addresses are the shell's; reading and writing the text belongs to the configuration parser.

public import Jute

/// The members of the ensemble under one configuration version.
public struct Membership: Equatable, Sendable {
    public var verifier: QuorumVerifier
    public var observers: Set<ServerID>
    /// The zxid of the transaction that made this configuration; 0 if none ever did.
    public var version: Int64
    /// The configuration text sent in notifications and NEWLEADER. It must parse and name at least one participant:
    /// a 3.9.4 server never answers an election message again after reading one that does not.
    public var text: [UInt8]

    public init(verifier: QuorumVerifier, observers: Set<ServerID> = [], version: Int64 = 0, text: [UInt8]) {
        precondition(!verifier.voters.isEmpty, "a configuration needs at least one voter")
        self.verifier = verifier
        self.observers = observers
        self.version = version
        self.text = text
    }

    /// A configuration decided by plain majorities.
    public init(voters: Set<ServerID>, observers: Set<ServerID> = [], version: Int64 = 0, text: [UInt8]) {
        self.init(verifier: .majority(voters: voters), observers: observers, version: version, text: text)
    }

    public var voters: Set<ServerID> { verifier.voters }
    public func isVoter(_ sid: ServerID) -> Bool { verifier.contains(sid) }

    /// The version a configuration text claims: 0 if it has no such line, nil if the line cannot be read.
    public static func version(ofText text: [UInt8]) -> Int64? {
        let key = Array("version=".utf8)
        guard let line = text.split(separator: UInt8(ascii: "\n")).last(where: { $0.starts(with: key) }) else {
            return 0
        }
        return Int64(String(decoding: line.dropFirst(key.count), as: UTF8.self), radix: 16)
    }
}
