// The kinds of znode a client may ask for.

/// The `flags` of a create request (ZooKeeper, `CreateMode`).
package enum CreateMode: Int32, Sendable {
    case persistent = 0
    case ephemeral = 1
    case persistentSequential = 2
    case ephemeralSequential = 3
    case container = 4
    case persistentWithTTL = 5
    case persistentSequentialWithTTL = 6

    package var isSequential: Bool {
        switch self {
        case .persistentSequential, .ephemeralSequential, .persistentSequentialWithTTL: true
        case .persistent, .ephemeral, .container, .persistentWithTTL: false
        }
    }

    package var isEphemeral: Bool { self == .ephemeral || self == .ephemeralSequential }
    package var hasTTL: Bool { self == .persistentWithTTL || self == .persistentSequentialWithTTL }
}
