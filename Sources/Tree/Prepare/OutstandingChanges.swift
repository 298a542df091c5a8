// The future of the tree: changes proposed and not yet applied. Every write is judged against it, so that writes may
// follow each other without waiting for commits.

import DequeModule
public import Jute

/// Pending states of nodes, keyed by path, each with the zxid that made it; absent paths are as the tree has them.
///
/// The tree is applied later and elsewhere. What it has caught up with is ignored and purged at `catchUp`, which
/// every use begins with. Changes of one zxid can be taken back as long as the next has not begun.
public struct OutstandingChanges: Sendable {
    private struct Change: Sendable {
        var zxid: Zxid
        /// nil: deleted.
        var node: NodeState?
        /// Checksum over path and data, once it was needed.
        var digestPrefix: UInt32?
    }

    /// A path as a key: it is hashed once, in a cheaper way than `Hasher` would, and keyed like that.
    private struct Key: Hashable, Sendable {
        let path: UString
        private let hash: UInt32

        init(_ path: UString) {
            self.path = path
            hash = unsafe path.bytes.withUnsafeBytes { unsafe Self.hasher.hash($0) }.value
        }

        func hash(into hasher: inout Hasher) { hasher.combine(hash) }

        /// Differs from process to process, as `Hasher` does.
        private static let hasher = PathHasher(seed: UInt64(truncatingIfNeeded: 0.hashValue))
    }

    private struct Undo: Sendable {
        var key: Key
        var previous: Change?
    }

    private var changes: [Key: Change] = [:]
    private var order: Deque<(zxid: Zxid, key: Key)> = []
    private var pendingEphemerals: [SessionID: Set<UString>] = [:]
    private var undo: [Undo] = []
    private var digestAtMark: UInt64 = 0
    private var lastZxid = Zxid.zero

    private let tracksDigest: Bool
    private let extendedTypes: Bool
    /// The tree's digest with all pending changes applied; valid after `catchUp`.
    public private(set) var digest: UInt64 = 0

    public init(tracksDigest: Bool, extendedTypes: Bool) {
        self.tracksDigest = tracksDigest
        self.extendedTypes = extendedTypes
    }

    /// Pending paths.
    public var count: Int { changes.count }

    /// Drops what the tree has applied, and marks the point `rollBack` returns to.
    public mutating func catchUp(with tree: some TreeReader) {
        let applied = tree.lastProcessedZxid
        while let first = order.first, first.zxid <= applied {
            order.removeFirst()
            if let index = changes.index(forKey: first.key), changes.values[index].zxid == first.zxid {
                let (key, change) = changes.remove(at: index)
                noteOwner(of: change, nil, at: key.path)
            }
        }
        if lastZxid <= applied { digest = tree.currentDigest }
        undo.removeAll(keepingCapacity: true)
        digestAtMark = digest
    }

    /// The node as all pending changes leave it.
    public func node(at path: UString, in tree: some TreeReader) -> NodeState? {
        if let change = changes[Key(path)] { return change.node }
        return tree.nodeState(at: path)
    }

    /// Replaces a node's state by one derived from what `node(at:in:)` gave, whose `digest` tells what to take back; a
    /// new node has 0 there. `data` is given only where the data changes, nil inside it being null data.
    public mutating func put(
        _ node: NodeState, at path: UString, data: [UInt8]?? = .none, zxid: Zxid, tree: some TreeReader
    ) {
        var change = Change(zxid: zxid, node: node, digestPrefix: nil)
        if tracksDigest, NodeDigest.counts(path) {
            let prefix =
                if let data { NodeDigest.prefix(path: path, data: data) } else {
                    changes[Key(path)]?.digestPrefix ?? tree.digestPrefix(at: path)
                }
            let share = NodeDigest.value(prefix: prefix, stat: node.stat)
            digest = digest &- node.digest &+ share
            change.node?.digest = share
            change.digestPrefix = prefix
        }
        record(change, at: path)
    }

    public mutating func delete(_ path: UString, zxid: Zxid, tree: some TreeReader) {
        if tracksDigest, let node = node(at: path, in: tree) { digest &-= node.digest }
        record(Change(zxid: zxid, node: nil, digestPrefix: nil), at: path)
    }

    /// Takes back every change since `catchUp`.
    public mutating func rollBack() {
        for step in undo.reversed() {
            let undone = changes[step.key]
            changes[step.key] = step.previous
            noteOwner(of: undone, step.previous, at: step.key.path)
        }
        order.removeLast(undo.count)
        undo.removeAll(keepingCapacity: true)
        digest = digestAtMark
    }

    /// The session's ephemerals, applied and pending, those pending deletion left out; sorted.
    public func ephemerals(of session: SessionID, in tree: some TreeReader) -> [UString] {
        var paths = pendingEphemerals[session] ?? []
        paths.formUnion(tree.ephemerals(of: session))
        let alive = paths.filter { node(at: $0, in: tree)?.stat.ephemeralOwner == session.rawValue }
        return alive.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    private mutating func record(_ change: Change, at path: UString) {
        let key = Key(path)
        let previous = changes.updateValue(change, forKey: key)
        undo.append(Undo(key: key, previous: previous))
        order.append((change.zxid, key))
        lastZxid = change.zxid
        noteOwner(of: previous, change, at: path)
    }

    /// Keeps `pendingEphemerals` when one change of a path takes another's place.
    private mutating func noteOwner(of previous: Change?, _ change: Change?, at path: UString) {
        let before = session(of: previous)
        let after = session(of: change)
        if before == after { return }
        if let before {
            pendingEphemerals[before]?.remove(path)
            if pendingEphemerals[before]?.isEmpty == true { pendingEphemerals[before] = nil }
        }
        if let after { pendingEphemerals[after, default: []].insert(path) }
    }

    private func session(of change: Change?) -> SessionID? {
        guard let owner = change?.node?.stat.ephemeralOwner, owner != 0,
            case .session(let id) = OwnerKind(owner: owner, extendedTypes: extendedTypes)
        else { return nil }
        return id
    }
}
