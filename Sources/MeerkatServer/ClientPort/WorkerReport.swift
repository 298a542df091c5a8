// What one worker contributes to a report about the server: counts at once, lists some connections per turn.
public import Jute
import Libevent
public import Replica
import Tree

/// The lists that cost time to gather.
public struct ReportParts: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let connections = ReportParts(rawValue: 1)
    public static let watches = ReportParts(rawValue: 2)
    /// Connections by the moment at which they are closed unless heard from.
    public static let deadlines = ReportParts(rawValue: 4)
    public static let watchSummary = ReportParts(rawValue: 8)
}

public enum StatisticsReset: Sendable {
    /// `srst`
    case server
    /// `crst`
    case connections
}

/// A question to a worker; `deliver` is called once, on the worker's thread.
public struct ReportRequest: Sendable {
    public let parts: ReportParts
    public let deliver: @Sendable (_ worker: Int, WorkerReport) -> Void

    public init(parts: ReportParts, deliver: @escaping @Sendable (_ worker: Int, WorkerReport) -> Void) {
        self.parts = parts
        self.deliver = deliver
    }
}

/// One worker: its counts at one moment, and its lists as they were while they were made.
public struct WorkerReport: Sendable {
    public var counters: WorkerCounters
    public var connectionCount: Int
    public var outstandingRequests: Int
    public var dataWatchCount: Int
    public var childWatchCount: Int
    public var service: Service?
    public var lastZxid: Zxid
    /// By client, for `stat` and `cons`.
    public var connections: [(client: ClientID, report: ConnectionReport)] = []
    /// Data watches by session, for `wchc` and `wchp`.
    public var watches: [WatchReport] = []
    /// For `wchs`.
    public var watchSummary = WatchSummary()
    /// Wall clock, milliseconds; for `dump`.
    public var deadlines: [(expiresMs: Int64, connection: SessionReport.Connection)] = []
}

/// A report that a worker is making, some connections per turn.
struct UnfinishedReport {
    let request: ReportRequest
    var report: WorkerReport
    /// The connections before it are listed.
    var nextSlot = 0
}

extension ClientWorker {
    /// Counts are told at once. Lists are made in this turn and the next ones, each turn those of another report.
    func begin(_ request: ReportRequest) {
        let report = WorkerReport(
            counters: counters, connectionCount: connectionCount, outstandingRequests: inFlight,
            dataWatchCount: watches.dataWatchCount, childWatchCount: watches.childWatchCount, service: service,
            lastZxid: lastZxid)
        if request.parts.isEmpty { return request.deliver(index, report) }
        unfinishedReports.append(UnfinishedReport(request: request, report: report))
        requestTurn()
    }

    /// One turn's part of the report whose turn it is.
    func continueReport() {
        guard !unfinishedReports.isEmpty else { return }
        var unfinished = unfinishedReports.removeFirst()
        var room = terms.limits.listedPerTurn
        while room > 0, unfinished.nextSlot < slots.count {
            room -= 1
            if let connection = slots[unfinished.nextSlot], !connection.isDoomed {
                room -= list(connection, unfinished.request.parts, in: &unfinished.report)
            }
            unfinished.nextSlot += 1
        }
        if unfinished.nextSlot < slots.count {
            unfinishedReports.append(unfinished)
        } else {
            unfinished.request.deliver(index, unfinished.report)
        }
    }

    /// Returns how many watches it has looked at.
    private func list(_ connection: ClientConnection, _ parts: ReportParts, in report: inout WorkerReport) -> Int {
        let session = connection.state.session
        if parts.contains(.connections) { report.connections.append((connection.id, connection.report)) }
        if session == .none { return 0 }
        if parts.contains(.deadlines) {
            let leftMs = connection.heardMs + Int64(connection.state.timeoutMs) - nowMs
            let shown = SessionReport.Connection(remote: connection.peer.description, sessionID: session.rawValue)
            report.deadlines.append((WallClock.nowMs + max(0, leftMs), shown))
        }
        guard parts.contains(.watches) || parts.contains(.watchSummary) else { return 0 }
        let slot = UInt32(connection.id.slot)
        if parts.contains(.watches) {
            var paths = PathList()
            watches.forEachDataPath(of: slot) { paths.append($0) }
            if !paths.isEmpty { report.watches.append(WatchReport(sessionID: session.rawValue, paths: paths)) }
        }
        if parts.contains(.watchSummary) {
            let before = report.watchSummary.pathHashes.count
            watches.forEachDataPath(of: slot) { path in
                var hasher = Hasher()
                unsafe path.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
                report.watchSummary.pathHashes.append(hasher.finalize())
            }
            if report.watchSummary.pathHashes.count > before { report.watchSummary.connections += 1 }
        }
        return watches.count(of: slot)
    }

    func resetStatistics(_ reset: StatisticsReset) {
        switch reset {
        case .server: counters.resetServerStatistics()
        case .connections: for connection in slots { connection?.statistics.reset() }
        }
    }
}

extension ClientConnection {
    var report: ConnectionReport {
        var report = ConnectionReport(remote: peer.description)
        report.interest = state.phase == .word ? 0 : interest
        report.queued = state.inFlight
        report.received = statistics.received
        report.sent = statistics.sent
        guard state.session != .none else { return report }
        var shown = ConnectionReport.Session(id: state.session.rawValue, timeoutMs: Int(state.timeoutMs))
        shown.lastOperation = statistics.lastOperation.map(OperationCode.text) ?? "NA"
        shown.establishedMs = statistics.establishedMs
        shown.lastXid = Int64(statistics.lastXid)
        shown.lastZxid = statistics.lastZxid
        shown.lastResponseMs = statistics.lastResponseMs
        shown.lastLatencyMs = statistics.latency.lastMs
        shown.latency = ServerReport.Latency(statistics.latency)
        report.session = shown
        return report
    }
}

extension ServerReport.Latency {
    public init(_ summary: LatencySummary) {
        self.init(
            minMs: summary.minimumMs, maxMs: summary.maximumMs, sumMs: summary.totalMs, count: summary.count)
    }
}

/// The codes that `cons` prints (ZooKeeper 3.9, `Request.op2String` and the monitoring commands).
enum OperationCode {
    static func text(_ type: Int32) -> String {
        switch OpCode(rawValue: type) {
        case .ping: "PING"
        case .createSession: "SESS"
        case .closeSession: "CLOS"
        case .multi: "MULT"
        case .multiRead: "MLTR"
        case .create, .create2, .createContainer, .createTTL: "CREA"
        case .delete, .deleteContainer: "DELE"
        case .setData: "SETD"
        case .setACL: "SETA"
        case .reconfig: "RECO"
        case .sync: "SYNC"
        case .check: "CHEC"
        case .exists: "EXIS"
        case .getData: "GETD"
        case .setWatches: "SETW"
        case .setWatches2: "STW2"
        case .addWatch: "ADDW"
        case .getACL: "GETA"
        case .getChildren, .getChildren2: "GETC"
        case .getAllChildrenNumber: "GETACN"
        case .checkWatches: "CHKW"
        case .removeWatches: "REMW"
        case .whoAmI: "HOMI"
        case .getEphemerals: "GETE"
        case .auth, .sasl, .notification, .error, nil: "NA"
        }
    }
}
