// What a stored `ephemeralOwner` means.

package import Jute

/// The kinds of node that the stored owner tells apart (ZooKeeper 3.9, `EphemeralType`).
package enum OwnerKind: Equatable, Sendable {
    case persistent
    case container
    /// Milliseconds.
    case ttl(Int64)
    case session(SessionID)

    package static let maximumTTL: Int64 = 1 << 40 - 1
    private static let ttlMark: UInt64 = 0xff00_0000_0000_0000

    /// Without extended types a number with 0xff in its top byte is a session like any other.
    package init(owner: Int64, extendedTypes: Bool) {
        let bits = UInt64(bitPattern: owner)
        if owner == 0 {
            self = .persistent
        } else if owner == .min {
            self = .container
        } else if extendedTypes, bits >> 56 == 0xff {
            self = .ttl(Int64(bits & UInt64(Self.maximumTTL)))
        } else {
            self = .session(SessionID(owner))
        }
    }

    /// The number that is stored.
    package var owner: Int64 {
        switch self {
        case .persistent: 0
        case .container: .min
        case .ttl(let milliseconds): Int64(bitPattern: Self.ttlMark | UInt64(milliseconds))
        case .session(let id): id.rawValue
        }
    }

    package var isSession: Bool {
        if case .session = self { true } else { false }
    }
}
