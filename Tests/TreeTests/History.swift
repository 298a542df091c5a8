// Transactions for tests, as a leader would write them over a live tree, and a seeded source of random ones.

import Jute
import Tree

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}

let openACL = [ACL(perms: 31, id: Id(scheme: "world", id: "anyone"))]
let readACL = [ACL(perms: 1, id: Id(scheme: "world", id: "anyone"))]
let bobACL = [ACL(perms: 31, id: Id(scheme: "digest", id: "bob:secret"))]

func parentPath(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
}

/// A live tree and every transaction it has seen.
struct History {
    let tree: DataTree
    private(set) var log: [TxnRecord] = []
    var zxid: Int64 = 0x1_0000_0000
    var now: Int64 = 1_700_000_000_000
    /// How many of a hundred closed sessions name their ephemerals. Without the names replay over a fuzzy snapshot cannot
    /// know every parent (ZOOKEEPER-3145).
    var listedPercent = 100

    init(seed: UInt64 = 1, digestEnabled: Bool = true) { tree = DataTree(seed: seed, digestEnabled: digestEnabled) }

    /// After so many random transactions.
    static func grown(seed: UInt64, steps: Int, listedPercent: Int = 100) -> History {
        var random = SeededRandom(seed: seed)
        var history = History(seed: seed)
        history.listedPercent = listedPercent
        for _ in 0..<steps { history.step(&random) }
        return history
    }

    /// Applies one transaction that carries no digest, then notes it with the digest the tree has reached.
    @discardableResult
    mutating func commit(_ body: TxnBody, session: Int64 = 0x100, zxid given: Int64? = nil) -> AppliedTxn {
        zxid = given ?? zxid + 1
        now += 7
        let header = TxnHeader(
            clientId: SessionID(session), cxid: Xid(1), zxid: Zxid(zxid), time: now, type: body.opCode.rawValue)
        let applied = tree.apply(TxnRecord(header: header, body: body, digest: nil))
        var digest: TxnDigest? = TxnDigest(version: 2, treeDigest: tree.treeDigest)
        if case .error = body { digest = nil }
        log.append(TxnRecord(header: header, body: body, digest: digest))
        return applied
    }

    func nextCVersion(_ path: String) -> Int32 {
        guard let node = tree.node(at: UString(parentPath(path))) else { return -1 }
        return node.storedCVersion &+ 1
    }

    func creation(
        _ path: String, _ data: [UInt8]? = [], _ acl: [ACL]? = openACL, ephemeral: Bool = false
    ) -> CreateTxn {
        CreateTxn(path: UString(path), data: data, acl: acl, ephemeral: ephemeral, parentCVersion: nextCVersion(path))
    }

    @discardableResult
    mutating func create(
        _ path: String, _ data: [UInt8]? = [], _ acl: [ACL]? = openACL, ephemeral: Bool = false, session: Int64 = 0x100
    ) -> AppliedTxn {
        commit(.create2(creation(path, data, acl, ephemeral: ephemeral)), session: session)
    }

    @discardableResult
    mutating func delete(_ path: String) -> AppliedTxn { commit(.delete(DeleteTxn(path: UString(path)))) }

    @discardableResult
    mutating func setData(_ path: String, _ data: [UInt8]?) -> AppliedTxn {
        let version = tree.node(at: UString(path)).map { $0.version &+ 1 } ?? 1
        return commit(.setData(SetDataTxn(path: UString(path), data: data, version: version)))
    }

    @discardableResult
    mutating func setACL(_ path: String, _ acl: [ACL]) -> AppliedTxn {
        let version = tree.node(at: UString(path)).map { $0.aversion &+ 1 } ?? 1
        return commit(.setACL(SetACLTxn(path: UString(path), acl: acl, version: version)))
    }

    @discardableResult
    mutating func open(_ session: Int64) -> AppliedTxn {
        commit(.createSession(CreateSessionTxn(timeOut: 30_000)), session: session)
    }

