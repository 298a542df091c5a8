// What a thread that serves reads sees of the tree: look-ups and reply bodies, nothing that writes. How the tree is
// shared between its owner and its readers is hidden here.

public import Jute

/// A reader's face of a `DataTree`.
///
/// Whoever uses it holds his reader's lock, which the tree's owner takes too before a batch of changes; znodes found
/// are valid until that lock is let go. Permissions are the caller's business: `NodeRef.isOpen` tells without
/// touching a list whether there is anything to check.
public struct ReadView: @unchecked Sendable {
    private let tree: DataTree
    private let store: NodeStore

    public init(_ tree: DataTree) {
        self.tree = tree
        store = tree.store
    }

    /// The state that replies speak of.
    public var lastProcessedZxid: Zxid { tree.lastProcessedZxid }

    // MARK: Finding

    /// For look-ups in a row, as long as the lock is held.
    @inline(__always)
    var finder: NodeFinder { store.finder }

    @inline(__always)
    public func hash(of path: UnsafeRawBufferPointer) -> PathHash { unsafe store.hash(of: path) }

    /// The znode at `path`; "" and "/" are the root.
    @inline(__always)
    public func lookup(_ hash: PathHash, path: UnsafeRawBufferPointer) -> NodeRef? {
        unsafe store.lookup(hash, path: path)
    }

    @inline(__always)
    public func lookup(path: UnsafeRawBufferPointer) -> NodeRef? { unsafe store.node(at: path) }

    public func acl(at index: Int32) -> [ACL] { tree.aclTable[index] }

    /// True where everybody may read, found without going through the list.
    public func isReadableByAll(_ node: NodeRef) -> Bool { tree.aclTable.isReadable(node.aclIndex) }

    // MARK: Bodies. A writer that returns false has written nothing: there was less room than the size beside it.

    public static var statSize: Int { StatLayout.size }

    /// exists.
    @inline(__always)
    public func writeStat(_ node: NodeRef, into output: inout OutputCursor) -> Bool {
        unsafe output.write(raw: node.stat)
    }

    public func dataSize(_ node: NodeRef) -> Int { unsafe node.dataAndStat.count }

    /// getData.
    @inline(__always)
    public func writeData(_ node: NodeRef, into output: inout OutputCursor) -> Bool {
        unsafe output.write(raw: node.dataAndStat)
    }

    /// Known without visiting the children. A size that no frame can announce (above `Int32.max`) must not be asked
    /// for.
    public func childrenSize(_ node: NodeRef) -> Int { 4 + 4 * node.childCount + node.childNameBytes }

    public func children2Size(_ node: NodeRef) -> Int { childrenSize(node) + Self.statSize }

    /// getChildren: names in no order.
    public func writeChildren(_ node: NodeRef, into output: inout OutputCursor) -> Bool {
        if output.remaining < childrenSize(node) { return false }
        var fits = output.write(Int32(node.childCount))
        var child = store.firstChild(of: node)
        while let current = child, fits {
            let name = unsafe store.name(of: current, in: node)
            fits = unsafe output.write(Int32(name.count)) && output.write(raw: name)
            child = store.nextSibling(of: current)
        }
        precondition(fits, "\(node.childCount) children need more than \(childrenSize(node)) bytes")
        return true
    }

    /// getChildren2.
    public func writeChildren2(_ node: NodeRef, into output: inout OutputCursor) -> Bool {
        if output.remaining < children2Size(node) { return false }
        let start = output.position
        if writeChildren(node, into: &output), writeStat(node, into: &output) { return true }
        output.rewind(to: start)
        return false
    }

    /// getACL. `masked` for a client without ADMIN: what follows the first ':' of a digest id is hidden.
    public func aclBody(_ node: NodeRef, masked: Bool) -> [UInt8] {
        var encoder = JuteEncoder()
        encoder.writeVector(acl(at: node.aclIndex)) { $0.write(masked ? $1.masked : $1) }
        unsafe encoder.writeRaw(node.stat)
        return encoder.bytes
    }

    public func writeACL(_ node: NodeRef, masked: Bool, into output: inout OutputCursor) -> Bool {
        output.write(raw: aclBody(node, masked: masked))
    }

    /// getAllChildrenNumber: all znodes below `node`. Visits them, but for the root.
    public func descendantCount(of node: NodeRef) -> Int32 {
        if node.pathLength == 0 { return Int32(clamping: store.count - 1) }
        var count = -1
        tree.forEachInSubtree(node) { _ in count += 1 }
        return Int32(clamping: count)
    }

    /// getEphemerals: the session's ephemerals whose paths begin with `prefix` as plain text. Null, blank and "/" are
    /// all of them.
    public func ephemerals(of session: SessionID, prefix: UString) -> [UString] {
        let paths = tree.ephemerals(of: session)
        let isBlank = prefix.bytes.allSatisfy { $0 <= UInt8(ascii: " ") }
        if isBlank || prefix == "/" { return paths }
        return paths.filter { $0.bytes.starts(with: prefix.bytes) }
    }
}

extension ACL {
    /// As a client without ADMIN sees it (ZooKeeper, `FinalRequestProcessor`, ZOOKEEPER-1392).
    public var masked: ACL {
        guard id.scheme == "digest", let colon = id.id.bytes.firstIndex(of: UInt8(ascii: ":")) else { return self }
        let shown = id.id.bytes[..<colon] + Array(":x".utf8)
        return ACL(perms: perms, id: Id(scheme: id.scheme, id: UString(bytes: Array(shown))))
    }
}
