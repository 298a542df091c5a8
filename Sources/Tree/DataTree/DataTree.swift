// The replicated state: znodes, sessions, access control lists and what is derived from them. One owner, no locks, no
// clock.

public import Jute

/// The state that all servers of an ensemble share, moved from zxid to zxid by `apply`.
///
/// Not `Sendable`: it belongs to the loop that applies commits. Other threads read through a `ReadView`, under a lock
/// that the owner also takes for each batch of changes.
public final class DataTree {
    let store: NodeStore
    let seed: UInt64
    let digestEnabled: Bool
    let extendedTypes: Bool

    /// The last transaction applied.
    public internal(set) var lastProcessedZxid = Zxid.zero
    /// Timeouts in milliseconds.
    public internal(set) var sessions: [SessionID: Int32] = [:]
    public internal(set) var aclTable = ACLTable()
    /// Sum of the znodes' digests modulo 2^64 (ZooKeeper 3.6 and later, digest version 2); 0 if digests are off.
    var digest: UInt64 = 0
    /// What it was; nothing is noted before the tree is known to be the ensemble's.
    public internal(set) var digestLog = DigestLog()
    /// Loaded from a snapshot, and not found equal to the ensemble's tree since.
    var awaitsFirstAgreement = false

    var ephemeralPaths: [SessionID: Set<UString>] = [:]
    public internal(set) var ephemeralsCount = 0
    /// Containers and TTL nodes, for whoever removes them when their time has come.
    public internal(set) var containers: Set<UString> = []
    public internal(set) var ttlNodes: Set<UString> = []
    /// Paths that have limits under /zookeeper/quota.
    var governedPaths: Set<UString> = []
    /// Bytes of all paths and data.
    var pathAndDataBytes = 0

    /// An empty tree, as a new ensemble begins with it. `seed` keys the hash of paths: draw it at random, since paths
    /// come from clients. Without `extendedTypes` (`zookeeper.extendedTypesEnabled`) an owner 0xff… is a session's.
    public convenience init(seed: UInt64, digestEnabled: Bool = true, extendedTypes: Bool = true) {
        self.init(withoutNodes: seed, digestEnabled: digestEnabled, extendedTypes: extendedTypes)
        for path in ["", ZnodePath.system, ZnodePath.quota] as [UString] { insertBuiltIn(path) }
        insertConfigIfMissing()
    }

    /// For loading a snapshot.
    init(withoutNodes seed: UInt64, digestEnabled: Bool, extendedTypes: Bool) {
        self.seed = seed
        self.digestEnabled = digestEnabled
        self.extendedTypes = extendedTypes
        store = NodeStore(seed: seed)
    }

    private func insertBuiltIn(_ path: UString) {
        insert(path: path.bytes, data: [], stat: .zero, kind: .persistent, aclIndex: ACLTable.open)
    }

    /// Every tree has /zookeeper/config, which everybody may read. Its list was set with version -1 (ZooKeeper,
    /// `DataTree.addConfigNode`).
    func insertConfigIfMissing() {
        if node(at: ZnodePath.config) != nil { return }
        var stat = StatPersisted.zero
        stat.aversion = -1
        let acl = aclTable.intern([ACL.readUnsafe])
        insert(path: ZnodePath.config.bytes, data: [], stat: stat, kind: .persistent, aclIndex: acl)
    }

    /// After loading a snapshot: the zxid its file is named by, from which replay starts.
    public func resetLastProcessedZxid(_ zxid: Zxid) { lastProcessedZxid = zxid }

    /// Writes the initial text of /zookeeper/config, which is no transaction: its Stat stays as it is.
    public func setConfig(_ data: [UInt8]?) {
        guard let node = node(at: ZnodePath.config) else { preconditionFailure("no \(ZnodePath.config)") }
        replaceData(of: node, data)
    }

    public var treeDigest: Int64 { Int64(bitPattern: digest) }

    /// Lists that znodes refer to and nobody has told of. A fuzzy snapshot may begin with some; after replay there
    /// must be none.
    public var unresolvedACLCount: Int { aclTable.unresolvedCount }

    /// As upstream counts: the root has two names.
    public var nodeCount: Int { store.count + 1 }

    /// As upstream counts: the root's second name is one byte.
    public var approximateDataSize: Int { pathAndDataBytes + 1 }

    /// Bytes of memory that znodes occupy, and that they have occupied at most.
    public var memory: (inUse: Int, touched: Int) { (store.bytesInUse, store.bytesTouched) }

    /// To be called once nobody waits for the tree any more, loaded or empty: from then on memory comes in large pages.
    public func preferLargePages() { store.preferLargePages() }

    /// For a thread that gets memory ready while this tree is filled.
    public var memoryAhead: MemoryAhead { store.memoryAhead }

    // MARK: Looking up

    public func node(at path: UString) -> NodeRef? { store.node(at: path.bytes) }
    public func node(at path: [UInt8]) -> NodeRef? { store.node(at: path) }

    public func data(of node: NodeRef) -> [UInt8]? { node.dataBytes }
    public func stat(of node: NodeRef) -> Stat { node.clientStat }
    public func persisted(of node: NodeRef) -> StatPersisted { node.persisted }
    public func path(of node: NodeRef) -> UString { node.clientPath }
    public func acl(of node: NodeRef) -> [ACL] { aclTable[node.aclIndex] }
    public func acl(at index: Int32) -> [ACL] { aclTable[index] }

    /// The children's names, in no order.
    public func children(of node: NodeRef) -> [UString] {
        var names: [UString] = []
        names.reserveCapacity(node.childCount)
        var child = store.firstChild(of: node)
        while let current = child {
            names.append(UString(bytes: unsafe [UInt8](store.name(of: current, in: node))))
            child = store.nextSibling(of: current)
        }
        return names
    }

    public func parent(of node: NodeRef) -> NodeRef? { store.parent(of: node) }

    /// The ephemerals a session owns, sorted.
    public func ephemerals(of session: SessionID) -> [UString] { (ephemeralPaths[session] ?? []).sorted(by: byBytes) }

    /// Sessions that own at least one ephemeral, sorted.
    public var ephemeralOwners: [SessionID] { ephemeralPaths.keys.sorted() }
}

extension StatPersisted {
    static let zero = StatPersisted(
        czxid: .zero, mzxid: .zero, ctime: 0, mtime: 0, version: 0, cversion: 0, aversion: 0, ephemeralOwner: 0,
        pzxid: .zero)
}

/// The order in which anything that must be the same everywhere is listed.
func byBytes(_ a: UString, _ b: UString) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
