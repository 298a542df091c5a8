// How blocks come, go and move. Apart from the store's look-ups, which readers use.

import Jute

extension NodeStore {
    // MARK: Coming

    /// Adds a znode below `parent`, nil for the root. The path must be free, not too long, `hash` its own, and `parent`
    /// what it names, with room for children (`withFamily`).
    func insert(
        path: UnsafeRawBufferPointer, _ hash: PathHash, parent: NodeRef?, data: UnsafeRawBufferPointer?,
        stat: StatPersisted,
        kind: NodeKind, aclIndex: Int32
    ) -> NodeRef {
        let node = unsafe place(path: path, parent: parent, data: data, stat: stat, kind: kind, aclIndex: aclIndex)
        table.insert(hash, reference(node))
        return node
    }

    /// As `insert`, but the znode cannot be found by its path until it stands in the table.
    func place(
        path: UnsafeRawBufferPointer, parent: NodeRef?, data: UnsafeRawBufferPointer?, stat: StatPersisted,
        kind: NodeKind, aclIndex: Int32
    ) -> NodeRef {
        precondition(path.count <= BlockLayout.maximumPathLength, "path of \(path.count) bytes")
        let hasFamily = stat.cversion != 0
        let size = BlockLayout.size(
            pathLength: path.count, dataLength: unsafe data?.count ?? 0, kind: kind, hasFamily: hasFamily)
        let reference = slab.allocate(bytes: size)
        let node = node(reference)
        node.setField(BlockLayout.next, 0)
        node.setField(BlockLayout.previous, 0)
        let flag = hasFamily ? BlockLayout.familyFlag : 0
        node.setField(BlockLayout.pathAndKind, UInt32(path.count) | kind.rawValue << 28 | flag)
        node.setField(BlockLayout.aclIndex, UInt32(bitPattern: aclIndex))
        unsafe (node.address + BlockLayout.path).copy(path)
        unsafe node.write(data: data)
        node.writeStat(stat)
        if let parent { link(node, reference, under: parent) }
        return node
    }

    /// New children stand first: a walk that has passed this parent does not meet them.
    private func link(_ node: NodeRef, _ reference: UInt32, under parent: NodeRef) {
        let head = parent.familyField(FamilyLayout.firstChild)
        node.setField(BlockLayout.next, head)
        if head != 0 { self.node(head).setField(BlockLayout.previous, reference) }
        parent.setFamilyField(FamilyLayout.firstChild, reference)
        countChild(node, of: parent, by: 1)
    }

    private func countChild(_ node: NodeRef, of parent: NodeRef, by delta: Int32) {
        let nameLength = node.pathLength - parent.pathLength - 1
        parent.setChildNameBytes(parent.childNameBytes + Int(delta) * nameLength)
        parent.setStat32(StatLayout.numChildren, parent.stat32(StatLayout.numChildren) + delta)
        parent.refreshCVersion()
    }

    // MARK: Going

    /// Removes a znode without children, never the root. Any other block may move.
    func remove(_ node: NodeRef) {
        precondition(node.familyField(FamilyLayout.firstChild) == 0, "\(node.childCount) children stand in the way")
        guard let parent = parent(of: node) else { preconditionFailure("the root cannot go") }
        let reference = reference(node)
        if !walks.isEmpty { stepOver(node, reference) }
        let next = node.field(BlockLayout.next)
        let previous = node.field(BlockLayout.previous)
        if next != 0 { self.node(next).setField(BlockLayout.previous, previous) }
        if previous != 0 {
            self.node(previous).setField(BlockLayout.next, next)
        } else {
            parent.setFamilyField(FamilyLayout.firstChild, next)
        }
        countChild(node, of: parent, by: -1)
        table.remove(unsafe hasher.hash(node.path), reference)
        vacate(reference, bytes: node.blockSize)
    }

    // MARK: Changing shape

    /// Replaces the data. Returns where the znode is now. If it needs a block of another size, any block may move.
    func setData(_ node: NodeRef, _ data: UnsafeRawBufferPointer?) -> NodeRef {
        unsafe reshape(node, data, hasFamily: node.hasFamily)
    }

    /// The znode with room for children. If it had none, any block may move.
    func withFamily(_ node: NodeRef) -> NodeRef {
        if node.hasFamily { return node }
        return unsafe reshape(node, node.dataIsNull ? nil : node.data, hasFamily: true)
    }

    private func reshape(_ node: NodeRef, _ data: UnsafeRawBufferPointer?, hasFamily: Bool) -> NodeRef {
        let stat = node.persisted
        let children = node.stat32(StatLayout.numChildren)
        let firstChild = node.familyField(FamilyLayout.firstChild)
        let nameBytes = node.childNameBytes
        let oldSize = node.blockSize
        let newSize = BlockLayout.size(
            pathLength: node.pathLength, dataLength: unsafe data?.count ?? 0, kind: node.kind, hasFamily: hasFamily)
        let reference = reference(node)
        let stays = SizeClass(bytes: oldSize) == SizeClass(bytes: newSize)
        var target = node
        if !stays {
            let moved = slab.allocate(bytes: newSize)
            target = self.node(moved)
            unsafe target.address.copyMemory(from: node.address, byteCount: BlockLayout.path + node.pathLength)
            relink(target, reference, to: moved)
        }
        unsafe target.write(data: data)
        if hasFamily {
            target.setField(BlockLayout.pathAndKind, target.field(BlockLayout.pathAndKind) | BlockLayout.familyFlag)
        }
        target.writeStat(stat)
        if hasFamily {
            target.setFamilyField(FamilyLayout.firstChild, firstChild)
            target.setChildNameBytes(nameBytes)
        }
        target.setStat32(StatLayout.numChildren, children)
        target.refreshCVersion()
        if !stays { vacate(reference, bytes: oldSize) }
        return target
    }

    // MARK: Moving

    /// Gives a block back and tells whatever refers to the one that takes its place.
    private func vacate(_ reference: UInt32, bytes: Int) {
        recentDigests.take(reference)
        let last = slab.release(reference, bytes: bytes)
        if last != 0 { relink(node(reference), last, to: reference) }
    }

    /// `node` is the block in its new place, as it was in the old one at least up to its path.
    private func relink(_ node: NodeRef, _ reference: UInt32, to moved: UInt32) {
        // First: what stood in the old place must not be found any more.
        table.replace(unsafe hasher.hash(node.path), reference, with: moved)
        recentDigests.move(reference, to: moved)
        let next = node.field(BlockLayout.next)
        let previous = node.field(BlockLayout.previous)
        if next != 0 { self.node(next).setField(BlockLayout.previous, moved) }
        if previous != 0 {
            self.node(previous).setField(BlockLayout.next, moved)
        } else if let parent = parent(of: node) {
            parent.setFamilyField(FamilyLayout.firstChild, moved)
        }
        if !walks.isEmpty { followMove(from: reference, to: moved) }
    }
}
