// How a connection gains identities, and how identities are shown.

public import Jute

extension ACLRules {
    /// The identities that an auth request adds. Adding one twice has no effect on the connection's set.
    /// - Parameter address: the client's address, without port.
    /// - Throws: `authFailed`: the connection is answered with it and closed.
    public func authenticate(scheme: UString, data: [UInt8]?, address: UString) throws(ErrorCode) -> [Id] {
        guard let data else { throw .authFailed }
        if scheme == "ip" { return [Id(scheme: "ip", id: address)] }
        guard scheme == "digest", knowsDigest else { throw .authFailed }
        let id = DigestScheme.id(of: data)
        let identity = Id(scheme: "digest", id: id)
        return id == superDigest ? [Id(scheme: "super", id: ""), identity] : [identity]
    }

    /// The list getACL shows: digest ids are masked for those without the admin right.
    public func visible(_ acl: [ACL], identities: [Id]) -> [ACL] {
        if allows(.admin, acl: acl, identities: identities) { return acl }
        return acl.map { entry in
            guard entry.id.scheme == "digest" else { return entry }
            return ACL(perms: entry.perms, id: Id(scheme: entry.id.scheme, id: DigestScheme.masked(entry.id.id)))
        }
    }

    /// The user whoAmI shows for an identity.
    public static func user(of identity: Id) -> UString {
        identity.scheme == "digest" ? DigestScheme.user(of: identity.id) : identity.id
    }
}
