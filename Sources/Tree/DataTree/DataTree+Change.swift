// The few ways a znode changes, each keeping digest, indexes and sizes in step. Apart from the rules of transactions,
// which are written in these terms, and from loading, which uses them too.

import Jute

extension DataTree {
    /// Adds a znode whose parent exists and whose path is free. `aclIndex` must be counted for it already.
    @discardableResult
    func insert(path: [UInt8], data: [UInt8]?, stat: StatPersisted, kind: NodeKind, aclIndex: Int32) -> NodeRef {
        unsafe path.withUnsafeBytes { path in
            let parent = unsafe store.parent(ofPath: path).map(store.withFamily)
            return unsafe withBytes(of: data) { data in
                unsafe insert(
                    path: path, store.hasher.hash(path), parent: parent, data: data, stat: stat, kind: kind,
                    aclIndex: aclIndex)
            }
        }
    }

    /// As above, with the path hashed, and the parent found and given room for children.
    func insert(
        path: UnsafeRawBufferPointer, _ hash: PathHash, parent: NodeRef?, data: UnsafeRawBufferPointer?,
        stat: StatPersisted, kind: NodeKind, aclIndex: Int32
    ) -> NodeRef {
        let node = unsafe store.insert(
            path: path, hash, parent: parent, data: data, stat: stat, kind: kind, aclIndex: aclIndex)
        didPlace(node)
        account(node)
        return node
    }

    /// Takes a new znode into what is derived from the znodes, the digest left out.
    func didPlace(_ node: NodeRef) {
        pathAndDataBytes += node.pathLength + node.dataLength
        if node.kind != .persistent { index(node.pathString, node.kind, SessionID(node.storedOwner)) }
    }

    private func index(_ path: UString, _ kind: NodeKind, _ owner: SessionID) {
        switch kind {
        case .persistent: break
        case .ephemeral:
            ephemeralPaths[owner, default: []].insert(path)
            ephemeralsCount += 1
        case .container: containers.insert(path)
        case .ttl: ttlNodes.insert(path)
        }
    }

    private func unindex(_ path: UString, _ kind: NodeKind, _ owner: SessionID) {
        switch kind {
        case .persistent: break
        case .ephemeral:
            ephemeralPaths[owner]?.remove(path)
            if ephemeralPaths[owner]?.isEmpty == true { ephemeralPaths[owner] = nil }
            ephemeralsCount -= 1
        case .container: containers.remove(path)
        case .ttl: ttlNodes.remove(path)
        }
    }

    /// Removes a znode without children and lets go of its list.
    func remove(_ node: NodeRef) {
        discount(node)
        pathAndDataBytes -= node.pathLength + node.dataLength
        if node.kind != .persistent { unindex(node.pathString, node.kind, SessionID(node.storedOwner)) }
        aclTable.release(node.aclIndex)
        store.remove(node)
    }

    /// Replaces the data, and the numbers that `stamp` writes. Returns where the znode is now.
    @discardableResult
    func replaceData(of node: NodeRef, _ data: [UInt8]?, stamp: (NodeRef) -> Void = { _ in }) -> NodeRef {
        discount(node)
        stamp(node)
        pathAndDataBytes += (data?.count ?? 0) - node.dataLength
        let node = unsafe withBytes(of: data) { unsafe store.setData(node, $0) }
        account(node)
        return node
    }

    /// Makes the list at `index`, counted for this znode already, govern it. Lists do not count in digests.
    func replaceACL(of node: NodeRef, _ index: Int32) {
        aclTable.release(node.aclIndex)
        node.setField(BlockLayout.aclIndex, UInt32(bitPattern: index))
    }

    /// A child came (`zxid`, with the parent's cversion after it). Neither number is ever lowered: the parent may
    /// come from a snapshot that already held a later child (ZOOKEEPER-3249). The parent has room for children.
    func raiseCVersion(of parent: NodeRef, to cversion: Int32, _ zxid: Zxid) {
        if cversion <= parent.storedCVersion { return }
        discount(parent)
        parent.setFamilyField(FamilyLayout.storedCVersion, UInt32(bitPattern: cversion))
        parent.refreshCVersion()
        parent.setStat64(StatLayout.pzxid, zxid.rawValue)
        account(parent)
    }

    /// A child went.
    func raisePzxid(of parent: NodeRef, to zxid: Zxid) {
        if zxid <= parent.pzxid { return }
        discount(parent)
        parent.setStat64(StatLayout.pzxid, zxid.rawValue)
        account(parent)
    }

    /// Adds a znode, as it is now, to the tree's digest. Before any of its numbers or its data changes it is taken out
    /// again by `discount`.
    func account(_ node: NodeRef) {
        guard digestEnabled else { return }
        let share = NodeDigest.of(node)
        store.recentDigests.note(share, of: store.reference(node))
        digest &+= share
    }

    func discount(_ node: NodeRef) {
        guard digestEnabled else { return }
        digest &-= store.recentDigests.take(store.reference(node)) ?? NodeDigest.of(node)
    }

    @unsafe
    func withBytes<Result>(of data: [UInt8]?, _ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        guard let data else { return body(nil) }
        return unsafe data.withUnsafeBytes { unsafe body($0) }
    }
}
