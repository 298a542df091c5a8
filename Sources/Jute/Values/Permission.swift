// The rights an access control list entry can give.

/// A set of rights (ZooKeeper, `ZooDefs.Perms`).
public struct Permission: OptionSet, Hashable, Sendable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let read = Permission(rawValue: 1)
    public static let write = Permission(rawValue: 2)
    public static let create = Permission(rawValue: 4)
    public static let delete = Permission(rawValue: 8)
    public static let admin = Permission(rawValue: 16)
    public static let all = Permission(rawValue: 31)
}

extension Id {
    public static let anyone = Id(scheme: "world", id: "anyone")
}

extension ACL {
    /// Everything to everybody: a list of this entry alone is never stored, snapshots call it -1.
    public static let openUnsafe = ACL(perms: Permission.all.rawValue, id: .anyone)
    public static let readUnsafe = ACL(perms: Permission.read.rawValue, id: .anyone)
}
