// One event loop that serves clients: what it owns, and its turn from sockets to replies. Themes stand in extensions:
// coming and going, requests, reads, local operations, watches, reports.
import Jute
import Libevent
import Replica
import Tree

/// Serves its share of the client connections on one thread. Everything here belongs to that thread; the tree is read
/// under the worker's own lock, and other threads are reached through mailboxes.
///
/// A turn goes: receive from every readable socket into one arena; take in what the history brought (I8); take the lock
/// and answer; release it; send each connection's output once; tell the replica loop, unless more is about to come
/// (`RequestGathering`). When much is received, this is done for a batch of the sockets at a time, so that what is hashed,
/// answered and sent stays in the processor's caches.
public final class ClientWorker {
    let index: Int
    let loop: EventLoop
    let terms: ClientTerms
    let published: PublishedTree
    let lane: WorkerLane
    let census: ConnectionCensus
    let inbox: any ReplicaInbox
    let desk: any ReportDesk

    // Connections.
    var slots: [ClientConnection?] = []
    var serials: [UInt32] = []
    var freeSlots: [Int] = []
    var connectionCount = 0
    /// Slots of connections that hold a session.
    var sessions: [SessionID: Int] = [:]
    let watches = WatchTable()
    /// Slots of connections that are gone and have watches that are not forgotten yet.
    var fadingSlots: [Int] = []
    var wheel: DeadlineWheel
    /// Slots of connections heard from since the replica was last told.
    var touchedSlots: [Int] = []

    // One turn.
    var arena = InputArena()
    var replies = ReplyArena()
    /// Used for one answer to a write after the other.
    var encoder = JuteEncoder(capacity: 4096)
    /// Large lists of children that were asked for twice.
    var listings = ChildrenCache()
    var hashes = HashedReads()
    var received: [Receipt] = []
    /// Connections whose output changed.
    var dirty: [ClientConnection] = []
    /// What watchers are told, and to whom it has not been sent.
    var notices = NoticeBuffer()
    var shares = NoticeShares()
    /// Connections whose input may go on.
    var resumed: [ClientConnection] = []
    /// Connections to close, some at the end of each turn.
    var doomed: [(ClientConnection, CloseReason)] = []
    /// Connections with a write that waits for room among the requests in flight.
    var waitingForRoom: [ClientConnection] = []
    /// Four-letter words' lists in the making.
    var unfinishedReports: [UnfinishedReport] = []
    /// What the replica loop is to be told.
    var outbox: [ClientInput] = []
    var isTurnRequested = false
    var nowMs: Int64
    /// As of the last lock.
    var lastZxid = Zxid.zero

    // State of the server, as told by the history.
    var service: Service?
    /// Requests of all connections without an answer.
    var inFlight = 0
    let inFlightLimit: Int
    /// Forwarded requests that were answered since the outbox was last looked at.
    var answers = 0
    private var gathering: RequestGathering
    private var gatheringEnd: ShortTimer!
    /// The replica loop's mailbox was full; nothing more is forwarded until it has taken the outbox.
    var isReplicaFull = false

    var counters = WorkerCounters()
    var refusals: RefusalLog
    private var readers: [AnyObject] = []
    private var ticker: Timer?
    private var retry: Timer?
    /// Made once: asking for it every turn would allocate.
    private lazy var endOfTurn: () -> Void = { [unowned self] in self.finishTurn() }
    private var toucher: Timer?

    /// A piece of the input arena that belongs to a connection.
    struct Receipt {
        let connection: ClientConnection
        /// Empty when the bytes went into the connection's own input.
        let piece: Range<Int>
        /// Its reads among the `hashes`.
        var notes = 0..<0
    }

    /// Bytes of replies at which the lock is released and the rest waits for the next turn.
    static let repliesPerTurn = 1 << 20

