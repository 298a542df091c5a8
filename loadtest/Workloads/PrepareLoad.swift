// Brings the znodes into being, so that the other workloads find what they ask for.
import Synchronization

/// How far the preparation is; shared by the sessions of all loops.
final class PrepareBoard: Sendable {
    /// One step waits for all replies of the one before: children need their parents.
    enum Step: Int, Sendable { case root, groups, znodes, values, done }

    let shape: KeyspaceShape
    let step = Atomic<Int>(Step.root.rawValue)
    /// Next number to ask for in this step.
    let next = Atomic<Int>(0)
    /// Replies in this step.
    let answered = Atomic<Int>(0)
    /// Znodes that were there already; their values are then written anew.
    let existed = Atomic<Int>(0)

    init(_ shape: KeyspaceShape) { self.shape = shape }

    func size(of step: Step) -> Int {
        switch step {
        case .root: 1
        case .groups: shape.groups
        case .znodes, .values: shape.znodes
        case .done: 0
        }
    }

    var current: Step { Step(rawValue: step.load(ordering: .acquiring)) ?? .done }

    /// The caller has counted the last reply of `step`.
    func advance(from step: Step) {
        answered.store(0, ordering: .relaxed)
        next.store(0, ordering: .relaxed)
        let following: Step =
            switch step {
            case .root: .groups
            case .groups: .znodes
            case .znodes: existed.load(ordering: .relaxed) > 0 ? .values : .done
            case .values, .done: .done
            }
        self.step.store(following.rawValue, ordering: .releasing)
    }
}

/// Creates root, groups and znodes, deeply pipelined; existing znodes get their value written.
struct PrepareLoad: Workload {
    private let keys: Keyspace
    private let board: PrepareBoard
    let restless: Range<Int>

    init(keys: Keyspace, board: PrepareBoard, sessions: Int) {
        self.keys = keys
        self.board = board
        restless = 0..<sessions
    }

    private static let nodeExists: Int32 = -110

    var isFinished: Bool { board.current == .done }

    func tolerates(error: Int32, for request: PendingRequest) -> Bool {
        error == Self.nodeExists && (request.kind == .create || request.kind == .createParent)
    }

    mutating func ask(session: Int, xid: Int32, nowNs: Int64, into writer: inout RequestWriter) -> Asked? {
        let step = board.current
        let size = board.size(of: step)
        guard board.next.load(ordering: .relaxed) < size else { return nil }
        let number = board.next.add(1, ordering: .relaxed).oldValue
        guard number < size else { return nil }
        switch step {
        case .root:
            writer.createParent(nil, xid: xid, keys)
            return Asked(.createParent, number)
        case .groups:
            writer.createParent(number, xid: xid, keys)
            return Asked(.createParent, number)
        case .znodes:
            writer.create(number, xid: xid, keys)
            return Asked(.create, number)
        case .values:
            writer.set(number, xid: xid, keys)
            return Asked(.setData, number)
        case .done: return nil
        }
    }

    mutating func answered(
        session: Int, _ request: PendingRequest, _ reply: Reply, nowNs: Int64
    ) throws(SessionFault) -> Int64? {
        if request.kind == .closeSession { return nil }
        if reply.error != 0, request.kind == .create { board.existed.add(1, ordering: .relaxed) }
        let step = board.current
        let count = board.answered.add(1, ordering: .acquiringAndReleasing).newValue
        if count == board.size(of: step) { board.advance(from: step) }
        return nil
    }
}
