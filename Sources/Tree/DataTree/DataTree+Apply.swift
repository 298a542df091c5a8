// What each type of transaction does to the tree. The same rules replay a log over a snapshot taken while the tree
// changed.

public import Jute

extension DataTree {
    /// Applies one committed transaction, or replays it. Errors of single operations are results: live they were found
    /// out before the transaction was proposed, in replay they mean that the snapshot already held the effect.
    ///
    /// - Parameter listsChanges: false where nobody watches: then `changes` stays empty.
    public func apply(_ txn: TxnRecord, listsChanges: Bool = true) -> AppliedTxn {
        var changes = ChangeList()
        changes.isWanted = listsChanges
        var applied = apply(txn, listing: &changes)
        applied.changes = changes.list
        return applied
    }

    /// As `apply(_:listsChanges:)`, but the changes are appended to `changes`, whose memory the caller uses again, if they
    /// are wanted there, and not in what is returned.
    public func apply(_ txn: TxnRecord, listing changes: inout ChangeList) -> AppliedTxn {
        let result = perform(txn.body, txn.header, &changes)
        var applied = AppliedTxn(zxid: txn.zxid, result: result, changes: [])
        if case .closeSession = txn.body { applied.closedSession = txn.header.clientId }
        applied.digestMismatch = didApply(txn.zxid, txn.digest)
        return applied
    }

    /// Ends a transaction; returns whether the tree has another digest than it should have.
    ///
    /// A tree loaded from a snapshot may hold effects of transactions that are yet to come, so it is judged only from
    /// the first transaction on after which it agrees.
    func didApply(_ zxid: Zxid, _ expected: TxnDigest?) -> Bool {
        lastProcessedZxid = max(lastProcessedZxid, zxid)
        guard digestEnabled else { return false }
        var agrees = true
        if let expected, expected.version == TxnDigest.currentVersion {
            agrees = expected.treeDigest == treeDigest
            if agrees { awaitsFirstAgreement = false }
        }
        if awaitsFirstAgreement { return false }
        digestLog.note(digest, after: zxid)
        return !agrees
    }

    private func perform(_ body: TxnBody, _ header: TxnHeader, _ changes: inout ChangeList) -> TxnResult {
        switch body {
        case .create(let txn), .create2(let txn):
            let owner = txn.ephemeral ? header.clientId.rawValue : 0
            let new = NewNode(txn.parentCVersion, owner, Self.kind(ofSession: owner))
            return create(txn.path, txn.data, txn.acl, new, header, &changes)
        case .createContainer(let txn):
            let new = NewNode(txn.parentCVersion, NodeKind.containerOwner, .container)
            return create(txn.path, txn.data, txn.acl, new, header, &changes)
        case .createTTL(let txn):
            let owner = NodeKind.ttlMask | (txn.ttl & NodeKind.maximumTTL)
            let kind = NodeKind(owner: owner, extendedTypes: extendedTypes) ?? .ttl
            return create(
                txn.path, txn.data, txn.acl, NewNode(txn.parentCVersion, owner, kind), header, &changes)
        case .delete(let txn), .deleteContainer(let txn): return delete(txn.path, header.zxid, &changes)
        case .setData(let txn): return setData(txn, header, &changes)
        case .reconfig(let txn): return reconfigure(txn, header, &changes)
        case .setACL(let txn): return setACL(txn)
        case .check(let txn): return node(at: txn.path) == nil ? .error(.noNode) : .checked
        case .multi(let bodies): return multi(bodies, header, &changes)
        case .createSession(let txn):
            sessions[header.clientId] = txn.timeOut
            return .session
        case .closeSession(let txn):
            close(header.clientId, txn?.paths2Delete ?? [], header.zxid, &changes)
            return .session
        case .error(let txn): return .error(txn.err)
        }
    }

    /// A session's id decides nothing but that the node is ephemeral, whatever its top byte.
    static func kind(ofSession owner: Int64) -> NodeKind { owner == 0 ? .persistent : .ephemeral }

    // MARK: Creating

    private func create(
        _ path: UString, _ data: [UInt8]?, _ acl: [ACL]?, _ new: NewNode, _ header: TxnHeader,
        _ changes: inout ChangeList
    ) -> TxnResult {
        let creation = unsafe path.bytes.withUnsafeBytes { path in
            unsafe withBytes(of: data) { unsafe create(path, $0, new, header) { aclTable.intern(acl) } }
        }
        switch creation {
        case .noParent: return .error(.noNode)
        case .existed: return .error(.nodeExists)
        case .created(let node, let parent):
            let result = TxnResult.created(path: path, stat: node.clientStat)
            changes.append(TreeChange(kind: .created, path: path, zxid: header.zxid, acl: hearers(of: node)))
            changes.append(childrenChanged(parent, header.zxid))
            quotaDidCreate(path, bytes: data?.count ?? 0)
            return result
        }
    }

    private func parent(ofPath path: UString) -> NodeRef? {
        unsafe path.bytes.withUnsafeBytes { unsafe store.parent(ofPath: $0) }
    }

    /// The list that decides who may hear of a change, nil if everybody may.
    private func hearers(of node: NodeRef) -> [ACL]? {
        aclTable.isReadable(node.aclIndex) ? nil : aclTable[node.aclIndex]
    }