    init(
        index: Int, loop: EventLoop, terms: ClientTerms, published: PublishedTree, census: ConnectionCensus,
        inbox: any ReplicaInbox, desk: any ReportDesk, mail: Mailbox<WorkerMail>
    ) {
        self.index = index
        self.loop = loop
        self.terms = terms
        self.published = published
        self.lane = published.lanes[index]
        self.census = census
        self.inbox = inbox
        self.desk = desk
        inFlightLimit = max(1, terms.limits.outstandingRequests / published.lanes.count)
        refusals = RefusalLog(terms.log)
        gathering = RequestGathering(limits: terms.limits)
        nowMs = MonotonicClock.nowMs
        wheel = DeadlineWheel(
            granularityMs: max(10, min(500, terms.tickTimeMs / 8)),
            horizonMs: max(Int64(terms.sessionTimeouts.maximum), terms.handshakeTimeoutMs), nowMs: nowMs)
        readers = [
            lane.wakeUp.receive(on: loop) { [unowned self] _ in self.requestTurn() },
            mail.receive(on: loop) { [unowned self] messages in self.receive(messages) },
        ]
        startTimers()
    }

    private func startTimers() {
        ticker = Timer(on: loop) { [unowned self] in self.closeSilent() }
        ticker?.start(everyMs: wheel.granularityMs)
        toucher = Timer(on: loop) { [unowned self] in self.reportTouched() }
        toucher?.start(everyMs: max(1, terms.tickTimeMs / 2))
        retry = Timer(on: loop) { [unowned self] in self.requestTurn() }
        gatheringEnd = ShortTimer(on: loop) { [unowned self] in
            gathering.end()
            postOutbox()
        }
    }

    deinit {
        lane.lock()
        lane.close()
        lane.unlock()
        for connection in slots { connection?.close() }
    }

    // MARK: - The turn

    /// Asks for the end-of-turn work, once.
    func requestTurn() {
        guard !isTurnRequested else { return }
        isTurnRequested = true
        nowMs = MonotonicClock.nowMs
        loop.requestEndOfTurn(endOfTurn)
    }

    /// Takes what waits at a socket into the arena; it is looked at when that is full or the turn ends.
    func gather(_ connection: ClientConnection) {
        guard !connection.isDoomed else { return }
        requestTurn()
        switch unsafe Socket.receive(connection.fd, into: arena.room) {
        case .bytes(let count): keep(count, for: connection)
        case .wouldBlock: break
        case .closed: inputEnded(connection)
        case .failed: doom(connection, .socketError)
        }
        if arena.isFull { serveBatch() }
    }

    private func keep(_ count: Int, for connection: ClientConnection) {
        counters.bytesReceived += Int64(count)
        touch(connection)
        let piece = arena.keep(count)
        if connection.input.isEmpty && !connection.isHeld {
            received.append(Receipt(connection: connection, piece: piece))
        } else {
            unsafe connection.input.append(arena.bytes(piece))
            received.append(Receipt(connection: connection, piece: 0..<0))
        }
    }

    private func finishTurn() {
        counters.turns += 1
        serveBatch()
        // Once in a turn, not with every batch: other clients' requests wait for the whole of it.
        flushNotices()
        continueReport()
        isTurnRequested = false
        if hasWorkLeft { requestTurn() }
    }

    /// What a turn leaves to the next one. Whatever else was asked for while it went on has been done in it.
    private var hasWorkLeft: Bool {
        !resumed.isEmpty || !dirty.isEmpty || shares.isWaiting || !doomed.isEmpty || !fadingSlots.isEmpty
            || !unfinishedReports.isEmpty
    }

    private func serveBatch() {
        catchUpAndLock()
        serveTurn()
        lane.unlock()
        flush()
        if notices.count > terms.limits.noticeBytes { flushNotices() }
        buryDoomed()
        postOutbox()
        arena.reset()
        replies.reset()
    }

