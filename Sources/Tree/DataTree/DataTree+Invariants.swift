// Checks and comparisons of whole trees, for tests, the simulator and tools. Slow on purpose: everything is derived
// anew.

public import Jute

/// One znode written out.
public struct DumpedNode: Hashable, Sendable {
    /// The root is "/".
    public var path: UString
    public var data: [UInt8]?
    /// As stored: cversion counts creations, the owner of containers and TTL nodes is there.
    public var stat: StatPersisted
    public var visible: Stat
    public var acl: [ACL]

    public init(path: UString, data: [UInt8]?, stat: StatPersisted, visible: Stat, acl: [ACL]) {
        self.path = path
        self.data = data
        self.stat = stat
        self.visible = visible
        self.acl = acl
    }
}

extension DataTree {
    /// Every znode, sorted by path.
    public func sortedDump() -> [DumpedNode] {
        guard let root = node(at: "") else { return [] }
        var nodes: [DumpedNode] = []
        forEachInSubtree(root) { node in
            nodes.append(
                DumpedNode(
                    path: node.clientPath, data: node.dataBytes, stat: node.persisted, visible: node.clientStat,
                    acl: acl(of: node)))
        }
        return nodes.sorted { byBytes($0.path, $1.path) }
    }

    public func equals(_ other: DataTree) -> Bool { difference(from: other) == nil }

    /// The first thing in which two trees differ, in words; nil if they hold the same state (invariant I13).
    public func difference(from other: DataTree) -> String? {
        if lastProcessedZxid != other.lastProcessedZxid {
            return "zxid \(lastProcessedZxid) and \(other.lastProcessedZxid)"
        }
        if sessions != other.sessions { return "sessions \(sessions) and \(other.sessions)" }
        let (mine, theirs) = (sortedDump(), other.sortedDump())
        for (a, b) in zip(mine, theirs) where a != b { return "znode \(a) and \(b)" }
        if mine.count != theirs.count { return "\(mine.count) and \(theirs.count) znodes" }
        if ephemeralPaths != other.ephemeralPaths { return "ephemerals" }
        if containers != other.containers || ttlNodes != other.ttlNodes { return "containers or TTL nodes" }
        if governedPaths != other.governedPaths { return "quotas \(governedPaths) and \(other.governedPaths)" }
        if digestEnabled && other.digestEnabled && digest != other.digest {
            return "digests \(digest) and \(other.digest)"
        }
        return nil
    }

    /// Walks everything and compares what is kept with what it is derived from. Empty if all is sound.
    public func checkInvariants() -> [String] {
        var found = Findings()
        guard let root = node(at: "") else { return ["no root"] }
        forEachInSubtree(root) { check($0, &found) }
        if found.count != store.count {
            found.problems.append("\(found.count) znodes reached, \(store.count) in the table")
        }
        if found.digest != digest { found.problems.append("digest \(digest), znodes sum up to \(found.digest)") }
        if found.bytes != pathAndDataBytes {
            found.problems.append("size \(pathAndDataBytes), znodes sum up to \(found.bytes)")
        }
        if found.lists != aclTable.references {
            found.problems.append("references to lists: \(aclTable.references), found \(found.lists)")
        }
        if found.ephemerals != ephemeralPaths { found.problems.append("ephemerals by session differ from the znodes'") }
        if found.ephemerals.values.map(\.count).reduce(0, +) != ephemeralsCount {
            found.problems.append("count of ephemerals")
        }
        if found.containers != containers { found.problems.append("containers differ from the znodes'") }
        if found.ttlNodes != ttlNodes { found.problems.append("TTL nodes differ from the znodes'") }
        store.table.forEach { reference in
            let node = store.node(reference)
            if unsafe store.node(at: node.path) != node {
                found.problems.append("\(node.pathString) is not where its path leads")
            }
        }
        return found.problems
    }

    private struct Findings {
        var problems: [String] = []
        var count = 0
        var digest: UInt64 = 0
        var bytes = 0
        var lists: [Int32: Int] = [:]
        var ephemerals: [SessionID: Set<UString>] = [:]
        var containers: Set<UString> = []
        var ttlNodes: Set<UString> = []
    }

    private func check(_ node: NodeRef, _ found: inout Findings) {
        let path = node.pathString
        found.count += 1
        found.bytes += node.pathLength + node.dataLength
        if node.aclIndex != ACLTable.open { found.lists[node.aclIndex, default: 0] += 1 }
        if digestEnabled {
            let digest = NodeDigest.of(node)
            found.digest &+= digest
            if let remembered = store.recentDigests.digest(of: store.reference(node)), remembered != digest {
                found.problems.append("\(path) has digest \(digest), \(remembered) is remembered")
            }
        }
        switch node.kind {
        case .persistent: break
        case .ephemeral: found.ephemerals[SessionID(node.storedOwner), default: []].insert(path)
        case .container: found.containers.insert(path)
        case .ttl: found.ttlNodes.insert(path)
        }
        checkChildren(of: node, path, &found)
    }

    private func checkChildren(of node: NodeRef, _ path: UString, _ found: inout Findings) {
        var children = 0
        var nameBytes = 0
        var previous: UInt32 = 0
        var child = store.firstChild(of: node)
        while let current = child {
            children += 1
            nameBytes += unsafe store.name(of: current, in: node).count
            if store.parent(of: current) != node { found.problems.append("\(current.pathString) hangs below \(path)") }
            if current.field(BlockLayout.previous) != previous {
                found.problems.append("links of \(current.pathString)")
            }
            previous = store.reference(current)
            child = store.nextSibling(of: current)
        }
        let visible = node.clientStat
        if children != node.childCount {
            found.problems.append("\(path) counts \(node.childCount) children, has \(children)")
        }
        if nameBytes != node.childNameBytes {
            found.problems.append("\(path) counts \(node.childNameBytes) bytes of names")
        }
        if visible.cversion != 2 &* node.storedCVersion &- visible.numChildren {
            found.problems.append("cversion of \(path)")
        }
        if Int(visible.dataLength) != node.dataLength { found.problems.append("data length of \(path)") }
    }
}
