// What comes before and after a failover run: the znodes of the writers, and the look at what is in them. Separate since
// every reply counts here, while the run itself expects losses.
import Jute
import Synchronization

/// One session that goes through the writers' znodes once.
struct WriterChildren: Workload {
    /// Per writer, one after the other.
    enum Course: Sendable {
        /// A new child, whose versions count from 0.
        case make
        /// Compare the child with the record, then delete it. The sync makes the server show all that is committed.
        case check

        var steps: [RequestKind] {
            switch self {
            case .make: [.deleteChild, .createChild]
            case .check: [.sync, .getChild, .deleteChild]
            }
        }
    }

    private let keys: Keyspace
    private let ledger: WriteLedger
    private let steps: [RequestKind]
    private let total: Int
    private var asked = 0
    private var answers = 0

    init(_ course: Course, keys: Keyspace, ledger: WriteLedger, writers: Int) {
        self.keys = keys
        self.ledger = ledger
        steps = course.steps
        total = writers * steps.count
    }

    private static let noNode: Int32 = -101

    var isFinished: Bool { answers == total }

    func tolerates(error: Int32, for request: PendingRequest) -> Bool {
        error == Self.noNode && (request.kind == .deleteChild || request.kind == .getChild)
    }

    mutating func ask(session: Int, xid: Int32, nowNs: Int64, into writer: inout RequestWriter) -> Asked? {
        guard asked < total else { return nil }
        let kind = steps[asked % steps.count], znode = asked / steps.count
        asked += 1
        switch kind {
        case .createChild: writer.createChild(znode, sequence: 0, xid: xid, keys)
        case .sync: writer.sync(znode, xid: xid, keys)
        case .getChild: writer.readChild(.getData, znode, watch: false, xid: xid, keys)
        default: writer.deleteChild(znode, xid: xid, keys)
        }
        return Asked(kind, znode)
    }

    mutating func answered(
        session: Int, _ request: PendingRequest, _ reply: Reply, nowNs: Int64
    ) throws(SessionFault) -> Int64? {
        if request.kind == .getChild { check(Int(request.key), reply) }
        answers += 1
        if isFinished { ledger.visits.add(1, ordering: .relaxed) }
        return nil
    }

    private func check(_ writer: Int, _ reply: Reply) {
        let record = ledger.change(writer) { $0 }
        let fault: String? =
            if let value = reply.sequence, let version = reply.version {
                record.fault(value: value, version: Int64(version))
            } else {
                "its znode is gone"
            }
        if let fault { ledger.findings.withLock { $0.append("writer \(writer): \(fault)") } }
    }
}
