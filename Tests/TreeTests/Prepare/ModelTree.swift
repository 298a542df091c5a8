// The tree as an obvious dictionary: what the preparer's foresight is compared with.

import Jute
import Tree

struct ModelTree: TreeReader {
    struct Node: Equatable {
        var stat: StatPersisted
        var data: [UInt8]?
        var acl: [ACL]
    }

    var nodes: [UString: Node] = [:]
    var sessions: [SessionID: Int32] = [:]
    var lastProcessedZxid = Zxid.zero
    var limits: [UString: ErrorCode] = [:]

    init() {
        for path: UString in ["/", "/zookeeper", "/zookeeper/quota"] { nodes[path] = Node(stat: Self.zeros, acl: []) }
        nodes["/zookeeper/config"] = Node(stat: Self.zeros, acl: [.readUnsafe])
    }

    static let zeros = StatPersisted(
        czxid: .zero, mzxid: .zero, ctime: 0, mtime: 0, version: 0, cversion: 0, aversion: 0, ephemeralOwner: 0,
        pzxid: .zero)

    func children(of path: UString) -> [UString] {
        nodes.keys.filter { $0 != ZnodePath.root && ZnodePath.parent(of: $0) == path }
    }

    func nodeState(at path: UString) -> NodeState? {
        guard let node = nodes[path] else { return nil }
        return NodeState(
            stat: node.stat, childCount: Int32(children(of: path).count), dataLength: Int32(node.data?.count ?? 0),
            acl: node.acl, digest: digest(at: path, node))
    }

    private func digest(at path: UString, _ node: Node) -> UInt64 {
        NodeDigest.counts(path) ? NodeDigest.value(prefix: digestPrefix(at: path), stat: node.stat) : 0
    }

    func digestPrefix(at path: UString) -> UInt32 { NodeDigest.prefix(path: path, data: nodes[path]?.data) }

    var currentDigest: UInt64 {
        nodes.reduce(0) { sum, entry in
            sum &+ digest(at: entry.key, entry.value)
        }
    }

    func ephemerals(of session: SessionID) -> [UString] {
        nodes.filter { $0.value.stat.ephemeralOwner == session.rawValue }.map(\.key)
    }

    func quotaError(for path: UString, countDelta: Int64, byteDelta: Int64) -> ErrorCode? { limits[path] }

    mutating func apply(_ record: TxnRecord) {
        apply(record.body, record.header)
        lastProcessedZxid = max(lastProcessedZxid, record.zxid)
    }

    private mutating func apply(_ body: TxnBody, _ header: TxnHeader) {
        switch body {
        case .create(let txn), .create2(let txn):
            let owner = txn.ephemeral ? header.clientId.rawValue : 0
            create(txn.path, txn.data, txn.acl, txn.parentCVersion, owner, header)
        case .createTTL(let txn):
            create(txn.path, txn.data, txn.acl, txn.parentCVersion, OwnerKind.ttl(txn.ttl).owner, header)
        case .createContainer(let txn): create(txn.path, txn.data, txn.acl, txn.parentCVersion, .min, header)
        case .delete(let txn), .deleteContainer(let txn): delete(txn.path, header)
        case .setData(let txn), .reconfig(let txn):
            nodes[txn.path]?.data = txn.data
            nodes[txn.path]?.stat.version = txn.version
            nodes[txn.path]?.stat.mtime = header.time
            nodes[txn.path]?.stat.mzxid = header.zxid
        case .setACL(let txn):
            nodes[txn.path]?.acl = txn.acl ?? []
            nodes[txn.path]?.stat.aversion = txn.version
        case .multi(let bodies):
            if bodies.contains(where: { $0.opCode == .error }) { return }
            for body in bodies { apply(body, header) }
        case .createSession(let txn): sessions[header.clientId] = txn.timeOut
        case .closeSession(let txn):
            sessions[header.clientId] = nil
            for path in txn?.paths2Delete ?? [] { delete(path, header) }
        case .check, .error: break
        }
    }

    private mutating func create(
        _ path: UString, _ data: [UInt8]?, _ acl: [ACL]?, _ cversion: Int32, _ owner: Int64, _ header: TxnHeader
    ) {
        guard let parent = ZnodePath.parent(of: path), let old = nodes[parent]?.stat else { return }
        if cversion > old.cversion {
            nodes[parent]?.stat.cversion = cversion
            nodes[parent]?.stat.pzxid = header.zxid
        }
        let stat = StatPersisted(
            czxid: header.zxid, mzxid: header.zxid, ctime: header.time, mtime: header.time, version: 0, cversion: 0,
            aversion: 0, ephemeralOwner: owner, pzxid: header.zxid)
        nodes[path] = Node(stat: stat, data: data, acl: acl ?? [])
    }

    private mutating func delete(_ path: UString, _ header: TxnHeader) {
        guard let parent = ZnodePath.parent(of: path), let pzxid = nodes[parent]?.stat.pzxid else { return }
        nodes[parent]?.stat.pzxid = max(pzxid, header.zxid)
        nodes[path] = nil
    }
}
