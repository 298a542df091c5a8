// Every bound of a running server in one place: what it limits, its default, and what happens when it is reached.
// Settings an operator may change are copied in from the configuration; the rest are ours.

/// The bounds of one server. A value, made once and passed down.
package struct Limits: Equatable, Sendable {
    package init() {}

    /// The bounds that follow from a configuration.
    package init(_ configuration: ServerConfiguration) {
        if configuration.clientPort.listenBacklog >= 0 { listenBacklog = configuration.clientPort.listenBacklog }
        clientFrameBytes = configuration.clientPort.maxFrameBytes
        recordBytes = configuration.maxRecordBytes
        connections = configuration.clientPort.maxConnections
        connectionsPerAddress = configuration.clientPort.maxClientConnections
        outstandingRequests = configuration.clientPort.globalOutstandingLimit
        commitWindow = configuration.quorum.commitLogCount
        logBatch = configuration.storage.maxBatchSize
    }

    // MARK: Client port

    /// Bytes of one request frame. A longer one closes its connection; its session lives on until it expires.
    package var clientFrameBytes = 0xFFFFF

    /// Connections altogether, 0 = unlimited. One more is accepted and closed.
    package var connections = 0

    /// Connections from one address, 0 = unlimited. One more is accepted and closed.
    package var connectionsPerAddress = 60

    /// Connections accepted in one turn of a loop, so that a flood cannot starve those being served. The rest wait in
    /// the system's backlog.
    package var acceptsPerTurn = 64

    /// Connections the system queues before they are accepted; it caps this at its own limit and refuses more.
    package var listenBacklog = 1024

    /// Requests in flight in the whole server. At the bound, reading pauses on connections that have one in flight.
    package var outstandingRequests = 1000

    /// Bytes of one connection's requests that wait behind its own write. At the bound, reading from it pauses.
    package var parkedBytesPerConnection = 65_536

    /// Requests of one connection served in one turn, so that one pipeliner cannot starve its neighbours. The rest
    /// wait in its input for the next turn.
    package var requestsPerTurn = 512

    /// Output of one connection at which reading from it pauses: a client that does not take replies asks no more.
    package var outputHighWaterBytes = 1 << 20

    /// Output of one connection below which reading resumes.
    package var outputLowWaterBytes = 1 << 18

    /// Output of one connection at which it is closed: watch events arrive however little it reads.
    package var outputLimitBytes = 64 << 20

    /// Watches of one connection. One more closes it.
    package var watchesPerConnection = 1 << 24

    // MARK: Between threads

    /// Requests a worker may have queued for the replica loop. At the bound, the worker pauses reading.
    package var replicaMailbox = 65_536

    /// Commit batches and notices the replica loop may have queued for a worker. At the bound, the loop waits: a
    /// worker that skipped one would serve stale reads.
    package var workerMailbox = 4096

    /// Appends the replica loop may have queued for the disk. At the bound, the loop takes no new requests.
    package var diskMailbox = 65_536

    /// Transactions applied under one taking of the tree's locks. The rest follow in the next batch, after readers.
    package var commitBatch = 1024

    /// Transactions that share one flush of the log.
    package var logBatch = 1000

    // MARK: Between servers

    /// Bytes of one record from another server or from a file. A longer one ends that connection or that file.
    package var recordBytes = 2 * 0xFFFFF

    /// Bytes of one election notification. A longer one drops the channel. (ZooKeeper 3.9, QuorumCnxManager.)
    package var notificationBytes = 512 * 1024

    /// Notifications waiting for one peer. A newer one replaces the older: stale votes are worth nothing.
    package var notificationsPerPeer = 1

    /// Notifications received and not yet looked at. The oldest is dropped.
    package var notificationsReceived = 100

    /// Committed transactions kept in memory for learners that are a little behind; older ones come from disk or as a
    /// snapshot.
    package var commitWindow = 500

    /// Proposals a leader has sent and not yet committed. At the bound, it takes no new requests.
    package var outstandingProposals = 20_000

    /// Packets and bytes queued for one learner. At either bound, the leader drops the learner, which starts over.
    package var learnerQueuePackets = 1_000_000
    package var learnerQueueBytes = 512 << 20

    /// Learners connected to one leader. One more is closed.
    package var learners = 1024

    // MARK: Administration

    /// Bytes of one four-letter answer; beyond it the text is cut with a note.
    package var fourLetterAnswerBytes = 256 << 20

    /// Bytes of one request to the admin port. A longer one is answered with an error and closed.
    package var adminRequestBytes = 65_536
}
