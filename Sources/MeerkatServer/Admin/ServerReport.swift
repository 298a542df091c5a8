// What a server says about itself, as plain values. The four-letter words and the admin port render it; whoever owns
// the numbers fills it in. Separate from the rendering, so neither needs the other's threads.

/// A server at one moment. Lists that cost time to gather may stay empty for words that do not print them.
package struct ServerReport: Sendable {
    /// What the server is to the ensemble; the words of `Mode:` and `server_state`.
    package enum Mode: String, Sendable {
        case standalone, leader, follower, observer
        case readOnly = "read-only"
    }

    /// Milliseconds from a request's arrival to its reply.
    package struct Latency: Equatable, Sendable {
        package var minMs: Int64 = 0
        package var maxMs: Int64 = 0
        package var sumMs: Int64 = 0
        package var count: Int64 = 0
        package init(minMs: Int64 = 0, maxMs: Int64 = 0, sumMs: Int64 = 0, count: Int64 = 0) {
            self.minMs = minMs
            self.maxMs = maxMs
            self.sumMs = sumMs
            self.count = count
        }
        package var average: Double { count == 0 ? 0 : Double(sumMs) / Double(count) }
    }

    /// Bytes of something seen often; −1 before the first.
    package struct Sizes: Equatable, Sendable {
        package var last = -1
        package var min = -1
        package var max = -1
        package init(last: Int = -1, min: Int = -1, max: Int = -1) {
            self.last = last
            self.min = min
            self.max = max
        }
    }

    /// What only a leader knows.
    package struct Leading: Equatable, Sendable {
        package var learners = 0
        package var syncedFollowers = 0
        package var syncedNonVotingFollowers = 0
        package var syncedObservers = 0
        package var pendingSyncs = 0
        package var uptimeMs: Int64 = 0
        package var proposalSizes = Sizes()
        package init() {}
    }

    /// A further line of `mntr`, named without the `zk_`.
    package struct Metric: Equatable, Sendable {
        package var name: String
        package var value: String
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init() {}

    /// False between roles: most words then say so instead of answering.
    package var isServing = true
    package var mode = Mode.standalone
    /// nil unless leading.
    package var leading: Leading?
    /// Text after `peer_state`, such as `following - broadcast`; nil when standalone.
    package var peerState: String?
    /// Number of voters; nil when standalone.
    package var quorumSize: Int?
    /// The server an observer follows.
    package var learnerMasterID: Int64?

    package var zxid: Int64 = 0
    package var latency = Latency()
    package var packetsReceived: Int64 = 0
    package var packetsSent: Int64 = 0
    package var connectionCount = 0
    package var outstandingRequests = 0
    package var responseSizes = Sizes()
    package var uptimeMs: Int64 = 0
    package var authenticationFailures: Int64 = 0

    package var nodeCount = 0
    package var approximateDataBytes: Int64 = 0
    package var ephemeralCount = 0
    package var globalSessions = 0
    package var localSessions = 0
    /// Data and child watches together.
    package var watchCount = 0
    package var openFileDescriptors = 0
    package var maxFileDescriptors = 0
    package var dataDirectoryBytes: Int64 = 0
    package var logDirectoryBytes: Int64 = 0
    package var traceMask: Int64 = 306

    package var configuration = ServerConfiguration()
    package var environment: [EnvironmentEntry] = []
    /// For `stat` and `cons`.
    package var connections: [ConnectionReport] = []
    /// For `dump`.
    package var sessions = SessionReport()
    /// For `wchs`, `wchc` and `wchp`.
    package var watches: [WatchReport] = []
    /// For `hash`, oldest first.
    package var digests: [DigestReport] = []
    package var metrics: [Metric] = []
}

/// One connection, as `cons` prints it.
package struct ConnectionReport: Equatable, Sendable {
    /// What is known only once a session is attached.
    package struct Session: Equatable, Sendable {
        package var id: Int64
        package var timeoutMs: Int
        /// Code of the last operation, `NA` before the first.
        package var lastOperation = "NA"
        package var establishedMs: Int64 = 0
        /// Negative: not printed.
        package var lastXid: Int64 = -1
        package var lastZxid: Int64 = 0
        /// Monotonic clock.
        package var lastResponseMs: Int64 = 0
        package var lastLatencyMs: Int64 = 0
        package var latency = ServerReport.Latency()
        package init(id: Int64, timeoutMs: Int) {
            self.id = id
            self.timeoutMs = timeoutMs
        }
    }

    /// `address:port`.
    package var remote: String
    /// 1 reading, 4 writing, 0 the probe itself.
    package var interest = 1
    package var queued = 0
    package var received: Int64 = 0
    package var sent: Int64 = 0
    package var session: Session?

    package init(remote: String) { self.remote = remote }
}

/// Sessions, their ephemerals and their connections, by when they end: what `dump` prints.
package struct SessionReport: Equatable, Sendable {
    /// Things that end at the same moment.
    package struct Bucket<Element: Equatable & Sendable>: Equatable, Sendable {
        /// Wall clock, milliseconds since 1970.
        package var expiresMs: Int64
        package var elements: [Element]
        package init(expiresMs: Int64, elements: [Element]) {
            self.expiresMs = expiresMs
            self.elements = elements
        }
    }
    package struct Connection: Equatable, Sendable {
        package var remote: String
        package var sessionID: Int64
        package init(remote: String, sessionID: Int64) {
            self.remote = remote
            self.sessionID = sessionID
        }
    }
    package struct Timeout: Equatable, Sendable {
        package var sessionID: Int64
        package var timeoutMs: Int
        package init(sessionID: Int64, timeoutMs: Int) {
            self.sessionID = sessionID
            self.timeoutMs = timeoutMs
        }
    }
    package struct Ephemerals: Equatable, Sendable {
        package var sessionID: Int64
        package var paths: [String]
        package init(sessionID: Int64, paths: [String]) {
            self.sessionID = sessionID
            self.paths = paths
        }
    }

    /// The sessions that only this server knows; nil where there are none by configuration.
    package var local: [Bucket<Int64>]?
    /// The others: who expires them knows when, a leader or a standalone server. nil at a learner.
    package var expiry: [Bucket<Int64>]?
    /// What a learner knows instead.
    package var timeouts: [Timeout] = []
    package var ephemerals: [Ephemerals] = []
    package var connections: [Bucket<Connection>] = []
    package init() {}
}

/// The data watches of one session.
package struct WatchReport: Equatable, Sendable {
    package var sessionID: Int64
    package var paths: [String]
    package init(sessionID: Int64, paths: [String]) {
        self.sessionID = sessionID
        self.paths = paths
    }
}

/// The digest of the tree at one zxid.
package struct DigestReport: Equatable, Sendable {
    package var zxid: Int64
    package var digest: UInt64
    package init(zxid: Int64, digest: UInt64) {
        self.zxid = zxid
        self.digest = digest
    }
}
