// Deletes, new data, new lists, checks. The order of the checks is the protocol's.

import Jute

extension TxnPreparer {
    func require(_ permission: Permission, of acl: [ACL], _ turn: Turn) throws(ErrorCode) {
        if !options.access.allows(permission, acl: acl, identities: turn.request.identities) { throw .noAuth }
    }

    /// The node that a request names. What a valid path must be need not be found out where it leads to one.
    private func existingNode(at path: UString, _ tree: some TreeReader) throws(ErrorCode) -> NodeState {
        if ZnodePath.isAbsolute(path), let node = changes.node(at: path, in: tree) { return node }
        throw ZnodePath.isValid(path) ? .noNode : .badArguments
    }

    /// The version after a change that expects `expected`; -1 expects nothing. Wraps.
    private func next(_ current: Int32, expected: Int32) throws(ErrorCode) -> Int32 {
        if expected != -1 && expected != current { throw .badVersion }
        return current &+ 1
    }

    /// The parent of a node that may be deleted.
    private func parentOfDeletable(_ path: UString) throws(ErrorCode) -> UString {
        if path.isNull { throw .marshallingError }
        guard ZnodePath.isDivisible(path), !ZnodePath.isUndeletable(path), let parent = ZnodePath.parent(of: path)
        else { throw .badArguments }
        return parent
    }

    mutating func delete(
        _ request: DeleteRequest, _ turn: Turn, _ tree: some TreeReader, _ sessions: inout SessionExpiry
    ) throws(ErrorCode) -> TxnBody {
        try sessions.check(turn.request.session, owner: turn.owner)
        let parentPath = try parentOfDeletable(request.path)
        guard let parent = changes.node(at: parentPath, in: tree) else { throw .noNode }
        try require(.delete, of: parent.acl, turn)
        guard let node = changes.node(at: request.path, in: tree) else { throw .noNode }
        _ = try next(node.stat.version, expected: request.version)
        if node.childCount > 0 { throw .notEmpty }
        noteDelete(of: request.path, parent, at: parentPath, turn, tree)
        return .delete(DeleteTxn(path: request.path))
    }

    /// The cleaner's delete: no session, no list. The node may have changed since the cleaner saw it.
    mutating func deleteContainer(
        _ path: UString, _ turn: Turn, _ tree: some TreeReader
    ) throws(ErrorCode) -> TxnBody {
        let parentPath = try parentOfDeletable(path)
        guard let parent = changes.node(at: parentPath, in: tree), let node = changes.node(at: path, in: tree)
        else { throw .noNode }
        if node.childCount > 0 { throw .notEmpty }
        switch OwnerKind(owner: node.stat.ephemeralOwner, extendedTypes: options.extendedTypes) {
        case .container: break
        case .ttl(let milliseconds): if turn.time - node.stat.mtime <= milliseconds { throw .badVersion }
        case .persistent, .session: throw .badVersion
        }
        noteDelete(of: path, parent, at: parentPath, turn, tree)
        return .deleteContainer(DeleteTxn(path: path))
    }

    mutating func noteDelete(
        of path: UString, _ parent: NodeState, at parentPath: UString, _ turn: Turn, _ tree: some TreeReader
    ) {
        var parent = parent
        parent.childCount -= 1
        parent.stat.pzxid = max(parent.stat.pzxid, turn.zxid)
        changes.put(parent, at: parentPath, zxid: turn.zxid, tree: tree)
        changes.delete(path, zxid: turn.zxid, tree: tree)
    }

    mutating func setData(
        _ request: SetDataRequest, _ turn: Turn, _ tree: some TreeReader, _ sessions: inout SessionExpiry
    ) throws(ErrorCode) -> TxnBody {
        try sessions.check(turn.request.session, owner: turn.owner)
        var node = try existingNode(at: request.path, tree)
        try require(.write, of: node.acl, turn)
        let length = Int32(request.data?.count ?? 0)
        if options.enforcesQuota {
            let bytes = Int64(length) - Int64(node.dataLength)
            if let error = tree.quotaError(for: request.path, countDelta: 0, byteDelta: bytes) { throw error }
        }
        node.stat.version = try next(node.stat.version, expected: request.version)
        node.stat.mtime = turn.time
        node.stat.mzxid = turn.zxid
        node.dataLength = length
        changes.put(node, at: request.path, data: .some(request.data), zxid: turn.zxid, tree: tree)
        return .setData(SetDataTxn(path: request.path, data: request.data, version: node.stat.version))
    }

    mutating func setACL(
        _ request: SetACLRequest, _ turn: Turn, _ tree: some TreeReader, _ sessions: inout SessionExpiry
    ) throws(ErrorCode) -> TxnBody {
        try sessions.check(turn.request.session, owner: turn.owner)
        if !ZnodePath.isValid(request.path) { throw .badArguments }
        let acl = try options.access.fixUp(request.acl, identities: turn.request.identities)
        guard var node = changes.node(at: request.path, in: tree) else { throw .noNode }
        try require(.admin, of: node.acl, turn)
        node.stat.aversion = try next(node.stat.aversion, expected: request.version)
        node.acl = acl
        changes.put(node, at: request.path, zxid: turn.zxid, tree: tree)
        return .setACL(SetACLTxn(path: request.path, acl: acl, version: node.stat.aversion))
    }

    mutating func check(
        _ request: CheckVersionRequest, _ turn: Turn, _ tree: some TreeReader, _ sessions: inout SessionExpiry
    ) throws(ErrorCode) -> TxnBody {
        try sessions.check(turn.request.session, owner: turn.owner)
        let node = try existingNode(at: request.path, tree)
        try require(.read, of: node.acl, turn)
        let version = try next(node.stat.version, expected: request.version)
        return .check(CheckVersionTxn(path: request.path, version: version))
    }
}
