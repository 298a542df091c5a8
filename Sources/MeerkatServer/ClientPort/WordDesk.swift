// Four-letter words that concern the whole server: the parts of all workers and of the replica loop become one text.
// Separate from the workers, which only ask and write.
import Libevent
public import Replica
import Synchronization

/// Gathers what a word prints and hands the text back to the connection that asked. Any thread.
public final class WordDesk: ReportDesk {
    /// Asks the replica loop for its part: everything in a `ServerReport` that workers do not know. Called on a
    /// worker's thread; the answer may come on any, once, or never.
    public typealias ReplicaPart =
        @Sendable (FourLetterWord, _ deliver: @escaping @Sendable (ServerReport) -> Void) -> Void

    private struct State {
        weak var port: ClientPort?
        var traceMask: Int64 = 306
    }

    private let state = Guarded(State())
    private let whitelist: FourLetterWhitelist
    private let replicaPart: ReplicaPart

    public init(whitelist: FourLetterWhitelist, replicaPart: @escaping ReplicaPart) {
        self.whitelist = whitelist
        self.replicaPart = replicaPart
    }

    /// Words are answered from here on. The port is not kept alive.
    public func attach(_ port: ClientPort) { state.withLock { $0.port = port } }

    public func request(_ word: FourLetterWord, argument: [UInt8], from client: ClientID) {
        guard let port = state.withLock({ $0.port }) else { return }
        perform(word, argument, port)
        let traceMask = state.withLock { $0.traceMask }
        let gathering = Gathering(parts: port.workers + 1) { [whitelist] report in
            var report = report
            report.traceMask = traceMask
            let text = word.answer(report, whitelist: whitelist)
            port.post(.adminText(client, Array(text.utf8)), to: client.worker)
        }
        let request = ReportRequest(parts: word.reportParts) { _, part in gathering.add(part) }
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
        case .wchs, .wchc, .wchp: .watches
        case .dump: .deadlines
        default: []
        }
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
    private let whenComplete: @Sendable (ServerReport) -> Void

    init(parts: Int, whenComplete: @escaping @Sendable (ServerReport) -> Void) {
        state = Guarded(State(missing: parts))
        self.whenComplete = whenComplete
    }

    func add(_ part: WorkerReport) { complete { $0.workers.append(part) } }
    func add(_ replicaPart: ServerReport) { complete { $0.report = replicaPart } }
    /// That worker's mailbox is full: the text comes without it.
    func skip() { complete { _ in } }

    private func complete(_ change: (inout sending State) -> Void) {
        let whole = state.withLock { state -> ServerReport? in
            change(&state)
            state.missing -= 1
            guard state.missing == 0 else { return nil }
            var report = state.report
            for worker in state.workers { report.merge(worker) }
            return report
        }
        if let whole { whenComplete(whole) }
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