    /// Takes in what the history brought: outside the lock as long as that is enough, so that firing watches does not
    /// hold up the writer, and at last under it. On return the lock is held and nothing is waiting (I8).
    private func catchUpAndLock() {
        for attempt in 0... {
            lane.lockForReading()
            lane.setAttentive(connectionCount > 0)
            let batches = lane.takeInbox()
            if batches.isEmpty { break }
            if attempt < 2 { lane.unlock() }
            for batch in batches { receive(batch) }
            if attempt >= 2 { break }
        }
        lastZxid = lane.view.lastProcessedZxid
    }

    private func serveTurn() {
        let view = lane.view
        prefetch(view)
        var going: [ClientConnection] = []
        swap(&going, &resumed)
        for connection in going {
            connection.isResumed = false
            serveInput(of: connection, view)
        }
        for receipt in received {
            let connection = receipt.connection
            // One whose next request must wait is taken up when that may go on.
            guard !connection.isDoomed, !connection.isHeld else { continue }
            if receipt.piece.isEmpty || !connection.input.isEmpty {
                // Its earlier bytes come first.
                if !receipt.piece.isEmpty { unsafe connection.input.append(arena.bytes(receipt.piece)) }
                serveInput(of: connection, view)
            } else {
                let bytes = unsafe arena.bytes(receipt.piece)
                let consumed = unsafe serve(connection, bytes, view, hashed: receipt.notes)
                if consumed < bytes.count && !connection.isDoomed {
                    unsafe connection.input.append(UnsafeRawBufferPointer(rebasing: bytes[consumed...]))
                }
            }
            // One with output is looked at when that is sent.
            if !connection.isDirty { updateReading(connection) }
        }
        received.removeAll(keepingCapacity: true)
    }

    private func serveInput(of connection: ClientConnection, _ view: ReadView) {
        guard !connection.isDoomed, !connection.input.isEmpty else { return }
        var bytes = connection.input.take()
        let consumed = unsafe bytes.withUnsafeBytes { unsafe serve(connection, $0, view, hashed: 0..<0) }
        bytes.consume(consumed)
        if !connection.isDoomed { connection.input = bytes }
        updateReading(connection)
    }

    /// Goes on with a connection's input in this turn or the next.
    func resume(_ connection: ClientConnection) {
        guard !connection.isResumed, !connection.isDoomed else { return }
        connection.isResumed = true
        resumed.append(connection)
        requestTurn()
    }

    // MARK: - To the replica loop

    /// Whether one more request may be forwarded now.
    var hasRoomInFlight: Bool { inFlight < inFlightLimit && !isReplicaFull }

    private func postOutbox() {
        if answers > 0 { gathering.didAnswer(answers, atNs: MonotonicClock.nowNs) }
        answers = 0
        if !outbox.isEmpty && !outboxWaits() {
            isReplicaFull = !inbox.post(outbox)
            if isReplicaFull {
                retry?.start(afterMs: 1)
            } else {
                outbox.removeAll(keepingCapacity: outbox.count <= 4096)
            }
        }
        guard hasRoomInFlight, !waitingForRoom.isEmpty else { return }
        let waiting = waitingForRoom
        waitingForRoom.removeAll()
        for connection in waiting { resume(connection) }
    }

    /// Whether more requests are to go with those in the outbox. The timer sees to it that they do not wait in vain.
    private func outboxWaits() -> Bool {
        if !isReplicaFull && gathering.expectsMore(than: outbox.count) && outbox.allSatisfy(\.mayWait) {
            if gatheringEnd.isRunning { return true }
            let patienceNs = gathering.patienceNs(atNs: MonotonicClock.nowNs)
            if patienceNs > 0 {
                gatheringEnd.start(afterNs: patienceNs)
                return true
            }
        }
        gathering.end()
        gatheringEnd.cancel()
        return false
    }
}

extension ClientInput {
    /// A session may come back on another worker as soon as its connection has ended: nothing of it must be kept here
    /// for longer than that.
    fileprivate var mayWait: Bool { if case .request = self { true } else { false } }
}

@available(*, unavailable)
extension ClientWorker: Sendable {}
