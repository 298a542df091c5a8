// The kinds of watches a client can set, and what makes each fire. Separate from the workload that counts deliveries.
import Jute

/// A kind of watch on a znode. What fires it is one change of that znode, or of its child `c`.
enum WatchKind: String, CaseIterable, Sendable {
    /// By getData: told once of a new value.
    case data
    /// By exists, on the child: told once that it comes or goes.
    case exist
    /// By getChildren: told once that a child comes or goes.
    case child
    /// By addWatch: told of every new value.
    case persistent
    /// By addWatch: told of every child that comes or goes below.
    case persistentRecursive = "persistent-recursive"

    /// Has to be set anew after each notification.
    var isOneShot: Bool {
        switch self {
        case .data, .exist, .child: true
        case .persistent, .persistentRecursive: false
        }
    }

    /// The change that fires it is the coming and going of the child, otherwise a new value.
    var needsChild: Bool {
        switch self {
        case .exist, .child, .persistentRecursive: true
        case .data, .persistent: false
        }
    }

    /// Asks for a watch on `znode`; for the one-shot kinds this reads it, too.
    func register(_ znode: Int, xid: Int32, into writer: inout RequestWriter, _ keys: Keyspace) -> Asked {
        switch self {
        case .data:
            writer.read(.getData, znode, watch: true, xid: xid, keys)
            return Asked(.getData, znode)
        case .exist:
            writer.readChild(.exists, znode, watch: true, xid: xid, keys)
            return Asked(.existsChild, znode)
        case .child:
            writer.listChild(znode, xid: xid, keys)
            return Asked(.listChild, znode)
        case .persistent:
            writer.addWatch(znode, mode: .persistent, xid: xid, keys)
            return Asked(.addWatch, znode)
        case .persistentRecursive:
            writer.addWatch(znode, mode: .persistentRecursive, xid: xid, keys)
            return Asked(.addWatch, znode)
        }
    }

    /// What a watcher is told when the change is this one.
    func notice(of cause: RequestKind) -> (change: WatchEvent.Change, isChild: Bool) {
        switch self {
        case .data, .persistent: (.dataChanged, false)
        case .child: (.childrenChanged, false)
        case .exist, .persistentRecursive: (cause == .createChild ? .created : .deleted, true)
        }
    }
}
