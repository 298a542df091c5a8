// A replica of one server without election, log or disk: every write is prepared, applied and answered at once. It
// stands behind the client port in its tests.
import Jute
import Libevent
import MeerkatServer
import Replica
import Synchronization
import Tree

/// Runs on its own thread; the port's workers post to it.
final class FakeReplica: ReplicaInbox {
    struct Options: Sendable {
        var workers = 1
        var tickTimeMs: Int32 = 500
        var extendedTypes = true
        var enforcesQuota = true
        var rules = ACLRules(superDigest: "super:lK75jTNcA+U9vtVEw5vB51mj/w4=")
        /// Applied before anybody connects: zxids 1, 2, ...
        var seedPaths: [UString] = ["/rec"]
        /// Children the root had before: each created and deleted again.
        var formerChildren = 0
        /// Milliseconds that a batch of inputs waits, so that requests meet writes in flight.
        var delayMs: Int64 = 0
    }

    /// Every transaction since clients are served, in order.
    var history: [TxnRecord] { log.withLock { $0 } }
    private let log = TxnList()

    final class TxnList: Sendable {
        private let records = Mutex<[TxnRecord]>([])
        func withLock<Result: Sendable>(_ body: (inout sending [TxnRecord]) -> sending Result) -> Result {
            records.withLock(body)
        }
    }

    private enum Message: Sendable {
        case inputs([ClientInput])
        case run(@Sendable (DataTree) -> Void)
        case stopServing
        case startServing
    }

    let published: PublishedTree
    private let mailbox = BlockingMailbox<Message>(capacity: 1 << 20)
    private let thread: NamedThread

    init(_ options: Options = Options()) {
        let tree = DataTree(seed: 42, extendedTypes: options.extendedTypes)
        Self.seed(tree, options)
        published = PublishedTree(tree: tree, workers: options.workers, batchSteps: 64)
        _ = published.perform([.startServing(.leader(Epoch(0)))])
        let (published, mailbox, log) = (published, mailbox, log)
        thread = NamedThread(name: "replica") {
            let ensemble = Ensemble(options, published, log)
            while let messages = mailbox.takeAll(waitingUpToMs: 20) {
                for message in messages {
                    switch message {
                    case .inputs(let inputs):
                        if options.delayMs > 0 { Pause.milliseconds(options.delayMs) }
                        for input in inputs { ensemble.receive(input) }
                        ensemble.publish()
                    case .run(let body): body(published.tree)
                    case .stopServing: _ = published.perform([.stopServing(reason: "test")])
                    case .startServing: _ = published.perform([.startServing(.leader(Epoch(0)))])
                    }
                }
                ensemble.expire()
                ensemble.publish()
            }
        }
    }

    /// The recordings' servers had a client that made /rec and closed its session.
    private static func seed(_ tree: DataTree, _ options: Options) {
        var bodies: [TxnBody] = []
        for _ in 0..<options.formerChildren {
            bodies.append(create("/former"))
            bodies.append(.delete(DeleteTxn(path: "/former")))
        }
        bodies += options.seedPaths.map(create)
        bodies.append(.error(ErrorTxn(err: .noNode)))
        for body in bodies {
            let header = TxnHeader(
                clientId: .none, cxid: Xid(0), zxid: Zxid(tree.lastProcessedZxid.rawValue + 1), time: WallClock.nowMs,
                type: body.opCode.rawValue)
            _ = tree.apply(TxnRecord(header: header, body: body, digest: nil))
        }
    }

    private static func create(_ path: UString) -> TxnBody {
        .create(CreateTxn(path: path, data: [], acl: [.openUnsafe], ephemeral: false, parentCVersion: -1))
    }

    func post(_ inputs: [ClientInput]) -> Bool { mailbox.post(.inputs(inputs)) }

    /// Returns when it is done.
    func stopServing() {
        _ = mailbox.post(.stopServing)
        inspect { _ in }
    }
    /// Returns when it is done.
    func startServing() {
        _ = mailbox.post(.startServing)
        inspect { _ in }
    }

