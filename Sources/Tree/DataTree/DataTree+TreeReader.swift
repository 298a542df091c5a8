// The tree as the preparer sees it.

public import Jute

extension DataTree: TreeReader {
    public var currentDigest: UInt64 { UInt64(bitPattern: treeDigest) }

    public func nodeState(at path: UString) -> NodeState? {
        guard let node = node(at: path) else { return nil }
        return NodeState(
            stat: persisted(of: node), childCount: Int32(clamping: node.childCount),
            dataLength: Int32(clamping: node.dataLength), acl: acl(of: node),
            digest: digestEnabled ? digest(of: node) : 0)
    }

    private func digest(of node: NodeRef) -> UInt64 {
        store.recentDigests.digest(of: store.reference(node)) ?? NodeDigest.of(node)
    }

    public func digestPrefix(at path: UString) -> UInt32 {
        guard let node = node(at: path) else { preconditionFailure("no node at \(path)") }
        return NodeDigest.prefix(of: node)
    }
}
