// Who may do what: checking, repairing and showing access control lists. Pure; identities are passed in.

public import Jute

/// The access rules of one server. Every server of an ensemble should hold equal rules: the leader judges writes,
/// each server judges its own reads.
public struct ACLRules: Equatable, Sendable {
    /// `skipACL=yes`: every check passes.
    public var skipACL: Bool
    /// `DigestAuthenticationProvider.superDigest`: a digest id that may do everything.
    public var superDigest: UString?
    /// Whether `x509` and `sasl` ids are known, which needs TLS or a login section.
    public var knowsX509: Bool
    /// `DigestAuthenticationProvider.enabled`: without it nobody can prove a digest identity.
    public var knowsDigest: Bool
    public var knowsSASL: Bool
    /// SASL ids that may do everything beside `super`.
    public var saslSuperUsers: Set<UString>
    /// `zookeeper.letAnySaslUserDoX`: an entry of this id opens a node to every SASL identity.
    public var anySASLUserId: UString?

    public init(
        skipACL: Bool = false, superDigest: UString? = nil, knowsX509: Bool = false, knowsSASL: Bool = false,
        saslSuperUsers: Set<UString> = [], anySASLUserId: UString? = nil, knowsDigest: Bool = true
    ) {
        self.knowsDigest = knowsDigest
        self.skipACL = skipACL
        self.superDigest = superDigest
        self.knowsX509 = knowsX509
        self.knowsSASL = knowsSASL
        self.saslSuperUsers = saslSuperUsers
        self.anySASLUserId = anySASLUserId
    }

    /// Whether `identities` hold any right of `permission` by the list `acl`. An empty list allows everything.
    public func allows(_ permission: Permission, acl: [ACL], identities: [Id]) -> Bool {
        if skipACL || acl.isEmpty { return true }
        for entry in acl where entry.perms & permission.rawValue != 0 && entry.id == .anyone { return true }
        if identities.contains(where: { $0.scheme == Self.superScheme }) { return true }
        for entry in acl where entry.perms & permission.rawValue != 0 {
            for identity in identities where identity.scheme == entry.id.scheme {
                if matches(identity.id, entry: entry.id) { return true }
            }
        }
        return false
    }

    private static let superScheme: UString = "super"

    private func matches(_ id: UString, entry: Id) -> Bool {
        if entry.scheme == "digest" { return id == entry.id }
        if entry.scheme == "ip" { return IPScheme.matches(id, entry: entry.id) }
        if entry.scheme == "x509" { return knowsX509 && id == entry.id }
        if entry.scheme == "sasl" {
            return knowsSASL
                && (id == entry.id || id == "super" || saslSuperUsers.contains(id) || entry.id == anySASLUserId)
        }
        return false
    }

    /// The list as it is stored: duplicates dropped, `auth` replaced by the identities of the connection.
    /// - Throws: `invalidACL`, or `marshallingError` for a null id where an id is needed.
    public func fixUp(_ acl: [ACL]?, identities: [Id]) throws(ErrorCode) -> [ACL] {
        guard let acl, !acl.isEmpty else { throw .invalidACL }
        var unique: [ACL] = []
        for entry in acl where !unique.contains(entry) { unique.append(entry) }
        var fixed: [ACL] = []
        for entry in unique {
            if entry.id.scheme == "auth" {
                let proven = identities.filter { Self.countsAsAuthenticated($0.scheme) }
                if proven.isEmpty { throw .invalidACL }
                fixed += proven.map { ACL(perms: entry.perms, id: $0) }
            } else {
                try validate(entry.id)
                fixed.append(entry)
            }
        }
        return fixed
    }

    private func validate(_ id: Id) throws(ErrorCode) {
        if id.scheme.isNull { throw .invalidACL }
        let isKnown =
            id.scheme == "world" || id.scheme == "digest" || id.scheme == "ip"
            || (id.scheme == "x509" && knowsX509) || (id.scheme == "sasl" && knowsSASL)
        if !isKnown { throw .invalidACL }
        if id.id.isNull { throw .marshallingError }
        let isValid =
            if id.scheme == "world" { id == .anyone } else if id.scheme == "digest" {
                DigestScheme.isValid(id.id)
            } else if id.scheme == "ip" { IPScheme.isValid(id.id) } else { !id.id.bytes.isEmpty }
        if !isValid { throw .invalidACL }
    }

    /// Schemes whose identities stand in for `auth` in a list.
    private static func countsAsAuthenticated(_ scheme: UString) -> Bool {
        scheme == "digest" || scheme == "x509" || scheme == "sasl"
    }
}
