// How a znode comes into being by a transaction, for those who want to know the outcome and for the replay of a log.

import Jute

/// What a create says besides path, data and list.
struct NewNode {
    /// The parent's number after this create; -1 where an old log does not tell.
    let parentCVersion: Int32
    let owner: Int64
    let kind: NodeKind

    init(_ parentCVersion: Int32, _ owner: Int64, _ kind: NodeKind) {
        self.parentCVersion = parentCVersion
        self.owner = owner
        self.kind = kind
    }
}

/// What became of a create.
enum Creation {
    case noParent
    case existed
    case created(NodeRef, parent: NodeRef)
}

extension DataTree {
    /// Creates a znode, quotas left out. `list` gives the index of its access control list, counted for it; it is asked
    /// only if there is a parent.
    @unsafe
    func create(
        _ path: UnsafeRawBufferPointer, _ data: UnsafeRawBufferPointer?, _ new: NewNode, _ header: TxnHeader,
        list: () -> Int32
    ) -> Creation {
        guard let parent = unsafe store.parent(ofPath: path).map(store.withFamily) else { return .noParent }
        let aclIndex = list()
        // The parent's number after this create. Upstream repairs it for an existing node only after type 1; then a
        // parent copied into a snapshot before its child would stay behind for ever, so here every type repairs it.
        let cversion = new.parentCVersion == -1 ? parent.storedCVersion &+ 1 : new.parentCVersion
        let hash = unsafe store.hash(of: path)
        if let existing = unsafe store.lookup(hash, path: path) {
            // The snapshot's table of lists may be older than its copy of this node (ZOOKEEPER-3306).
            replaceACL(of: existing, aclIndex)
            raiseCVersion(of: parent, to: cversion, header.zxid)
            return .existed
        }
        let stat = StatPersisted(
            czxid: header.zxid, mzxid: header.zxid, ctime: header.time, mtime: header.time, version: 0, cversion: 0,
            aversion: 0, ephemeralOwner: new.owner, pzxid: header.zxid)
        raiseCVersion(of: parent, to: cversion, header.zxid)
        let node = unsafe insert(
            path: path, hash, parent: parent, data: data, stat: stat, kind: new.kind, aclIndex: aclIndex)
        return .created(node, parent: parent)
    }
}
