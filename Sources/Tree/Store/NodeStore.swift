// All znodes of one tree as blocks of memory, the table that finds them, the links between them. This folder is the
// sealed unsafe part: above it nobody sees an address that he could misuse, and it is tested against a plain model.

import Jute

/// The znodes of one tree. Single owner; readers on other threads only while the owner does not write.
///
/// The store keeps a parent's `numChildren`, visible cversion and name bytes right; every other number is the caller's.
@safe
package final class NodeStore {
    private let slab = Slab()
    let table = NodeTable()
    private let hasher: PathHasher
    /// Positions of walks in progress, by number: each is the next block to visit, 0 at the end. They follow blocks
    /// that move and step over blocks that go.
    private(set) var walks: [Int: UInt32] = [:]
    private var walksBegun = 0

    init(seed: UInt64) { hasher = PathHasher(seed: seed) }

    var count: Int { table.count }
    var bytesInUse: Int { slab.bytesInUse }
    var bytesTouched: Int { slab.bytesTouched }

    // MARK: Finding

    /// "/" and "" are the same znode, stored under "".
    @inline(__always)
    private static func canonical(_ path: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        if path.count == 1, unsafe path[0] == UInt8(ascii: "/") {
            return unsafe UnsafeRawBufferPointer(rebasing: path[0..<0])
        }
        return unsafe path
    }

    @inline(__always)
    package func hash(of path: UnsafeRawBufferPointer) -> PathHash { unsafe hasher.hash(Self.canonical(path)) }

    /// The znode at `path`, whose hash was computed before.
    @inline(__always)
    package func lookup(_ hash: PathHash, path: UnsafeRawBufferPointer) -> NodeRef? {
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

    package func node(at path: UnsafeRawBufferPointer) -> NodeRef? { unsafe lookup(hash(of: path), path: path) }

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

    @inline(__always)
    package func prefetchSlot(_ hash: PathHash) { table.prefetchSlot(hash) }

    /// Second pass over a batch: brings the block itself closer.
    @inline(__always)
    package func prefetchNode(_ hash: PathHash) {
        let likely = table.likely(hash)
        if likely != 0 { unsafe prefetchBlock(slab.address(likely)) }
    }

    // MARK: Links

    @inline(__always)
    func node(_ reference: UInt32) -> NodeRef { unsafe NodeRef(slab.address(reference)) }

    @inline(__always)
    func reference(_ node: NodeRef) -> UInt32 { unsafe slab.reference(node.address) }

    @inline(__always)
    private func linked(_ node: NodeRef, _ offset: Int) -> NodeRef? {
        let reference = node.field(offset)
        return reference == 0 ? nil : self.node(reference)
    }

    @inline(__always)
    package func firstChild(of node: NodeRef) -> NodeRef? { linked(node, BlockLayout.firstChild) }

    @inline(__always)
    package func nextSibling(of node: NodeRef) -> NodeRef? { linked(node, BlockLayout.next) }

    /// The part of a child's path after its parent's.
    @inline(__always)
    package func name(of child: NodeRef, in parent: NodeRef) -> UnsafeRawBufferPointer {
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

    // MARK: Changing

    /// Adds a znode below `parent`, nil for the root. The path must be free, not too long, and `parent` what it names.
    func insert(
        path: UnsafeRawBufferPointer, parent: NodeRef?, data: UnsafeRawBufferPointer?, stat: StatPersisted,
        kind: NodeKind, aclIndex: Int32
    ) -> NodeRef {
        precondition(path.count <= BlockLayout.maximumPathLength, "path of \(path.count) bytes")
        let dataLength = unsafe data?.count ?? 0
        let size = BlockLayout.size(pathLength: path.count, dataLength: dataLength, kind: kind)
        let reference = slab.allocate(bytes: size)
        let node = node(reference)
        node.setField(BlockLayout.firstChild, 0)
        node.setField(BlockLayout.next, 0)
        node.setField(BlockLayout.previous, 0)
        node.setField(BlockLayout.pathAndKind, UInt32(path.count) | kind.rawValue << 28)
        node.setField(BlockLayout.storedCVersion, UInt32(bitPattern: stat.cversion))
        node.setField(BlockLayout.aclIndex, UInt32(bitPattern: aclIndex))
        node.setField(BlockLayout.digest, 0)
        node.setField(BlockLayout.childNameBytes, 0)
        unsafe (node.address + BlockLayout.path).copy(path)
        unsafe node.write(data: data)
        node.writeStat(stat)
        unsafe table.insert(hasher.hash(path), reference)
        if let parent { link(node, reference, under: parent) }
        return node
    }

    /// New children stand first: a walk that has passed this parent does not meet them.
    private func link(_ node: NodeRef, _ reference: UInt32, under parent: NodeRef) {
        let head = parent.field(BlockLayout.firstChild)
        node.setField(BlockLayout.next, head)
        if head != 0 { self.node(head).setField(BlockLayout.previous, reference) }
        parent.setField(BlockLayout.firstChild, reference)
        countChild(node, of: parent, by: 1)
    }

    private func countChild(_ node: NodeRef, of parent: NodeRef, by delta: Int32) {
        let nameLength = UInt32(node.pathLength - parent.pathLength - 1)
        let names = parent.field(BlockLayout.childNameBytes)
        parent.setField(BlockLayout.childNameBytes, delta > 0 ? names &+ nameLength : names &- nameLength)
        parent.setStat32(StatLayout.numChildren, parent.stat32(StatLayout.numChildren) + delta)
        parent.refreshCVersion()
    }

    /// Removes a znode without children, never the root.
    func remove(_ node: NodeRef) {
        precondition(node.field(BlockLayout.firstChild) == 0, "a znode with \(node.childCount) children cannot go")
        guard let parent = parent(of: node) else { preconditionFailure("the root cannot go") }
        let reference = reference(node)
        if !walks.isEmpty { stepOver(node, reference) }
        let next = node.field(BlockLayout.next)
        let previous = node.field(BlockLayout.previous)
        if next != 0 { self.node(next).setField(BlockLayout.previous, previous) }
        if previous != 0 {
            self.node(previous).setField(BlockLayout.next, next)
        } else {
            parent.setField(BlockLayout.firstChild, next)
        }
        countChild(node, of: parent, by: -1)
        table.remove(unsafe hasher.hash(node.path), reference)
        slab.release(reference, bytes: node.blockSize)
    }

    /// Replaces the data. Returns where the znode is now: another size may need another block.
    func setData(_ node: NodeRef, _ data: UnsafeRawBufferPointer?) -> NodeRef {
        let stat = node.persisted
        let oldSize = node.blockSize
        let newSize = BlockLayout.size(
            pathLength: node.pathLength, dataLength: unsafe data?.count ?? 0, kind: node.kind)
        let children = node.stat32(StatLayout.numChildren)
        var target = node
        let fits = Slab.sizeClass(Slab.units(forBytes: oldSize)) == Slab.sizeClass(Slab.units(forBytes: newSize))
        let reference = reference(node)
        if !fits {
            let moved = slab.allocate(bytes: newSize)
            target = self.node(moved)
            unsafe target.address.copyMemory(from: node.address, byteCount: BlockLayout.path + node.pathLength)
            relink(node, reference, to: moved)
        }
        unsafe target.write(data: data)
        target.writeStat(stat)
        target.setStat32(StatLayout.numChildren, children)
        target.refreshCVersion()
        if !fits { slab.release(reference, bytes: oldSize) }
        return target
    }

    private func relink(_ node: NodeRef, _ reference: UInt32, to moved: UInt32) {
        let next = node.field(BlockLayout.next)
        let previous = node.field(BlockLayout.previous)
        if next != 0 { self.node(next).setField(BlockLayout.previous, moved) }
        if previous != 0 {
            self.node(previous).setField(BlockLayout.next, moved)
        } else if let parent = parent(of: node) {
            parent.setField(BlockLayout.firstChild, moved)
        }
        table.replace(unsafe hasher.hash(node.path), reference, with: moved)
        for (walk, position) in walks where position == reference { walks[walk] = moved }
    }

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

    private func stepOver(_ node: NodeRef, _ reference: UInt32) {
        for (walk, position) in walks where position == reference {
            walks[walk] = afterSubtree(of: node).map(self.reference) ?? 0
        }
    }
}
