// Creates of every kind. The order of the checks is the protocol's: a client can tell which error comes first.

import Jute

extension TxnBody {
    /// Which transaction a create is written as.
    enum CreateForm {
        case create, create2, container
        case ttl(Int64)
    }
}

extension TxnPreparer {
    /// A create, create2 or createContainer of its own, its flags judged.
    func createOperation(_ opCode: OpCode, _ request: CreateRequest) throws(ErrorCode) -> Operation {
        let mode = try mode(request.flags)
        if mode.hasTTL { throw options.extendedTypes ? .badArguments : .unimplemented }
        let form: TxnBody.CreateForm =
            opCode == .createContainer ? .container : opCode == .create2 ? .create2 : .create
        let kind: CreateOperation.Kind =
            opCode == .createContainer ? .container : opCode == .create2 ? .plainWithStat : .plain
        return .create(CreateOperation(kind, mode, request.path, request.data, request.acl), form)
    }

    /// A createTTL of its own. With flags of other nodes it would be a transaction that no server can apply.
    func createOperation(_ request: CreateTTLRequest) throws(ErrorCode) -> Operation {
        let mode = try mode(request.flags)
        if !mode.hasTTL { throw .badArguments }
        let operation = CreateOperation(.ttl(request.ttl), mode, request.path, request.data, request.acl)
        return .create(operation, .ttl(request.ttl))
    }

    private func mode(_ flags: Int32) throws(ErrorCode) -> CreateMode {
        guard let mode = CreateMode(rawValue: flags) else { throw .badArguments }
        return mode
    }

    mutating func create(
        _ operation: CreateOperation, _ form: TxnBody.CreateForm, _ turn: Turn, _ tree: some TreeReader,
        _ sessions: inout SessionExpiry
    ) throws(ErrorCode) -> TxnBody {
        try checkTTL(operation)
        if operation.mode.isEphemeral {
            try sessions.checkGlobal(turn.request.session, owner: turn.owner)
        } else {
            try sessions.check(turn.request.session, owner: turn.owner)
        }
        if operation.path.isNull { throw .marshallingError }
        guard ZnodePath.isDivisible(operation.path), let parentPath = ZnodePath.parent(of: operation.path)
        else { throw .badArguments }
        let acl = try options.access.fixUp(operation.acl, identities: turn.request.identities)
        guard let parent = changes.node(at: parentPath, in: tree) else { throw .noNode }
        try require(.create, of: parent.acl, turn)
        let path = operation.mode.isSequential ? numbered(operation.path, parent.stat.cversion) : operation.path
        if !ZnodePath.isValid(path) { throw .badArguments }
        if changes.node(at: path, in: tree) != nil { throw .nodeExists }
        let parentKind = OwnerKind(owner: parent.stat.ephemeralOwner, extendedTypes: options.extendedTypes)
        if parentKind.isSession { throw .noChildrenForEphemerals }
        if options.enforcesQuota {
            let bytes = Int64(operation.data?.count ?? 0)
            if let error = tree.quotaError(for: path, countDelta: 1, byteDelta: bytes) { throw error }
        }
        let parentCVersion = noteChild(of: parent, at: parentPath, turn, tree)
        note(operation, form, path, acl, turn, tree)
        return body(operation, form, path, acl, parentCVersion)
    }

    private func checkTTL(_ operation: CreateOperation) throws(ErrorCode) {
        guard case .ttl(let milliseconds) = operation.kind else { return }
        if !options.extendedTypes { throw .unimplemented }
        if !(1...NodeKind.maximumTTL).contains(milliseconds) { throw .badArguments }
    }

    /// The path with the parent's counter behind it: ten digits at least, signed.
    private func numbered(_ path: UString, _ counter: Int32) -> UString {
        let digits = Array(String(counter.magnitude).utf8)
        let sign: [UInt8] = counter < 0 ? [UInt8(ascii: "-")] : []
        let zeros = max(0, 10 - digits.count - sign.count)
        return UString(bytes: path.bytes + sign + [UInt8](repeating: UInt8(ascii: "0"), count: zeros) + digits)
    }

    /// Notes the parent with one more child; its stored cversion after the create. The same rule as applying:
    /// a counter that wrapped is not above the old one and changes nothing.
    private mutating func noteChild(
        of parent: NodeState, at path: UString, _ turn: Turn, _ tree: some TreeReader
    ) -> Int32 {
        var parent = parent
        let cversion = parent.stat.cversion &+ 1
        if cversion > parent.stat.cversion {
            parent.stat.cversion = cversion
            parent.stat.pzxid = turn.zxid
        }
        parent.childCount += 1
        changes.put(parent, at: path, zxid: turn.zxid, tree: tree)
        return cversion
    }

    private mutating func note(
        _ operation: CreateOperation, _ form: TxnBody.CreateForm, _ path: UString, _ acl: [ACL], _ turn: Turn,
        _ tree: some TreeReader
    ) {
        let kind: OwnerKind =
            switch form {
            case .create, .create2: operation.mode.isEphemeral ? .session(turn.request.session) : .persistent
            case .container: .container
            case .ttl(let milliseconds): .ttl(milliseconds)
            }
        let stat = StatPersisted(
            czxid: turn.zxid, mzxid: turn.zxid, ctime: turn.time, mtime: turn.time, version: 0, cversion: 0,
            aversion: 0, ephemeralOwner: kind.owner, pzxid: turn.zxid)
        let length = Int32(operation.data?.count ?? 0)
        let node = NodeState(stat: stat, childCount: 0, dataLength: length, acl: acl)
        changes.put(node, at: path, data: .some(operation.data), zxid: turn.zxid, tree: tree)
    }

    private func body(
        _ operation: CreateOperation, _ form: TxnBody.CreateForm, _ path: UString, _ acl: [ACL],
        _ parentCVersion: Int32
    ) -> TxnBody {
        let plain = CreateTxn(
            path: path, data: operation.data, acl: acl, ephemeral: operation.mode.isEphemeral,
            parentCVersion: parentCVersion)
        switch form {
        case .create: return .create(plain)
        case .create2: return .create2(plain)
        case .container:
            return .createContainer(
                CreateContainerTxn(path: path, data: operation.data, acl: acl, parentCVersion: parentCVersion))
        case .ttl(let milliseconds):
            return .createTTL(
                CreateTTLTxn(
                    path: path, data: operation.data, acl: acl, parentCVersion: parentCVersion, ttl: milliseconds))
        }
    }
}
