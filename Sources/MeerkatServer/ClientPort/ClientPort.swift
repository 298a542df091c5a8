// The client port of a server: its workers' threads and the listener that feeds them. Wiring only.
public import Libevent
public import Replica
import Synchronization

/// Answers four-letter words that one worker cannot answer alone. Called on worker threads; the text goes back through
/// `ClientPort.post(.adminText(client, bytes), to: client.worker)`.
public protocol ReportDesk: Sendable {
    func request(_ word: FourLetterWord, argument: [UInt8], from client: ClientID)
}

/// Accepts and serves clients on as many threads as the published tree has lanes, until stopped.
///
/// One listener hands the connections round: every worker has its share to within one connection, however few there
/// are, and a second server on the same port is noticed. Several listeners on one port would let the kernel choose by a
/// hash: measured over 20 runs with two of them, one got 43 to 58 percent of 200 connections and 10 to 70 of ten.
public final class ClientPort: Sendable {
    private let threads: [LoopThread]
    private let mailboxes: [Mailbox<WorkerMail>]
    /// Where it listens, with the real port if 0 was asked for.
    public let address: SocketAddress

    /// - Parameter host: nil for every address.
    public init(
        host: String?, port: UInt16, terms: ClientTerms, published: PublishedTree, inbox: any ReplicaInbox,
        desk: any ReportDesk
    ) throws(SocketError) {
        let mailboxes = published.lanes.map { _ in Mailbox<WorkerMail>(capacity: terms.limits.workerMailbox) }
        let census = ConnectionCensus(
            maximum: terms.limits.connections, maximumPerHost: terms.limits.connectionsPerAddress)
        let bound = BoundAddress()
        var threads: [LoopThread] = []
        do {
            // The listener's worker comes last: the others are ready when the first connection comes.
            for index in published.lanes.indices.reversed() {
                let thread = try LoopThread(name: "client-\(index)") { loop throws(SocketError) -> AnyObject in
                    let worker = ClientWorker(
                        index: index, loop: loop, terms: terms, published: published, census: census, inbox: inbox,
                        desk: desk, mail: mailboxes[index])
                    guard index == 0 else { return worker }
                    let entrance = try Entrance(
                        worker: worker, host: host, port: port, limits: terms.limits, census: census,
                        mailboxes: mailboxes)
                    bound.value.withLock { $0 = entrance.address }
                    return entrance
                }
                threads.append(thread)
            }
        } catch {
            for thread in threads { thread.stop() }
            for thread in threads { thread.join() }
            throw error
        }
        guard let address = bound.value.withLock({ $0 }) else { preconditionFailure("the client port listens nowhere") }
        self.address = address
        self.threads = threads
        self.mailboxes = mailboxes
    }

    public var workers: Int { mailboxes.count }

    /// Any thread. False when that worker's mailbox is full.
    @discardableResult public func post(_ mail: WorkerMail, to worker: Int) -> Bool { mailboxes[worker].post(mail) }

    /// Closes the listener and every connection, and ends the threads. Not from a worker's thread; idempotent.
    public func stop() {
        for thread in threads { thread.stop() }
        for thread in threads { thread.join() }
    }
}

/// How the address comes from the first worker's thread to the one that starts the port.
private final class BoundAddress: Sendable {
    let value = Guarded<SocketAddress?>(nil)
}

/// The listener, and the first worker, on whose loop it runs.
private final class Entrance {
    private let worker: ClientWorker
    private let listener: Listener
    let address: SocketAddress

    init(
        worker: ClientWorker, host: String?, port: UInt16, limits: Limits, census: ConnectionCensus,
        mailboxes: [Mailbox<WorkerMail>]
    ) throws(SocketError) {
        self.worker = worker
        var options = Listener.Options()
        options.acceptsPerTurn = limits.acceptsPerTurn
        options.backlog = Int32(clamping: limits.listenBacklog)
        options.noDelay = true
        var next = 0
        listener = try Listener(on: worker.loop, host: host, port: port, options: options) { fd, peer in
            guard census.enter(peer) else {
                worker.refuse(peer, .tooManyConnections)
                return Socket.close(fd)
            }
            let chosen = next
            next = (next + 1) % mailboxes.count
            // The listener's own worker needs no mail.
            if chosen == 0 { return worker.accept(fd, peer) }
            if mailboxes[chosen].post(.accepted(fd: fd, peer: peer)) { return }
            census.leave(peer)
            Socket.close(fd)
        }
        address = listener.address
    }

    deinit { listener.close() }
}