    /// Looks at the tree on its own thread and waits for the result.
    func inspect<Result: Sendable>(_ body: @escaping @Sendable (DataTree) -> Result) -> Result {
        let answer = BlockingMailbox<Result>(capacity: 1)
        _ = mailbox.post(.run { tree in _ = answer.post(body(tree)) })
        guard let result = answer.takeAll()?.first else { preconditionFailure("the replica's thread has ended") }
        return result
    }

    func stop() {
        mailbox.close()
        thread.join()
    }
}

/// The part of a leader that clients notice.
private final class Ensemble {
    private let published: PublishedTree
    private var preparer: TxnPreparer
    private var sessions: SessionExpiry
    private var ids = SessionIDGenerator(server: ServerID(1), now: WallClock.nowMs)
    private var lastZxid: Zxid
    private let owner = SessionOwner(1)
    private var steps: [PublishedTree.Step] = []
    private let log: FakeReplica.TxnList

    init(_ options: FakeReplica.Options, _ published: PublishedTree, _ log: FakeReplica.TxnList) {
        self.log = log
        self.published = published
        preparer = TxnPreparer(
            options: PreparerOptions(
                access: options.rules, enforcesQuota: options.enforcesQuota, extendedTypes: options.extendedTypes))
        sessions = SessionExpiry(tickTime: options.tickTimeMs)
        lastZxid = published.tree.lastProcessedZxid
    }

    func receive(_ input: ClientInput) {
        let now = MonotonicClock.nowMs
        switch input {
        case .openSession(let client, let timeoutMs):
            let request = WriteRequest(
                session: ids.next(), cxid: Xid(0), opCode: OpCode.createSession.rawValue,
                body: CreateSessionTxn(timeOut: timeoutMs).encoded(), identities: [])
            prepare(request, .createSession, client)
        case .reattachSession(let client, let session, let timeoutMs):
            let isAlive = sessions.revalidate(session, timeout: timeoutMs, owner: owner, now: now)
            steps.append(.answer(client, isAlive ? .reattached(session, timeoutMs: timeoutMs) : .sessionInvalid))
        case .request(let client, let request):
            guard let opCode = OpCode(rawValue: request.opCode), opCode != .sync else {
                steps.append(.answer(client, .synced(request.cxid)))
                return
            }
            prepare(request, opCode, client)
        case .touched(let touched):
            for (session, timeoutMs) in touched { _ = sessions.touch(session, timeout: timeoutMs, now: now) }
        case .disconnected: break
        }
    }

    func expire() {
        for session in sessions.expire(now: MonotonicClock.nowMs) {
            let request = WriteRequest(
                session: session, cxid: Xid(0), opCode: OpCode.closeSession.rawValue, body: [], identities: [])
            prepare(request, .closeSession, nil)
        }
    }

    private func prepare(_ request: WriteRequest, _ opCode: OpCode, _ client: ClientID?) {
        let prepared = preparer.prepare(
            request, from: owner, zxid: Zxid(lastZxid.rawValue + 1), time: WallClock.nowMs, now: MonotonicClock.nowMs,
            tree: published.tree, sessions: &sessions)
        switch prepared {
        case .refused(let error): if let client { steps.append(.answer(client, .refused(request.cxid, error))) }
        case .txn(let record):
            lastZxid = record.zxid
            log.withLock { $0.append(record) }
            let origin = client.map { Origin(client: $0, session: request.session, xid: request.cxid, opCode: opCode) }
            steps.append(.apply(record, origin: origin))
            if opCode == .closeSession, case .closeSession = record.body { sessions.remove(request.session) }
        }
    }

    func publish() {
        guard !steps.isEmpty else { return }
        let report = published.perform(steps)
        precondition(report.digestMismatches.isEmpty, "digests differ after \(report.digestMismatches)")
        steps.removeAll(keepingCapacity: true)
    }
}
