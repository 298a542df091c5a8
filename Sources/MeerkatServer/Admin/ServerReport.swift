// What a server says about itself, as plain values. The four-letter words and the admin port render it; whoever owns
// the numbers fills it in. Separate from the rendering, so neither needs the other's threads.

public import Replica

/// A server at one moment, its lists as they were while they were made. Lists may stay empty for words that do not print
/// them.
public struct ServerReport: Sendable {
    /// What the server is to the ensemble; the words of `Mode:` and `server_state`.
    public enum Mode: String, Sendable {
        case standalone, leader, follower, observer
        case readOnly = "read-only"
    }

    /// Milliseconds from a request's arrival to its reply.
    public struct Latency: Equatable, Sendable {
        public var minMs: Int64 = 0
        public var maxMs: Int64 = 0
        public var sumMs: Int64 = 0
        public var count: Int64 = 0
        public init(minMs: Int64 = 0, maxMs: Int64 = 0, sumMs: Int64 = 0, count: Int64 = 0) {
            self.minMs = minMs
            self.maxMs = maxMs
            self.sumMs = sumMs
            self.count = count
        }
        public var average: Double { count == 0 ? 0 : Double(sumMs) / Double(count) }
    }

    /// Bytes of something seen often; −1 before the first.
    public struct Sizes: Equatable, Sendable {
        public var last = -1
        public var min = -1
        public var max = -1
        public init(last: Int = -1, min: Int = -1, max: Int = -1) {
            self.last = last
            self.min = min
            self.max = max
        }
    }

    /// A further line of `mntr`, named without the `zk_`.
    public struct Metric: Equatable, Sendable {
        public var name: String
        public var value: String
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public init() {}

    /// False between roles: most words then say so instead of answering.
    public var isServing = true
    public var mode = Mode.standalone
    /// nil unless leading.
    public var leading: LeadingFigures?
    /// Text after `peer_state`, such as `following - broadcast`; nil when standalone.
    public var peerState: String?
    /// Number of voters; nil when standalone.
    public var quorumSize: Int?
    /// The server an observer follows.
    public var learnerMasterID: Int64?

    public var zxid: Int64 = 0
    public var latency = Latency()
    public var packetsReceived: Int64 = 0
    public var packetsSent: Int64 = 0
    public var connectionCount = 0
    public var outstandingRequests = 0
    public var responseSizes = Sizes()
    public var uptimeMs: Int64 = 0
    public var authenticationFailures: Int64 = 0

    public var nodeCount = 0
    public var approximateDataBytes: Int64 = 0
    public var ephemeralCount = 0
    public var globalSessions = 0
    public var localSessions = 0
    /// Data and child watches together.
    public var watchCount = 0
    public var openFileDescriptors = 0
    public var maxFileDescriptors = 0
    public var dataDirectoryBytes: Int64 = 0
    public var logDirectoryBytes: Int64 = 0
    public var traceMask: Int64 = 306

    public var configuration = ServerConfiguration()
    public var environment: [EnvironmentEntry] = []
    /// For `stat` and `cons`.
    public var connections: [ConnectionReport] = []
    /// For `dump`.
    public var sessions = SessionReport()
    /// For `wchc` and `wchp`.
    public var watches: [WatchReport] = []
    /// For `wchs`.
    public var watchSummary = WatchSummary()
    /// For `hash`, oldest first.
    public var digests: [DigestReport] = []
    public var metrics: [Metric] = []
}

/// One connection, as `cons` prints it.
public struct ConnectionReport: Equatable, Sendable {
    /// What is known only once a session is attached.
    public struct Session: Equatable, Sendable {
        public var id: Int64
        public var timeoutMs: Int
        /// Code of the last operation, `NA` before the first.
        public var lastOperation = "NA"
        public var establishedMs: Int64 = 0
        /// Negative: not printed.
        public var lastXid: Int64 = -1
        public var lastZxid: Int64 = 0
        /// Monotonic clock.
        public var lastResponseMs: Int64 = 0
        public var lastLatencyMs: Int64 = 0
        public var latency = ServerReport.Latency()
        public init(id: Int64, timeoutMs: Int) {
            self.id = id
            self.timeoutMs = timeoutMs
        }
    }

    /// `address:port`.
    public var remote: String
    /// 1 reading, 4 writing, 0 the probe itself.
    public var interest = 1
    public var queued = 0
    public var received: Int64 = 0
    public var sent: Int64 = 0
    public var session: Session?

    public init(remote: String) { self.remote = remote }
}

/// Sessions, their ephemerals and their connections, by when they end: what `dump` prints.
public struct SessionReport: Equatable, Sendable {
    /// Things that end at the same moment.
    public struct Bucket<Element: Equatable & Sendable>: Equatable, Sendable {
        /// Wall clock, milliseconds since 1970.
        public var expiresMs: Int64
        public var elements: [Element]
        public init(expiresMs: Int64, elements: [Element]) {
            self.expiresMs = expiresMs
            self.elements = elements
        }
    }
    public struct Connection: Equatable, Sendable {
        public var remote: String
        public var sessionID: Int64
        public init(remote: String, sessionID: Int64) {
            self.remote = remote
            self.sessionID = sessionID
        }
    }
    public struct Timeout: Equatable, Sendable {
        public var sessionID: Int64
        public var timeoutMs: Int
        public init(sessionID: Int64, timeoutMs: Int) {
            self.sessionID = sessionID
            self.timeoutMs = timeoutMs
        }
    }
    public struct Ephemerals: Equatable, Sendable {
        public var sessionID: Int64
        public var paths: [String]
        public init(sessionID: Int64, paths: [String]) {
            self.sessionID = sessionID
            self.paths = paths
        }
    }

    /// The sessions that only this server knows; nil where there are none by configuration.
    public var local: [Bucket<Int64>]?
    /// The others: who expires them knows when, a leader or a standalone server. nil at a learner.
    public var expiry: [Bucket<Int64>]?
    /// What a learner knows instead.
    public var timeouts: [Timeout] = []
    public var ephemerals: [Ephemerals] = []
    public var connections: [Bucket<Connection>] = []
    public init() {}
}

/// The data watches of one session.
public struct WatchReport: Equatable, Sendable {
    public var sessionID: Int64
    public var paths: PathList
    public init(sessionID: Int64, paths: PathList = PathList()) {
        self.sessionID = sessionID
        self.paths = paths
    }
}

/// How many data watches there are, and on how many paths.
public struct WatchSummary: Equatable, Sendable {
    /// That have data watches.
    public var connections = 0
    /// A hash for each watch, of its path, by `Hasher`: the same path may be watched at several workers.
    public var pathHashes: [Int] = []

    public init() {}

    /// Takes another worker's part in.
    mutating func merge(_ other: WatchSummary) {
        connections += other.connections
        pathHashes += other.pathHashes
    }

    /// Paths that anybody watches.
    var pathCount: Int {
        let sorted = pathHashes.sorted()
        return sorted.isEmpty ? 0 : 1 + zip(sorted, sorted.dropFirst()).count { $0 != $1 }
    }
}

/// The digest of the tree at one zxid.
public struct DigestReport: Equatable, Sendable {
    public var zxid: Int64
    public var digest: UInt64
    public init(zxid: Int64, digest: UInt64) {
        self.zxid = zxid
        self.digest = digest
    }
}
