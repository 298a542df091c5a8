// All znodes of one tree as blocks of memory, the table that finds them, the links between them. This folder is the
// sealed unsafe part: above it nobody sees an address that he could misuse, and it is tested against a plain model.

import Jute

/// The znodes of one tree. Single owner; readers on other threads only while the owner does not write.
///
/// The store keeps a parent's `numChildren`, visible cversion and name bytes right; every other number is the caller's.
@safe
public final class NodeStore {
    let slab = Slab()
    let table = NodeTable()
    let hasher: PathHasher
    /// Positions of walks in progress, by number: each is the next block to visit, 0 at the end. They follow blocks
    /// that move and step over blocks that go.
    private(set) var walks: [Int: UInt32] = [:]
    private var walksBegun = 0
    var recentDigests = RecentDigests()

    init(seed: UInt64) { hasher = PathHasher(seed: seed) }

    var count: Int { table.count }
    var bytesInUse: Int { slab.bytesInUse }
    var bytesTouched: Int { slab.bytesTouched }

    func preferLargePages() { slab.preferLargePages() }
    var memoryAhead: MemoryAhead { MemoryAhead(slab) }

    // MARK: Finding

    /// "/" and "" are the same znode, stored under "".
    @inline(__always)
    static func canonical(_ path: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let isSlash = unsafe path.count == 1 && path[0] == UInt8(ascii: "/")
        return unsafe UnsafeRawBufferPointer(start: path.baseAddress, count: isSlash ? 0 : path.count)
    }

    /// For look-ups in a row, until the next change.
    @inline(__always)
    var finder: NodeFinder { unsafe NodeFinder(hasher, table.slots, old: table.old, blocks: slab.base) }

    @inline(__always)
    public func hash(of path: UnsafeRawBufferPointer) -> PathHash { unsafe hasher.hash(Self.canonical(path)) }

    /// The znode at `path`, whose hash was computed before.
    @inline(__always)
    public func lookup(_ hash: PathHash, path: UnsafeRawBufferPointer) -> NodeRef? {
        unsafe exact(hash, Self.canonical(path))
    }

    @inline(__always)
    private func exact(_ hash: PathHash, _ path: UnsafeRawBufferPointer) -> NodeRef? {
        let found = table.find(hash) { reference in
            let node = node(reference)
            return unsafe bytesEqual(node.path, path)
        }
        return found == 0 ? nil : node(found)
    }

    public func node(at path: UnsafeRawBufferPointer) -> NodeRef? { unsafe lookup(hash(of: path), path: path) }

    func node(at path: [UInt8]) -> NodeRef? { unsafe path.withUnsafeBytes { unsafe node(at: $0) } }

    /// The parent a path names: the text before its last '/'. Nil if there is no such znode or no '/'.
    func parent(ofPath path: UnsafeRawBufferPointer) -> NodeRef? {
        guard let slash = unsafe path.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let prefix = unsafe UnsafeRawBufferPointer(rebasing: path[0..<slash])
        return unsafe exact(hasher.hash(prefix), prefix)
    }

    /// Every znode but the root has one.
    func parent(of node: NodeRef) -> NodeRef? {
        if node.pathLength == 0 { return nil }
        guard let parent = unsafe parent(ofPath: node.path) else {
            preconditionFailure("znode of \(node.pathLength) bytes of path without its parent")
        }
        return parent
    }

    // MARK: Links

    @inline(__always)
    func node(_ reference: UInt32) -> NodeRef { unsafe NodeRef(slab.address(reference)) }

    @inline(__always)
    func reference(_ node: NodeRef) -> UInt32 { unsafe slab.reference(node.address) }

    @inline(__always)
    private func linked(_ reference: UInt32) -> NodeRef? { reference == 0 ? nil : node(reference) }

    @inline(__always)
    public func firstChild(of node: NodeRef) -> NodeRef? { linked(node.familyField(FamilyLayout.firstChild)) }

    @inline(__always)
    public func nextSibling(of node: NodeRef) -> NodeRef? { linked(node.field(BlockLayout.next)) }

    /// The part of a child's path after its parent's.
    @inline(__always)
    public func name(of child: NodeRef, in parent: NodeRef) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: child.path[(parent.pathLength + 1)...])
    }

    /// The znode after `node` when each comes before its children, `node`'s own left out.
    private func afterSubtree(of node: NodeRef) -> NodeRef? {
        var current = node
        while true {
            if let next = nextSibling(of: current) { return next }
            guard let parent = parent(of: current) else { return nil }
            current = parent
        }
    }

    /// The znode after `node` when each comes before its children.
    func afterInPreorder(_ node: NodeRef) -> NodeRef? { firstChild(of: node) ?? afterSubtree(of: node) }

    // MARK: Walks

    /// Starts a walk over all znodes, each before its children, that may be interrupted by writes.
    func beginWalk() -> Int {
        walksBegun += 1
        walks[walksBegun] = node(at: []).map(reference) ?? 0
        return walksBegun
    }

    func endWalk(_ walk: Int) { walks[walk] = nil }

    /// The znode the walk has come to, nil at its end.
    func current(_ walk: Int) -> NodeRef? {
        guard let position = walks[walk], position != 0 else { return nil }
        return node(position)
    }

    func advance(_ walk: Int) {
        guard let node = current(walk) else { return }
        walks[walk] = afterInPreorder(node).map(reference) ?? 0
    }

    /// Takes walks off a znode that goes.
    func stepOver(_ node: NodeRef, _ reference: UInt32) {
        for (walk, position) in walks where position == reference {
            walks[walk] = afterSubtree(of: node).map(self.reference) ?? 0
        }
    }

    /// Takes walks along with a block that has moved.
    func followMove(from reference: UInt32, to moved: UInt32) {
        for (walk, position) in walks where position == reference { walks[walk] = moved }
    }
}
