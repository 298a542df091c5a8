// A leader in miniature: a preparer, a model tree that lags behind, sessions.

import Jute
import Testing
import Tree

struct PreparerRig {
    static let client = SessionID(0x1_0000)
    static let other = SessionID(0x2_0000)
    static let owner = SessionOwner(7)
    static let open: [ACL] = [.openUnsafe]

    var preparer: TxnPreparer
    var tree = ModelTree()
    /// The real tree, fed the same transactions; the preparer looks at it instead of the model if so asked.
    let realTree = DataTree(seed: 5)
    var usesRealTree = false
    /// Transactions whose digest the real tree did not arrive at, or which it could not apply.
    var surprises: [TxnRecord] = []
    var sessions = SessionExpiry(tickTime: 1000)
    var zxid = Zxid(0x1_0000_0000)
    var time: Int64 = 1_000_000
    /// Proposed and not yet applied.
    var outstanding: [TxnRecord] = []

    init(_ options: PreparerOptions = PreparerOptions(extendedTypes: true)) {
        preparer = TxnPreparer(options: options)
        sessions.track(Self.client, timeout: 10_000, now: 0)
        sessions.track(Self.other, timeout: 10_000, now: 0)
    }

    /// Prepares and keeps the transaction outstanding.
    mutating func prepare(
        _ opCode: OpCode, _ body: [UInt8], session: SessionID = client, identities: [Id] = [],
        owner: SessionOwner = owner
    ) -> Prepared {
        let request = WriteRequest(
            session: session, cxid: Xid(1), opCode: opCode.rawValue, body: body, identities: identities)
        time += 3
        let prepared =
            if usesRealTree {
                preparer.prepare(
                    request, from: owner, zxid: zxid.next, time: time, now: 0, tree: realTree, sessions: &sessions)
            } else {
                preparer.prepare(
                    request, from: owner, zxid: zxid.next, time: time, now: 0, tree: tree, sessions: &sessions)
            }
        if case .txn(let record) = prepared {
            zxid = zxid.next
            outstanding.append(record)
        }
        return prepared
    }

    mutating func prepare(
        _ opCode: OpCode, _ record: some JuteRecord, session: SessionID = client, identities: [Id] = []
    ) -> Prepared {
        prepare(opCode, encoded(record), session: session, identities: identities)
    }

    mutating func create(
        _ path: UString, flags: Int32 = 0, data: [UInt8]? = [], acl: [ACL]? = open, session: SessionID = client,
        identities: [Id] = []
    ) -> Prepared {
        let request = CreateRequest(path: path, data: data, acl: acl, flags: flags)
        return prepare(.create, request, session: session, identities: identities)
    }

    mutating func multi(_ operations: [(OpCode, any JuteRecord)], session: SessionID = client) -> Prepared {
        var encoder = JuteEncoder()
        for (opCode, record) in operations {
            encoder.write(MultiHeader(type: opCode.rawValue, done: false, err: ErrorCode(-1)))
            record.encode(into: &encoder)
        }
        encoder.write(MultiHeader.end)
        return prepare(.multi, encoder.bytes, session: session)
    }

    mutating func applyOne() {
        if outstanding.isEmpty { return }
        let record = outstanding.removeFirst()
        tree.apply(record)
        let applied = realTree.apply(record)
        var expected = ErrorCode.ok
        if case .error(let txn) = record.body { expected = txn.err }
        if applied.digestMismatch || applied.result.error != expected { surprises.append(record) }
    }

    mutating func applyAll() { while !outstanding.isEmpty { applyOne() } }
}

func encoded(_ record: some JuteRecord) -> [UInt8] {
    var encoder = JuteEncoder()
    encoder.write(record)
    return encoder.bytes
}

extension Prepared {
    var body: TxnBody? { if case .txn(let record) = self { record.body } else { nil } }

    /// The error of an error transaction, `ok` for any other.
    var error: ErrorCode? {
        guard let body else { return nil }
        if case .error(let txn) = body { return txn.err }
        return .ok
    }

    /// The errors of a failed multi.
    var errors: [ErrorCode]? {
        guard case .multi(let bodies) = body else { return nil }
        return bodies.map { if case .error(let txn) = $0 { txn.err } else { .ok } }
    }

    var createdPath: UString? {
        switch body {
        case .create(let txn), .create2(let txn): txn.path
        case .createContainer(let txn): txn.path
        case .createTTL(let txn): txn.path
        default: nil
        }
    }
}

/// A small generator with a seed, so that a failure can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed &+ 0x9e37_79b9_7f4a_7c15 }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}
