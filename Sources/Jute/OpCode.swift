// Every operation number, and whether it reads, writes or concerns the connection only.

/// The `type` of a request header or a transaction header (ZooKeeper, `ZooDefs.OpCode`).
public enum OpCode: Int32, Sendable, CaseIterable {
    case notification = 0
    case create = 1
    case delete = 2
    case exists = 3
    case getData = 4
    case setData = 5
    case getACL = 6
    case setACL = 7
    case getChildren = 8
    case sync = 9
    case ping = 11
    case getChildren2 = 12
    case check = 13
    case multi = 14
    case create2 = 15
    case reconfig = 16
    case checkWatches = 17
    case removeWatches = 18
    case createContainer = 19
    case deleteContainer = 20
    case createTTL = 21
    case multiRead = 22
    case auth = 100
    case setWatches = 101
    case sasl = 102
    case getEphemerals = 103
    case getAllChildrenNumber = 104
    case setWatches2 = 105
    case addWatch = 106
    case whoAmI = 107
    case createSession = -10
    case closeSession = -11
    case error = -1

    /// How a server treats a request with this number when a client sends it.
    public enum Kind: Sendable {
        /// Answered from local state.
        case read
        /// Goes through the replicated history and gets a zxid.
        case write
        /// Concerns this connection or this server only.
        case local
        /// Flushes the path to the leader, then answers.
        case sync
        /// Refused with `unimplemented`, then the connection is closed.
        case refused
    }

    public var kind: Kind {
        switch self {
        case .exists, .getData, .getACL, .getChildren, .getChildren2, .multiRead, .getEphemerals,
            .getAllChildrenNumber, .whoAmI:
            .read
        case .create, .create2, .createContainer, .createTTL, .delete, .setData, .setACL, .multi, .reconfig,
            .closeSession:
            .write
        case .ping, .auth, .sasl, .setWatches, .setWatches2, .addWatch, .checkWatches, .removeWatches:
            .local
        case .sync: .sync
        case .notification, .check, .deleteContainer, .createSession, .error: .refused
        }
    }
}
