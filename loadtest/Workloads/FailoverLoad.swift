// Readers and writers at a steady rate while somebody ends a server.
import Jute
import Synchronization

/// The first `writers` sessions write, each the child of a znode of its own (`WriterChildren`); the others read znodes.
/// Successes are watched for gaps, and what was acknowledged is written down. One loop only.
struct FailoverLoad: Workload {
    private let keys: Keyspace
    private let ledger: WriteLedger
    private var chooser: KeyChooser
    private let writers: Int
    private var readGaps: Gaps
    private var writeGaps: Gaps
    private var reads = Timing("reads")
    private var writes = Timing("writes")
    private var isMeasuring = false

    init(keys: Keyspace, chooser: KeyChooser, sessions: Int, writers: Int, ledger: WriteLedger) {
        self.keys = keys
        self.chooser = chooser
        self.ledger = ledger
        self.writers = writers
        readGaps = Gaps(sessions: sessions - writers)
        writeGaps = Gaps(sessions: writers)
    }

    var timings: [Timing] { [reads, writes] }

    /// connection loss, session expired, session moved, throttled: what a failing server answers.
    private static let refusals: [Int32] = [-4, -112, -118, -127]

    func tolerates(error: Int32, for request: PendingRequest) -> Bool {
        Self.refusals.contains(error)
    }

    mutating func ask(session: Int, xid: Int32, nowNs: Int64, into writer: inout RequestWriter) -> Asked? {
        guard session < writers else {
            let znode = chooser.next()
            writer.read(.getData, znode, watch: false, xid: xid, keys)
            return Asked(.getData, znode)
        }
        writer.setChild(session, sequence: ledger.change(session) { $0.write() }, xid: xid, keys)
        return Asked(.setChild, session)
    }

    mutating func answered(
        session: Int, _ request: PendingRequest, _ reply: Reply, nowNs: Int64
    ) throws(SessionFault) -> Int64? {
        if Self.refusals.contains(reply.error) {
            ledger.refused.add(1, ordering: .relaxed)
            if request.kind == .setChild { ledger.change(session) { $0.wasRefused() } }
            return nil
        }
        switch request.kind {
        case .getData:
            readGaps.succeeded(session: session - writers, nowNs: nowNs)
            if isMeasuring { reads.record(fromNs: request.startNs, toNs: nowNs) }
        case .setChild:
            ledger.change(session) { $0.wasMade() }
            writeGaps.succeeded(session: session, nowNs: nowNs)
            if isMeasuring { writes.record(fromNs: request.startNs, toNs: nowNs) }
        default: break
        }
        return nil
    }

    mutating func disconnected(session: Int, nowNs: Int64) {
        if session < writers { ledger.change(session) { $0.disconnected() } }
    }

    mutating func measuringBegan(nowNs: Int64) {
        isMeasuring = true
        reads.reset()
        writes.reset()
        readGaps.begin(nowNs: nowNs)
        writeGaps.begin(nowNs: nowNs)
    }

    mutating func measuringEnded(nowNs: Int64) {
        isMeasuring = false
        readGaps.end(nowNs: nowNs)
        writeGaps.end(nowNs: nowNs)
        let (readGaps, writeGaps) = (readGaps, writeGaps)
        ledger.reads.withLock { $0 = readGaps }
        ledger.writes.withLock { $0 = writeGaps }
    }
}
