// What can be watched, how long, and what a watcher is told. The numbers are the protocol's.

/// How long a watch lasts and how far it reaches. Modes of one connection on one path exist side by side
/// (ZooKeeper 3.9).
public struct WatchMode: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Told once, then gone.
    public static let standard = WatchMode(rawValue: 1)
    public static let persistent = WatchMode(rawValue: 2)
    /// Persistent, for the whole subtree; only in the data table.
    public static let recursive = WatchMode(rawValue: 4)
    public static let all: WatchMode = [.standard, .persistent, .recursive]
}

/// Data watches are told of a node's creation, change and deletion, child watches of its children and deletion.
public enum WatchList: UInt8, Sendable, CaseIterable {
    case data = 0
    case child = 1
}

/// The `type` of a WatcherEvent. `childrenChanged` concerns the parent of the changed node.
public enum WatchEvent: Int32, Sendable {
    case created = 1
    case deleted = 2
    case dataChanged = 3
    case childrenChanged = 4
}

/// A change of one node that watchers may be waiting for.
public enum WatchedChange: Sendable {
    case created, deleted, dataChanged
}

/// The `type` of checkWatches and removeWatches (ZooKeeper 3.9, `Watcher.WatcherType`).
public enum WatcherType: Int32, Sendable {
    case children = 1
    case data = 2
    case any = 3
    case persistent = 4
    case persistentRecursive = 5

    /// The modes meant in one of the lists.
    public func modes(in list: WatchList) -> WatchMode {
        switch (self, list) {
        case (.children, .child), (.data, .data): .standard
        case (.children, .data), (.data, .child): []
        case (.any, _): .all
        case (.persistent, _): .persistent
        case (.persistentRecursive, _): .recursive
        }
    }
}

/// The lists of setWatches and setWatches2.
public enum RestoredWatch: Sendable, CaseIterable {
    case data, exist, child, persistent, recursive
}

/// What becomes of one path of setWatches.
public enum WatchRestoration: Equatable, Sendable {
    /// Something happened meanwhile: tell now, register nothing.
    case tell(WatchEvent)
    case register(WatchMode, dataList: Bool, childList: Bool)
}

extension RestoredWatch {
    /// Judges one path against the present tree (ZooKeeper, `DataTree.setWatches`).
    /// - Parameters:
    ///   - mzxid, pzxid: of the node, which is nil if missing.
    ///   - relative: the last zxid the client has seen.
    public func restore(node: (mzxid: Int64, pzxid: Int64)?, relative: Int64) -> WatchRestoration {
        switch self {
        case .data:
            guard let node else { return .tell(.deleted) }
            return node.mzxid > relative ? .tell(.dataChanged) : .register(.standard, dataList: true, childList: false)
        case .exist:
            return node == nil ? .register(.standard, dataList: true, childList: false) : .tell(.created)
        case .child:
            guard let node else { return .tell(.deleted) }
            return node.pzxid > relative
                ? .tell(.childrenChanged) : .register(.standard, dataList: false, childList: true)
        case .persistent: return .register(.persistent, dataList: true, childList: true)
        case .recursive: return .register(.recursive, dataList: true, childList: false)
        }
    }
}
