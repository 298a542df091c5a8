// Containers and TTL nodes whose time has come. Only found here: their end is a transaction like any other, proposed by
// the leader.

public import Jute

extension DataTree {
    /// Containers that had children and have none (or, with `neverUsedMs` above 0, never had any for so long), and TTL
    /// nodes without children that nobody has written for their time (ZooKeeper, `ContainerManager`).
    ///
    /// At most `limit` paths, in order. `wallMs` is the leader's civil time, which their mtime was taken from.
    public func unusedNodes(wallMs: Int64, neverUsedMs: Int64, limit: Int) -> [UString] {
        let unused =
            containers.filter { isUnusedContainer($0, wallMs, neverUsedMs) }
            + ttlNodes.filter { isOutlivedTTLNode($0, wallMs) }
        return Array(unused.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.prefix(limit))
    }

    private func isUnusedContainer(_ path: UString, _ wallMs: Int64, _ neverUsedMs: Int64) -> Bool {
        guard let node = node(at: path), node.childCount == 0 else { return false }
        let stat = persisted(of: node)
        return stat.cversion > 0 || neverUsedMs > 0 && wallMs - stat.mtime > neverUsedMs
    }

    private func isOutlivedTTLNode(_ path: UString, _ wallMs: Int64) -> Bool {
        guard let node = node(at: path), node.childCount == 0 else { return false }
        let stat = persisted(of: node)
        guard case .ttl(let milliseconds) = OwnerKind(owner: stat.ephemeralOwner, extendedTypes: true) else {
            return false
        }
        return wallMs - stat.mtime > milliseconds
    }
}