    private func childrenChanged(_ parent: NodeRef, _ zxid: Zxid) -> TreeChange {
        TreeChange(kind: .childrenChanged, path: parent.clientPath, zxid: zxid, acl: hearers(of: parent))
    }

    // MARK: Deleting

    private func delete(_ path: UString, _ zxid: Zxid, _ changes: inout ChangeList) -> TxnResult {
        guard let parent = parent(ofPath: path) else { return .error(.noNode) }
        // Even when the node is not there: the parent may be older than the deletion (ZOOKEEPER-3125).
        raisePzxid(of: parent, to: zxid)
        guard let node = node(at: path), node.pathLength > 0 else { return .error(.noNode) }
        changes.append(TreeChange(kind: .deleted, path: path, zxid: zxid, acl: hearers(of: node)))
        changes.append(childrenChanged(parent, zxid))
        removeSubtree(node)
        return .deleted
    }

    /// Live, a deleted znode has no children. In replay it may: the snapshot held a later znode of the same path with
    /// children of its own, and all of them will be created again.
    private func removeSubtree(_ node: NodeRef) {
        let path = node.pathString
        while let child = deepestFirstChild(path) { removeCounted(child) }
        if let node = self.node(at: path) { removeCounted(node) }
    }

    private func deepestFirstChild(_ path: UString) -> NodeRef? {
        guard let node = node(at: path), var deepest = store.firstChild(of: node) else { return nil }
        while let child = store.firstChild(of: deepest) { deepest = child }
        return deepest
    }

    private func removeCounted(_ node: NodeRef) {
        let path = node.pathString
        let bytes = node.dataLength
        remove(node)
        quotaDidDelete(path, bytes: bytes)
    }

    private func close(_ session: SessionID, _ paths: [UString], _ zxid: Zxid, _ changes: inout ChangeList) {
        sessions[session] = nil
        for path in paths { _ = delete(path, zxid, &changes) }
        for path in ephemerals(of: session) { _ = delete(path, zxid, &changes) }
    }

    // MARK: Setting

    private func setData(_ txn: SetDataTxn, _ header: TxnHeader, _ changes: inout ChangeList) -> TxnResult {
        guard let node = node(at: txn.path) else { return .error(.noNode) }
        let before = node.dataLength
        let changed = replaceData(of: node, txn.data) {
            $0.setStat32(StatLayout.version, txn.version)
            $0.setStat64(StatLayout.mtime, header.time)
            $0.setStat64(StatLayout.mzxid, header.zxid.rawValue)
        }
        let stat = changed.clientStat
        // The root alone has two names.
        let path = txn.path.bytes.isEmpty ? changed.clientPath : txn.path
        changes.append(TreeChange(kind: .dataChanged, path: path, zxid: header.zxid, acl: hearers(of: changed)))
        quotaDidSetData(path, bytes: (txn.data?.count ?? 0) - before)
        return .stat(stat)
    }

    private func reconfigure(_ txn: SetDataTxn, _ header: TxnHeader, _ changes: inout ChangeList) -> TxnResult {
        let result = setData(txn, header, &changes)
        guard case .stat(let stat) = result else { return result }
        return .reconfigured(data: txn.data, stat: stat)
    }

    private func setACL(_ txn: SetACLTxn) -> TxnResult {
        guard let node = node(at: txn.path) else { return .error(.noNode) }
        discount(node)
        node.setStat32(StatLayout.aversion, txn.version)
        replaceACL(of: node, aclTable.intern(txn.acl))
        account(node)
        return .stat(node.clientStat)
    }

    // MARK: Multi

    private func multi(_ bodies: [TxnBody], _ header: TxnHeader, _ changes: inout ChangeList) -> TxnResult {
        let failed = bodies.contains { if case .error = $0 { true } else { false } }
        if failed { return .multi(Self.refused(bodies)) }
        var results: [MultiResult] = []
        results.reserveCapacity(bodies.count)
        for body in bodies {
            results.append(MultiResult(opCode: body.opCode, result: perform(body, header, &changes)))
        }
        return .multi(results)
    }

    /// Nothing of a failed multi is applied: operations before the failing one report 0, those after it -2.
    private static func refused(_ bodies: [TxnBody]) -> [MultiResult] {
        var code = ErrorCode.ok
        return bodies.map { body in
            if case .error(let txn) = body {
                if txn.err != .ok { code = .runtimeInconsistency }
                return MultiResult(opCode: .error, result: .error(txn.err))
            }
            return MultiResult(opCode: .error, result: .error(code))
        }
    }
}

/// The changes of one transaction, as far as somebody wants to know them.
public struct ChangeList {
    public private(set) var list: [TreeChange] = []
    /// While this is false nothing is appended.
    public var isWanted = true
    /// Room for so many changes is kept from one transaction to the next.
    private static let keptCount = 1024

    public init() {}

    public mutating func removeAll() { list.removeAll(keepingCapacity: list.count <= Self.keptCount) }

    fileprivate mutating func append(_ change: @autoclosure () -> TreeChange) { if isWanted { list.append(change()) } }
}
