// Brings the znodes into being, so that the other workloads find what they ask for.
import Synchronization

/// Whether the preparation is complete, for those outside its loop.
final class PrepareBoard: Sendable {
    private let whether = Atomic<Bool>(false)

    var isDone: Bool { whether.load(ordering: .acquiring) }
    func finish() { whether.store(true, ordering: .releasing) }
}

/// Creates root, groups and znodes, deeply pipelined, many znodes with one multi. A batch that is refused, because some
/// of its znodes are there already, is asked for one by one; those that exist get their value written. One loop only.
struct PrepareLoad: Workload {
    /// Each waits for all replies of the one before: children need their parents.
    private enum Step: Int { case root, groups, batches, znodes, values, done }

    private let keys: Keyspace
    private let board: PrepareBoard
    /// No multis: each znode is a transaction.
    private let isSingly: Bool
    let restless: Range<Int>
    private var step = Step.root
    /// Next number to ask for in this step.
    private var next = 0
    /// Replies in this step.
    private var answers = 0
    /// Znodes of refused batches, or all if there are none.
    private var refused: [Int] = []
    /// Those of them that were there already.
    private var existing: [Int] = []

    init(keys: Keyspace, board: PrepareBoard, share: LoopShare, isSingly: Bool) {
        precondition(share.loops == 1, "the steps of a preparation are counted on one loop, not \(share.loops)")
        self.keys = keys
        self.board = board
        self.isSingly = isSingly
        if isSingly { refused = Array(0..<keys.shape.znodes) }
        restless = 0..<share.sessions
    }

    private static let nodeExists: Int32 = -110

    var isFinished: Bool { step == .done }

    /// Requests of the step under way.
    private var size: Int {
        switch step {
        case .root: 1
        case .groups: keys.shape.groups
        case .batches: isSingly ? 0 : keys.shape.batches
        case .znodes: refused.count
        case .values: existing.count
        case .done: 0
        }
    }

    func tolerates(error: Int32, for request: PendingRequest) -> Bool {
        error == Self.nodeExists && (request.kind == .create || request.kind == .createParent)
    }

    mutating func ask(session: Int, xid: Int32, nowNs: Int64, into writer: inout RequestWriter) -> Asked? {
        guard next < size else { return nil }
        let number = next
        next += 1
        switch step {
        case .root:
            writer.createParent(nil, xid: xid, keys)
            return Asked(.createParent, number)
        case .groups:
            writer.createParent(number, xid: xid, keys)
            return Asked(.createParent, number)
        case .batches:
            writer.createBatch(number, xid: xid, keys)
            return Asked(.createBatch, number)
        case .znodes:
            writer.create(refused[number], xid: xid, keys)
            return Asked(.create, refused[number])
        case .values:
            writer.set(existing[number], xid: xid, keys)
            return Asked(.setData, existing[number])
        case .done: return nil
        }
    }

    mutating func answered(
        session: Int, _ request: PendingRequest, _ reply: Reply, nowNs: Int64
    ) throws(SessionFault) -> Int64? {
        let number = Int(request.key)
        switch request.kind {
        case .closeSession: return nil
        case .createBatch where !reply.isMultiDone: refused += keys.shape.batch(number)
        case .create where reply.error != 0: existing.append(number)
        default: break
        }
        answers += 1
        if answers == size { advance() }
        return nil
    }

    private mutating func advance() {
        repeat { step = Step(rawValue: step.rawValue + 1) ?? .done } while size == 0 && step != .done
        next = 0
        answers = 0
        if step == .done { board.finish() }
    }
}
