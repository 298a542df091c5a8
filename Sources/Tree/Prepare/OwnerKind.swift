// What a stored `ephemeralOwner` means.

public import Jute

/// The kinds of node that the stored owner tells apart (ZooKeeper 3.9, `EphemeralType`).
public enum OwnerKind: Equatable, Sendable {
    case persistent
    case container
    /// Milliseconds.
    case ttl(Int64)
    case session(SessionID)

    /// Without extended types a number with 0xff in its top byte is a session like any other.
    public init(owner: Int64, extendedTypes: Bool) {
        if owner == 0 {
            self = .persistent
        } else if owner == NodeKind.containerOwner {
            self = .container
        } else if extendedTypes, owner & NodeKind.ttlMask == NodeKind.ttlMask {
            self = .ttl(owner & NodeKind.maximumTTL)
        } else {
            self = .session(SessionID(owner))
        }
    }

    /// The number that is stored.
    public var owner: Int64 {
        switch self {
        case .persistent: 0
        case .container: NodeKind.containerOwner
        case .ttl(let milliseconds): NodeKind.ttlMask | milliseconds
        case .session(let id): id.rawValue
        }
    }

    public var isSession: Bool {
        if case .session = self { true } else { false }
    }
}
