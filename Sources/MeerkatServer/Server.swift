// Wires the parts of a server together and starts the threads; nothing else.

import Glibc
import Jute
import Libevent
public import Logging
import Replica
import ReplicaStore
import Storage
import Tree
import Zab

/// A running server. `start` returns when every port listens; `stop` when every thread has ended but those that make
/// texts and get memory ready, which touch nothing else.
public final class Server {
    private let configuration: ServerConfiguration
    private let log: Logger
    private let lock: DirectoryLock
    private let queue: DiskQueue
    private let mailbox: Mailbox<ReplicaMessage>
    private let snapshots: SnapshotThread
    private let diskThread: NamedThread
    private let snapshotThread: NamedThread
    private let clients: ClientPort
    private let replica: LoopThread
    private let purging: PurgeClock?

    /// Reads the data directory back, then opens the ports.
    ///
    /// - Throws: `StorageError`, `SocketError` or `ConfigurationError`, each saying what the operator can do.
    public static func start(_ configuration: ServerConfiguration, log: Logger) throws -> Server {
        for warning in configuration.warnings { log.warning("\(warning)") }
        let (directory, lock) = try DataDirectory<PosixDisk>.open(
            dataDir: configuration.storage.dataDirectory, dataLogDir: configuration.storage.logDirectory,
            create: configuration.storage.directoryAutocreate)
        let store = ReplicaStore(
            directory: directory, making: configuration.treeMaking, options: configuration.recoveryOptions,
            compression: SnapshotCompression(rawValue: configuration.storage.snapshotCompression) ?? .none)
        let began = MonotonicClock.nowMs
        let start = try store.recover()
        for line in start.report { log.notice("recovery: \(line)") }
        let zxid = start.state.tree.lastProcessedZxid
        log.notice(
            "data loaded",
            metadata: [
                "zxid": "\(zxid)", "znodes": "\(start.state.tree.nodeCount)",
                "replayed": "\(start.replayedCount)", "ms": "\(MonotonicClock.nowMs - began)",
            ])
        return try Server(configuration, log: log, lock: lock, store: store, start: start.state)
    }

    private init(
        _ configuration: ServerConfiguration, log: Logger, lock: DirectoryLock, store: ReplicaStore<PosixDisk>,
        start: RecoveredState
    ) throws {
        self.configuration = configuration
        self.log = log
        self.lock = lock
        let limits = Limits(configuration)
        queue = DiskQueue(capacity: limits.diskMailbox)
        mailbox = Mailbox(capacity: limits.replicaMailbox)
        let completions = Mailbox<ReplicaMessage>(capacity: 4 * limits.diskMailbox)
        let plan = try configuration.replicaPlan(log: log)
        start.tree.setConfig(plan.configuration.membership.text)
        let published = PublishedTree(tree: start.tree, workers: configuration.clientWorkers)
        snapshots = SnapshotThread(
            directory: store.directory,
            compression: SnapshotCompression(rawValue: configuration.storage.snapshotCompression) ?? .none,
            retainCount: configuration.storage.snapshotRetainCount,
            writesLastZxid: configuration.storage.writeLastProcessedZxid, log: log)
        let rules = plan.configuration.preparation.access
        let desk = WordDesk(whitelist: FourLetterWhitelist(configuration.clientPort.fourLetterWords)) {
            [mailbox] word, deliver in
            // A mailbox that is full leaves the question unanswered: the asker gives up, requests go first.
            _ = mailbox.post(.report(word, deliver: deliver))
        }
        clients = try ClientPort(
            host: configuration.clientAddress.isWildcard ? nil : configuration.clientAddress.host,
            port: UInt16(configuration.clientAddress.port), terms: ClientTerms(configuration, rules: rules, log: log),
            published: published, inbox: ClientInbox(mailbox: mailbox), desk: desk)
        desk.attach(clients)
        diskThread = Self.startDisk(
            store: store, queue: queue, mailbox: completions, snapshots: snapshots, configuration, log: log)
        snapshotThread = NamedThread(name: "snapshots") { [snapshots] in snapshots.run() }
        replica = Self.startReplica(
            plan: plan, start: start, published: published, queue: queue, snapshots: snapshots, mailbox: mailbox,
            completions: completions)
        purging = PurgeClock(hours: configuration.storage.purgeIntervalHours, thread: snapshots)
        log.notice("client port open", metadata: ["address": "\(clients.address)"])
    }

    private static func startDisk(
        store: ReplicaStore<PosixDisk>, queue: DiskQueue, mailbox: Mailbox<ReplicaMessage>, snapshots: SnapshotThread,
        _ configuration: ServerConfiguration, log: Logger
    ) -> NamedThread {
        let store = Handover(value: store)
        let trigger = SnapshotTrigger(
            count: configuration.storage.snapshotCount, bytes: configuration.storage.snapshotSizeLimitKiB << 10,
            random: UInt64.random(in: .min ... .max))
        let slowSyncMs = Int64(configuration.storage.fsyncWarningThresholdMs)
        return NamedThread(name: "disk") {
            DiskThread(
                store: store.value, queue: queue, replica: mailbox, snapshots: snapshots, trigger: trigger,
                slowSyncMs: slowSyncMs, log: log
            ).run()
        }
    }

    private static func startReplica(
        plan: ReplicaPlan, start: RecoveredState, published: PublishedTree, queue: DiskQueue,
        snapshots: SnapshotThread, mailbox: Mailbox<ReplicaMessage>, completions: Mailbox<ReplicaMessage>
    ) -> LoopThread {
        let start = Handover(value: start)
        return LoopThread(name: "replica") { loop in
            let replica = ReplicaLoop(
                loop: loop, plan: plan, recovered: start.value, published: published, disk: queue,
                snapshotThread: snapshots, mailbox: mailbox, completions: completions)
            replica.start()
            return replica
        }
    }

    /// Where clients are served, with the real port if 0 was asked for.
    public var clientAddress: String { "\(clients.address)" }

    /// Stops without ending any session: clients go elsewhere. What was logged is on disk when this returns.
    public func stop() {
        log.notice("stopping")
        clients.stop()
        while !mailbox.post(.stop) { Thread.pause(ms: 1) }
        replica.join()
        queue.close()
        diskThread.join()
        snapshots.post(.stop)
        snapshotThread.join()
        log.notice("stopped")
    }
}

/// The client workers' way to the replica.
private struct ClientInbox: ReplicaInbox {
    let mailbox: Mailbox<ReplicaMessage>
    func post(_ inputs: [ClientInput]) -> Bool { mailbox.post(.clients(inputs)) }
}

/// Asks for a purge at the start and every so many hours (`autopurge.purgeInterval`); none if 0.
private final class PurgeClock: Sendable {
    init?(hours: Int, thread: SnapshotThread) {
        if hours <= 0 { return nil }
        thread.post(.purge)
        _ = NamedThread(name: "purge") {
            while true {
                sleep(UInt32(hours) * 3600)
                thread.post(.purge)
            }
        }
    }
}