    @discardableResult
    mutating func close(_ session: Int64, listed: Bool = true) -> AppliedTxn {
        let paths = tree.ephemerals(of: SessionID(session))
        return commit(.closeSession(listed ? CloseSessionTxn(paths2Delete: paths) : nil), session: session)
    }
}

extension History {
    private static let names = ["a", "b", "c", "dd", "eee"]

    /// A path that exists more often than not.
    private func somePath(_ random: inout SeededRandom) -> String {
        var path = ""
        for _ in 0...random.below(3) { path += "/" + Self.names[random.below(Self.names.count)] }
        return path
    }

    private func isLeaf(_ path: String) -> Bool { tree.node(at: UString(path))?.childCount == 0 }

    private func mayCreate(_ path: String) -> Bool {
        guard let parent = tree.node(at: UString(parentPath(path))), !parent.isEphemeral else { return false }
        return tree.node(at: UString(path)) == nil
    }

    private static func someACL(_ random: inout SeededRandom) -> [ACL] {
        switch random.below(4) {
        case 0: bobACL
        case 1: [ACL(perms: 1, id: Id(scheme: "digest", id: UString("u\(random.below(5)):x")))]
        default: openACL
        }
    }

    /// One random transaction that a leader could have proposed.
    mutating func step(_ random: inout SeededRandom) {
        let path = somePath(&random)
        let upath = UString(path)
        switch random.below(14) {
        case 0...4:
            guard mayCreate(path) else { return fail(.nodeExists) }
            commit(someCreate(path, &random), session: 0x100 + Int64(random.below(4)))
        case 5...7:
            if isLeaf(path) { delete(path) } else { fail(.notEmpty) }
        case 8, 9:
            let data: [UInt8]? = random.chance(10) ? nil : random.bytes(random.below(random.chance(3) ? 9000 : 90))
            if tree.node(at: upath) != nil { setData(path, data) } else { fail(.noNode) }
        case 10:
            if tree.node(at: upath) != nil { setACL(path, Self.someACL(&random)) } else { fail(.noNode) }
        case 11: open(0x100 + Int64(random.below(4)))
        case 12: close(0x100 + Int64(random.below(4)), listed: random.chance(listedPercent))
        default: multi(path, &random)
        }
    }

    private mutating func fail(_ code: ErrorCode) { commit(.error(ErrorTxn(err: code))) }

    private func someCreate(_ path: String, _ random: inout SeededRandom) -> TxnBody {
        let data = random.bytes(random.below(60))
        let acl = Self.someACL(&random)
        let cversion = nextCVersion(path)
        switch random.below(6) {
        case 0:
            return .createContainer(
                CreateContainerTxn(path: UString(path), data: data, acl: acl, parentCVersion: cversion))
        case 1:
            return .createTTL(
                CreateTTLTxn(path: UString(path), data: data, acl: acl, parentCVersion: cversion, ttl: 5000))
        case 2: return .create(creation(path, data, acl, ephemeral: true))
        case 3: return .create2(creation(path, data, acl, ephemeral: true))
        case 4: return .create(creation(path, data, acl))
        default: return .create2(creation(path, data, acl))
        }
    }

    /// At most one creation and one deletion, of different parents, so that the numbers written are right.
    private mutating func multi(_ path: String, _ random: inout SeededRandom) {
        var bodies: [TxnBody] = []
        let other = somePath(&random)
        if let node = tree.node(at: UString(other)) {
            bodies.append(.check(CheckVersionTxn(path: UString(other), version: node.version &+ 1)))
            bodies.append(
                .setData(SetDataTxn(path: UString(other), data: random.bytes(20), version: node.version &+ 1)))
        }
        if mayCreate(path) { bodies.append(someCreate(path, &random)) }
        let gone = somePath(&random)
        if isLeaf(gone), parentPath(path) != gone, parentPath(gone) != parentPath(path) {
            bodies.append(.delete(DeleteTxn(path: UString(gone))))
        }
        if random.chance(20) { bodies = bodies.map { _ in .error(ErrorTxn(err: .runtimeInconsistency)) } }
        commit(.multi(bodies))
    }
}
