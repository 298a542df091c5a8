// Four-letter words that concern the whole server: the parts of all workers and of the replica loop become one text.
// Separate from the workers, which only ask and write.
import Libevent
public import Replica
import Synchronization

/// Gathers what a word prints and hands the text back to the connection that asked. Any thread. Texts of lists, which may
/// be long, are made on a thread of their own.
public final class WordDesk: ReportDesk {
    /// Asks the replica loop for its part: everything in a `ServerReport` that workers do not know. Called on a
    /// worker's thread; the answer may come on any, once, or never.
    public typealias ReplicaPart =
        @Sendable (FourLetterWord, _ deliver: @escaping @Sendable (ServerReport) -> Void) -> Void

    private struct State {
        weak var port: ClientPort?
        var traceMask: Int64 = 306
    }

    /// The parts of one word's report, all there.
    private struct Rendering: Sendable {
        let word: FourLetterWord
        var report: ServerReport
        let workers: [WorkerReport]
        let place: ListPlaces.Place?
        let deliver: @Sendable ([UInt8]) -> Void

        consuming func perform(_ whitelist: FourLetterWhitelist) {
            for worker in workers { report.merge(worker) }
            deliver(Array(word.answer(report, whitelist: whitelist).utf8))
        }
    }

    private let lists = ListPlaces(limit: Limits.listsUnderWay)
    /// Room for every word that has a place.
    private let renderings = BlockingMailbox<Rendering>(capacity: Limits.listsUnderWay)
    private let state = Guarded(State())
    private let whitelist: FourLetterWhitelist
    private let replicaPart: ReplicaPart

    public init(whitelist: FourLetterWhitelist, replicaPart: @escaping ReplicaPart) {
        self.whitelist = whitelist
        self.replicaPart = replicaPart
        _ = NamedThread(name: "words") { [renderings] in
            while let waiting = renderings.takeAll() {
                for rendering in waiting { rendering.perform(whitelist) }
            }
        }
    }

    deinit { renderings.close() }

    /// Words are answered from here on. The port is not kept alive.
    public func attach(_ port: ClientPort) { state.withLock { $0.port = port } }

    public func request(_ word: FourLetterWord, argument: [UInt8], from client: ClientID) {
        guard let port = state.withLock({ $0.port }) else { return }
        perform(word, argument, port)
        let traceMask = state.withLock { $0.traceMask }
        let deliver: @Sendable ([UInt8]) -> Void = { [weak port] in
            port?.post(.adminText(client, $0), to: client.worker)
        }
        let parts = word.reportParts
        let place = parts.isEmpty ? nil : lists.take()
        if !parts.isEmpty, place == nil {
            return deliver(Array("\(Limits.listsUnderWay) lists are being made; ask again later.\n".utf8))
        }
        let gathering = Gathering(parts: port.workers + 1) { [whitelist, renderings] report, workers in
            var report = report
            report.traceMask = traceMask
            let rendering = Rendering(word: word, report: report, workers: workers, place: place, deliver: deliver)
            if parts.isEmpty { rendering.perform(whitelist) } else { _ = renderings.post(rendering) }
        }
        let request = ReportRequest(parts: parts) { _, part in gathering.add(part) }
        for worker in 0..<port.workers where !port.post(.report(request), to: worker) { gathering.skip() }
        replicaPart(word) { gathering.add($0) }
    }

    private func perform(_ word: FourLetterWord, _ argument: [UInt8], _ port: ClientPort) {
        switch word.effect {
        case .none: break
        case .resetServerStatistics: for worker in 0..<port.workers { port.post(.reset(.server), to: worker) }
        case .resetConnectionStatistics: for worker in 0..<port.workers { port.post(.reset(.connections), to: worker) }
        case .setTraceMask:
            let mask = argument.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            state.withLock { $0.traceMask = Int64(bitPattern: mask) }
        }
    }
}

extension FourLetterWord {
    /// The lists this word prints.
    fileprivate var reportParts: ReportParts {
        switch self {
        case .stat, .cons: .connections
        case .wchs: .watchSummary
        case .wchc, .wchp: .watches
        case .dump: .deadlines
        default: []
        }
    }
}

/// Bounds the words with lists that are under way.
final class ListPlaces: Sendable {
    /// Given back when its last holder lets go: a word may also be given up.
    final class Place: Sendable {
        private let places: ListPlaces
        fileprivate init(_ places: ListPlaces) { self.places = places }
        deinit { places.taken.withLock { $0 -= 1 } }
    }

    private let limit: Int
    private let taken = Guarded(0)

    init(limit: Int) { self.limit = limit }

    /// Nil when all are taken.
    func take() -> Place? {
        let hasRoom = taken.withLock { [limit] taken in
            if taken == limit { return false }
            taken += 1
            return true
        }
        return hasRoom ? Place(self) : nil
    }
}

/// One report in the making.
private final class Gathering: Sendable {
    private struct State {
        var missing: Int
        var report = ServerReport()
        var workers: [WorkerReport] = []
    }

    private let state: Guarded<State>
    private let whenComplete: @Sendable (ServerReport, [WorkerReport]) -> Void

    init(parts: Int, whenComplete: @escaping @Sendable (ServerReport, [WorkerReport]) -> Void) {
        state = Guarded(State(missing: parts))
        self.whenComplete = whenComplete
    }

    func add(_ part: WorkerReport) { complete { $0.workers.append(part) } }
    func add(_ replicaPart: ServerReport) { complete { $0.report = replicaPart } }
    /// That worker's mailbox is full: the text comes without it.
    func skip() { complete { _ in } }

    private func complete(_ change: (inout sending State) -> Void) {
        let whole = state.withLock { state -> (ServerReport, [WorkerReport])? in
            change(&state)
            state.missing -= 1
            return state.missing == 0 ? (state.report, state.workers) : nil
        }
        if let whole { whenComplete(whole.0, whole.1) }
    }
}

extension ServerReport {
    /// Adds one worker's part.
    public mutating func merge(_ worker: WorkerReport) {
        packetsReceived += worker.counters.packetsReceived
        packetsSent += worker.counters.packetsSent
        connectionCount += worker.connectionCount
        outstandingRequests += worker.outstandingRequests
        authenticationFailures += worker.counters.authenticationFailures
        watchCount += worker.dataWatchCount + worker.childWatchCount
        connections += worker.connections.map(\.report)
        watches += worker.watches
        watchSummary.merge(worker.watchSummary)
        merge(latency: Latency(worker.counters.latency))
        for (expiresMs, connection) in worker.deadlines {
            sessions.connections.append(SessionReport.Bucket(expiresMs: expiresMs, elements: [connection]))
        }
        sessions.connections.sort { $0.expiresMs < $1.expiresMs }
    }

    private mutating func merge(latency other: Latency) {
        guard other.count > 0 else { return }
        latency = Latency(
            minMs: latency.count == 0 ? other.minMs : min(latency.minMs, other.minMs),
            maxMs: max(latency.maxMs, other.maxMs), sumMs: latency.sumMs + other.sumMs,
            count: latency.count + other.count)
    }
}
