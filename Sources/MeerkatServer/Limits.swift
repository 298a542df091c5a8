// The bounds of the client port and of the queues between threads: what each limits, its default, and what happens when
// it is reached. Settings an operator may change are copied in from the configuration; the rest are ours. Those of the
// other ports stand beside them: `QuorumLimits`, `ElectionLimits`.

/// The bounds of one server. A value, made once and passed down.
public struct Limits: Equatable, Sendable {
    public init() {}

    /// The bounds that follow from a configuration.
    public init(_ configuration: ServerConfiguration) {
        if configuration.clientPort.listenBacklog >= 0 { listenBacklog = configuration.clientPort.listenBacklog }
        clientFrameBytes = configuration.clientPort.maxFrameBytes
        connections = configuration.clientPort.maxConnections
        connectionsPerAddress = configuration.clientPort.maxClientConnections
        outstandingRequests = configuration.clientPort.globalOutstandingLimit
    }

    // MARK: Client port

    /// Bytes of one request frame. A longer one closes its connection; its session lives on until it expires.
    public var clientFrameBytes = 0xFFFFF

    /// Connections altogether, 0 = unlimited. One more is accepted and closed.
    public var connections = 0

    /// Connections from one address, 0 = unlimited. One more is accepted and closed.
    public var connectionsPerAddress = 60

    /// Connections accepted in one turn of a loop, so that a flood cannot starve those being served. The rest wait in
    /// the system's backlog.
    public var acceptsPerTurn = 64

    /// Connections the system queues before they are accepted; it caps this at its own limit (net.core.somaxconn). Beyond
    /// it, a client tries again after a second: a herd that reconnects should find room.
    public var listenBacklog = 65_535

    /// Requests in flight in the whole server. At the bound, reading pauses on connections that have one in flight.
    public var outstandingRequests = 1000

    /// Bytes of one connection's requests that wait behind its own write. At the bound, reading from it pauses.
    public var parkedBytesPerConnection = 65_536

    /// Requests of one connection served in one turn, so that one pipeliner cannot starve its neighbours. The rest
    /// wait in its input for the next turn.
    public var requestsPerTurn = 512

    /// Output of one connection at which reading from it pauses: a client that does not take replies asks no more.
    public var outputHighWaterBytes = 1 << 20

    /// Output of one connection below which reading resumes.
    public var outputLowWaterBytes = 1 << 18

    /// Output of one connection at which it is closed: watch events arrive however little it reads. A four-letter word
    /// whose answer is longer is told so instead.
    public var outputLimitBytes = 64 << 20

    /// Watches of one connection. One more closes it.
    public var watchesPerConnection = 1 << 24

    /// Sends of notifications in one turn, so that a change many watch does not hold up other clients' replies. The
    /// rest leave in the next turns.
    public var noticeSendsPerTurn = 32

    /// Bytes of notifications on their way to several connections. At the bound, all are sent in one turn.
    public var noticeBytes = 1 << 20

    /// Connections closed in one turn; the rest are closed in the next turns and are not served meanwhile.
    public var closesPerTurn = 256

    /// Watches of closed connections forgotten in one turn. The rest go in the next turns.
    public var watchesForgottenPerTurn = 4096

    /// Slots of connections and watches looked at in one turn for a four-letter word; the rest are listed in the next
    /// turns. A connection's watches are listed together, however many.
    public var listedPerTurn = 512

    /// Four-letter words with lists of connections or watches that may be under way. At the bound, the next is refused
    /// in words.
    public static let listsUnderWay = 16

    // MARK: Between threads

    /// Answers to forwarded requests in one batch, from which on a worker lets new ones wait for as many, and how long at
    /// most, nanoseconds.
    /// Then those that are there go to the replica loop.
    public var gatheredAnswers = 8
    public var gatherNs: Int64 = 400_000

    /// Requests a worker may have queued for the replica loop. At the bound, the worker pauses reading.
    public var replicaMailbox = 65_536

    /// Commit batches and notices the replica loop may have queued for a worker. At the bound, the loop waits: a
    /// worker that skipped one would serve stale reads.
    public var workerMailbox = 4096

    /// Appends the replica loop may have queued for the disk. At the bound, the loop takes no new requests.
    public var diskMailbox = 65_536
}
