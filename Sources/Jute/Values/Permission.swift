// The rights an access control list entry can give.

/// A set of rights (ZooKeeper, `ZooDefs.Perms`).
package struct Permission: OptionSet, Hashable, Sendable {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let read = Permission(rawValue: 1)
    package static let write = Permission(rawValue: 2)
    package static let create = Permission(rawValue: 4)
    package static let delete = Permission(rawValue: 8)
    package static let admin = Permission(rawValue: 16)
    package static let all = Permission(rawValue: 31)
}

extension Id {
    package static let anyone = Id(scheme: "world", id: "anyone")
}

extension ACL {
    /// Everything to everybody: a list of this entry alone is never stored, snapshots call it -1.
    package static let openUnsafe = ACL(perms: Permission.all.rawValue, id: .anyone)
    package static let readUnsafe = ACL(perms: Permission.read.rawValue, id: .anyone)
}
