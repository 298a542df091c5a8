// The kinds of znode a client may ask for.

/// The `flags` of a create request (ZooKeeper, `CreateMode`).
public enum CreateMode: Int32, Sendable {
    case persistent = 0
    case ephemeral = 1
    case persistentSequential = 2
    case ephemeralSequential = 3
    case container = 4
    case persistentWithTTL = 5
    case persistentSequentialWithTTL = 6

    public var isSequential: Bool {
        switch self {
        case .persistentSequential, .ephemeralSequential, .persistentSequentialWithTTL: true
        case .persistent, .ephemeral, .container, .persistentWithTTL: false
        }
    }

    public var isEphemeral: Bool { self == .ephemeral || self == .ephemeralSequential }
    public var hasTTL: Bool { self == .persistentWithTTL || self == .persistentSequentialWithTTL }
}
