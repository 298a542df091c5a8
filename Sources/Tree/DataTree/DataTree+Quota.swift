// Quota accounting: which paths have limits, and the statistics beside the limits. Each server keeps these for
// itself; they never travel in transactions and do not count in digests.

public import Jute

extension DataTree {
    private static let limitsName = "/zookeeper_limits"
    private static let statsName = "/zookeeper_stats"

    // MARK: Asking

    /// For a server that enforces quotas: what a change at `path` that adds so many znodes and bytes would run into.
    /// Only hard limits refuse. `.marshallingError` stands for limits that cannot be read, as upstream answers them.
    /// Upstream compares with the statistics as last applied, so do we.
    public func quotaError(for path: UString, countDelta: Int64, byteDelta: Int64) -> ErrorCode? {
        guard let governed = governingPath(of: path), let limitsNode = node(at: quotaNode(governed, Self.limitsName))
        else {
            return nil
        }
        guard let limits = QuotaStats(parsing: limitsNode.dataBytes) else { return .marshallingError }
        guard let stats = node(at: quotaNode(governed, Self.statsName)).map(readStats) else { return nil }
        let counts = limits.countLimit
        if countDelta != 0, counts.isHard, stats.count &+ countDelta > counts.value { return .quotaExceeded }
        let bytes = limits.byteLimit
        if byteDelta != 0, bytes.isHard, stats.bytes &+ byteDelta > bytes.value { return .quotaExceeded }
        return nil
    }

    /// The deepest path at or above `path` that has limits.
    private func governingPath(of path: UString) -> UString? {
        if governedPaths.isEmpty { return nil }
        var candidate = path
        while candidate.bytes.count > 1 {
            if governedPaths.contains(candidate) { return candidate }
            guard let slash = candidate.bytes.lastIndex(of: UInt8(ascii: "/")) else { return nil }
            candidate = UString(bytes: Array(candidate.bytes[..<slash]))
        }
        return nil
    }

    private func quotaNode(_ governed: UString, _ name: String) -> UString {
        UString(bytes: ZnodePath.quota.bytes + governed.bytes + name.utf8)
    }

    /// Statistics that a client has overwritten with something else count as zeros.
    private func readStats(_ node: NodeRef) -> QuotaStats {
        QuotaStats(parsing: node.dataBytes) ?? QuotaStats(count: 0, bytes: 0)
    }

    // MARK: Accounting

    /// Whether a create of this path must be accounted for at all.
    @unsafe
    func concernsQuotas(_ path: UnsafeRawBufferPointer) -> Bool {
        if !governedPaths.isEmpty { return true }
        return unsafe path.starts(with: ZnodePath.quota.bytes)
    }

    func quotaDidCreate(_ path: UString, bytes: Int) {
        if let governed = governed(by: path, Self.limitsName) { governedPaths.insert(governed) }
        if let governed = governed(by: path, Self.statsName) { recount(governed) }
        adjust(path, count: 1, bytes: bytes)
    }

    func quotaDidDelete(_ path: UString, bytes: Int) {
        if let governed = governed(by: path, Self.limitsName) { governedPaths.remove(governed) }
        adjust(path, count: -1, bytes: -bytes)
    }

    func quotaDidSetData(_ path: UString, bytes: Int) { adjust(path, count: 0, bytes: bytes) }

    /// The path that a quota node of this name speaks of, nil for any other znode.
    private func governed(by path: UString, _ name: String) -> UString? {
        let prefix = ZnodePath.quota.bytes
        let bytes = path.bytes
        guard bytes.count > prefix.count + name.utf8.count, bytes.starts(with: prefix),
            bytes.reversed().starts(with: name.utf8.reversed())
        else { return nil }
        let governed = bytes[prefix.count..<(bytes.count - name.utf8.count)]
        return governed.first == UInt8(ascii: "/") && governed.count > 1 ? UString(bytes: Array(governed)) : nil
    }

    private func adjust(_ path: UString, count: Int64, bytes: Int) {
        guard let governed = governingPath(of: path), let node = node(at: quotaNode(governed, Self.statsName)) else {
            return
        }
        var stats = readStats(node)
        stats.count &+= count
        stats.bytes &+= Int64(bytes)
        replaceData(of: node, stats.text)
    }

    /// Writes the real totals of a subtree, its root included, into its statistics.
    private func recount(_ governed: UString) {
        guard let stats = node(at: quotaNode(governed, Self.statsName)) else { return }
        var total = QuotaStats(count: 0, bytes: 0)
        if let root = node(at: governed) {
            forEachInSubtree(root) { node in
                total.count += 1
                total.bytes += Int64(node.dataLength)
            }
        }
        replaceData(of: stats, total.text)
    }

    /// After loading a snapshot: finds the limits and counts anew, as a running server would have.
    func rebuildQuotas() {
        guard let root = node(at: ZnodePath.quota) else { return }
        var paths: [UString] = []
        forEachInSubtree(root) { paths.append($0.pathString) }
        for path in paths {
            if let governed = governed(by: path, Self.limitsName) { governedPaths.insert(governed) }
            if let governed = governed(by: path, Self.statsName) { recount(governed) }
        }
    }

    /// Visits `root` and everything below, each znode before its children. `body` must not change the tree.
    func forEachInSubtree(_ root: NodeRef, _ body: (NodeRef) -> Void) {
        body(root)
        var depth = 0
        var current = root
        while true {
            if let child = store.firstChild(of: current) {
                current = child
                depth += 1
            } else {
                while depth > 0, store.nextSibling(of: current) == nil {
                    guard let parent = store.parent(of: current) else { return }
                    current = parent
                    depth -= 1
                }
                guard depth > 0, let next = store.nextSibling(of: current) else { return }
                current = next
            }
            body(current)
        }
    }
}
