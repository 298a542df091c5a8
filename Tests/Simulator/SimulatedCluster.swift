// A whole ensemble in one thread and in virtual time, from one seed.

public import Jute
import Replica
import Tree
import Zab

/// The size of a run.
public struct Scenario: Sendable {
    public var voters: Int
    public var observers: Int
    public var clients: Int
    /// Virtual milliseconds with faults, then without.
    public var stormMs: Int64 = 20_000
    public var calmMs: Int64 = 10_000
    public var faults = Faults()
    public var sessions = SessionKind.global

    /// What sessions are when they begin.
    public enum SessionKind: Sendable {
        case global
        /// Local for good: no ephemerals.
        case local
        /// Local until the first ephemeral.
        case upgrading
    }

    public init(voters: Int, observers: Int, clients: Int) {
        self.voters = voters
        self.observers = observers
        self.clients = clients
    }

    /// What a seed alone decides: 3 or 5 voters, 1 to 3 observers, whether sessions are local at first.
    public init(seed: UInt64) {
        var random = SeededRandom(seed: seed ^ 0x5CE7_A210)
        self.init(
            voters: random.oneIn(3) ? 5 : 3, observers: Int.random(in: 1...3, using: &random),
            clients: Int.random(in: 2...5, using: &random))
        sessions = [.global, .global, .global, .local, .upgrading, .upgrading].randomElement(using: &random)!
    }
}

public final class SimulatedCluster {
    let schedule = Schedule()
    let network: SimulatedNetwork
    public let checkers = Checkers()
    public private(set) var servers: [ServerID: SimulatedServer] = [:]
    public private(set) var clients: [SimulatedClient] = []
    let scenario: Scenario
    private let membership: Membership
    var random: SeededRandom
    private var connections: [LearnerLinkID: SimulatedConnection] = [:]
    private var lastLink: UInt64 = 0
    private let windowCount: Int
    /// What went wrong first; the run ends there.
    public private(set) var failure: String?
    public private(set) var isCalm = false
    /// Virtual milliseconds since the faults ended; nil while there are some.
    var calmMs: Int64? { isCalm ? schedule.nowMs - scenario.stormMs : nil }
    /// Keeps what happened, for reading a failed seed.
    public var trace: ((String) -> Void)?

    static let tickTimeMs: Int64 = 200

    public init(seed: UInt64, scenario: Scenario) {
        self.scenario = scenario
        random = SeededRandom(seed: seed)
        network = SimulatedNetwork(schedule: schedule, random: random.fork(), faults: scenario.faults)
        windowCount = [5, 50, 500].randomElement(using: &random)!
        let voters = Set((1...scenario.voters).map { ServerID(Int64($0)) })
        let observers = (0..<scenario.observers).map { ServerID(Int64(scenario.voters + 1 + $0)) }
        let lines =
            voters.sorted().map { "server.\($0)=s\($0):1:2:participant" }
            + observers.map { "server.\($0)=s\($0):1:2:observer" } + ["version=0"]
        membership = Membership(
            voters: voters, observers: Set(observers), text: Array(lines.joined(separator: "\n").utf8))
        for id in voters.sorted() + observers {
            let drift = Int64.random(in: -5...5, using: &random)
            let offset = random.ms(-3_600_000...3_600_000)
            servers[id] = SimulatedServer(
                id: id, cluster: self, store: SimulatedStore(random: random.fork()), drift: drift, offset: offset)
        }
        clients = (0..<scenario.clients).map { SimulatedClient(number: $0, cluster: self, random: random.fork()) }
    }

    public var serverIDs: [ServerID] { servers.keys.sorted() }
    var voterIDs: Set<ServerID> { membership.voters }

    func configuration(of id: ServerID) -> ReplicaConfiguration {
        var configuration = ReplicaConfiguration(
            id: id, membership: membership, tickTimeMs: Self.tickTimeMs, initLimit: 15, syncLimit: 6,
            preparation: PreparerOptions())
        configuration.windowCount = windowCount
        configuration.opensLocalSessions = scenario.sessions != .global
        configuration.upgradesLocalSessions = scenario.sessions == .upgrading
        return configuration
    }

    // MARK: The run

    /// Runs the whole scenario. Returns what went wrong, or nil.
    public func run() -> String? {
        for id in serverIDs { schedule.after(random.ms(0...500)) { [self] in servers[id]!.start() } }
        for client in clients { schedule.after(random.ms(0...2000)) { client.start() } }
        scheduleFaults()
        schedule.run(untilMs: scenario.stormMs) { failure != nil }
        calmDown()
        schedule.run(untilMs: scenario.stormMs + scenario.calmMs) { failure != nil }
        for client in clients { client.rest() }
        schedule.run(untilMs: scenario.stormMs + scenario.calmMs + 5_000) { failure != nil }
        if failure == nil { checkers.finish(self) }
        schedule.clear()
        return failure
    }

    func fail(_ reason: String) {
        if failure == nil { failure = "\(schedule.nowMs) ms: \(reason)" }
        trace?("\(schedule.nowMs) FAILED \(reason)")
    }

    func note(_ server: SimulatedServer, _ transition: Transition) {
        trace?("\(schedule.nowMs) s\(server.id) \(transition)")
        if case .sessionExpired(let session) = transition { checkers.expired(session, by: server) }
    }

    // MARK: Faults

    private func scheduleFaults() {
        let faults = scenario.faults
        every(faults.crashEveryMs) { [self] in
            guard let server = randomServer() else { return }
            if random.oneIn(2) { crash(server) } else { server.store.crashSoon() }
        }
        every(faults.partitionEveryMs) { [self] in partition() }
        every(faults.breakEveryMs) { [self] in
            if let link = connections.keys.sorted(by: { $0.rawValue < $1.rawValue }).randomElement(using: &random) {
                breakConnection(connections[link]!)
            }
        }
        every(faults.pauseEveryMs) { [self] in
            let duration = random.ms(100...4_000)
            guard let server = randomServer() else { return }
            trace?("\(schedule.nowMs) s\(server.id) paused for \(duration) ms")
            server.pause(forMs: duration)
        }
        every(faults.blackoutEveryMs) { [self] in blackout() }
        every(faults.slowDiskEveryMs) { [self] in slowDisks() }
    }

    /// The leader's disk becomes slow, and each other one perhaps; a learner loses its connection meanwhile. Proposals
    /// then stay open for long, on some disks and not on others, while learners come back and are synchronised.
    private func slowDisks() {
        let leader = leader
        let duration = random.ms(500...3_000)
        for id in serverIDs where id == leader?.id || random.oneIn(2) { servers[id]!.slowDisk(forMs: duration) }
        trace?("\(schedule.nowMs) slow disks for \(duration) ms")
        schedule.after(random.ms(50...duration)) { [self] in
            let learners = sortedConnections.filter { $0.leader == leader?.id }
            if let connection = learners.randomElement(using: &random) { breakConnection(connection) }
        }
    }

    private func blackout() {
        trace?("\(schedule.nowMs) blackout")
        for id in serverIDs where servers[id]!.isUp { crash(servers[id]!) }
    }

    /// The server that leads, one of them while there are several.
    private var leader: SimulatedServer? {
        for id in serverIDs { if case .leader? = servers[id]!.service { return servers[id] } }
        return nil
    }

    /// Service begins: now and then a new reign is struck at once.
    func serviceBegan(_ server: SimulatedServer, _ service: Service) {
        guard !isCalm, case .leader = service, random.oneIn(scenario.faults.reignCrashOneIn) else { return }
        let isBlackout = random.oneIn(2)
        schedule.after(random.ms(0...60)) { [self] in
            if isCalm { return }
            if isBlackout { blackout() } else if server.isUp { crash(server) }
        }
    }

    /// A server is to write the epoch that claims its history: the power may fail between the two.
    func epochIsDue(at server: SimulatedServer) {
        if !isCalm, random.oneIn(scenario.faults.epochCrashOneIn) { server.store.crashSoon() }
    }

    private func every(_ meanMs: Int64, _ body: @escaping () -> Void) {
        schedule.after(random.ms(meanMs / 4...meanMs * 7 / 4)) { [self] in
            if isCalm { return }
            body()
            every(meanMs, body)
        }
    }

    private func randomServer() -> SimulatedServer? {
        servers[serverIDs.randomElement(using: &random)!].flatMap { $0.isUp ? $0 : nil }
    }

    func crash(_ server: SimulatedServer) {
        trace?("\(schedule.nowMs) s\(server.id) crashed")
        server.crash()
        schedule.after(random.ms(50...4_000)) { if !server.isUp { server.start() } }
    }

    private func partition() {
        let cut = serverIDs.filter { _ in random.oneIn(3) }
        if cut.isEmpty || cut.count == servers.count { return }
        trace?("\(schedule.nowMs) partition of \(cut)")
        network.partition(cut)
        schedule.after(random.ms(200...5_000)) { [self] in
            network.heal()
            trace?("\(schedule.nowMs) partition healed")
        }
    }

    private func calmDown() {
        isCalm = true
        network.isCalm = true
        network.heal()
        for id in serverIDs {
            servers[id]!.store.cancelCrash()
            if !servers[id]!.isUp { servers[id]!.start() }
        }
        for client in clients { client.calmDown() }
    }

    func diskDelay(isSlow: Bool) -> Int64 {
        let faults = scenario.faults
        let takesLong = !isCalm && (isSlow || random.oneIn(faults.slowDiskOneIn))
        return random.ms(takesLong ? faults.slowDiskMs : faults.diskMs)
    }

    /// Between two slices of a server's own snapshot, and before it is named.
    func snapshotDelay() -> Int64 { random.ms(0...30) }

    // MARK: Election messages

    func sendNotification(_ notification: Notification, from: SimulatedServer, to recipient: ServerID) {
        guard let server = servers[recipient] else { return }
        network.sendNotification(from: from.id, to: recipient) {
            guard server.isUp else { return }
            server.later(0) { server.feed(.receivedNotification(notification, from: from.id)) }
        }
    }

    // MARK: Quorum connections

    func connect(_ learner: SimulatedServer, to leader: ServerID) { tryConnect(learner, leader, attemptsLeft: 5) }

    private func tryConnect(_ learner: SimulatedServer, _ leader: ServerID, attemptsLeft: Int) {
        learner.later(network.delay()) { [self] in
            guard learner.replica?.learningLeader == leader else { return }
            if let server = servers[leader], server.acceptsLearners, network.canReach(learner.id, leader) {
                lastLink += 1
                let connection = SimulatedConnection(
                    id: LearnerLinkID(rawValue: lastLink), learner: learner.id, leader: leader,
                    learnerLife: learner.life, leaderLife: server.life)
                connections[connection.id] = connection
                server.feed(.learnerConnected(connection.id))
                learner.connected(connection)
            } else if attemptsLeft > 1 {
                learner.later(100) { [self] in tryConnect(learner, leader, attemptsLeft: attemptsLeft - 1) }
            } else {
                learner.connectionFailed()
            }
        }
    }

    func sendDown(_ message: Downstream, on link: LearnerLinkID, from server: SimulatedServer) {
        guard let connection = connections[link], connection.isOpen, connection.leader == server.id else { return }
        if connection.isStreaming { return connection.held.append(message) }
        deliverDown(message, connection)
    }

    private func deliverDown(_ message: Downstream, _ connection: SimulatedConnection) {
        let arrival = max(schedule.nowMs + network.delay(), connection.downstreamMs)
        connection.downstreamMs = arrival
        let learner = servers[connection.learner]!
        schedule.after(arrival - schedule.nowMs) { [self] in
            guard connection.isOpen, learner.life == connection.learnerLife else { return }
            guard network.canReach(connection.learner, connection.leader) else { return blackHole(connection) }
            learner.later(0) { if connection.isOpen { learner.receive(message, on: connection) } }
        }
    }

    func sendUp(_ packet: QuorumPacket, on connection: SimulatedConnection) {
        guard connection.isOpen else { return }
        let arrival = max(schedule.nowMs + network.delay(), connection.upstreamMs)
        connection.upstreamMs = arrival
        let leader = servers[connection.leader]!
        schedule.after(arrival - schedule.nowMs) { [self] in
            guard connection.isOpen, leader.life == connection.leaderLife else { return }
            guard network.canReach(connection.learner, connection.leader) else { return blackHole(connection) }
            leader.later(0) {
                if connection.isOpen { leader.feed(.receivedFromLearner(connection.id, packet)) }
            }
        }
    }

    /// A message met a partition: nothing more arrives either way, and nobody is told.
    private func blackHole(_ connection: SimulatedConnection) { connection.isOpen = false }

    /// The tree in slices, while transactions go on being applied to it.
    func streamSnapshot(from server: SimulatedServer, on link: LearnerLinkID) {
        guard let connection = connections[link], connection.isOpen, let tree = server.tree else { return }
        connection.isStreaming = true
        streamSlice(tree.beginSnapshot(), tree.lastProcessedZxid, server.history, server, connection)
    }

    private func streamSlice(
        _ cursor: SnapshotCursor, _ zxid: Zxid, _ history: [HistoryEntry], _ server: SimulatedServer,
        _ connection: SimulatedConnection
    ) {
        guard connection.isOpen else { return }
        var slice = JuteEncoder()
        let hasMore = cursor.next(into: &slice, upTo: 200)
        deliverDown(.snapshotSlice(slice.bytes), connection)
        if hasMore {
            return server.later(random.ms(0...3)) { [self] in streamSlice(cursor, zxid, history, server, connection) }
        }
        deliverDown(.snapshotEnd(zxid, history: history), connection)
        connection.isStreaming = false
        for message in connection.held { deliverDown(message, connection) }
        connection.held = []
    }

    func closeConnection(_ link: LearnerLinkID, by server: SimulatedServer) {
        if let connection = connections[link] { closeConnection(connection, by: server) }
    }

    /// One end closes: the other hears of it after a while, unless it cannot be reached.
    func closeConnection(_ connection: SimulatedConnection, by server: SimulatedServer) {
        guard connection.isOpen else { return forget(connection) }
        forget(connection)
        let other = servers[server.id == connection.learner ? connection.leader : connection.learner]!
        tell(other, of: connection)
    }

    private func tell(_ server: SimulatedServer, of connection: SimulatedConnection) {
        let isLeader = server.id == connection.leader
        let life = isLeader ? connection.leaderLife : connection.learnerLife
        schedule.after(network.delay()) { [self] in
            guard server.life == life, network.canReach(connection.learner, connection.leader) else { return }
            server.later(0) {
                if isLeader {
                    server.feed(.learnerDisconnected(connection.id))
                } else {
                    server.leaderConnectionBroke(connection)
                }
            }
        }
    }

    private func forget(_ connection: SimulatedConnection) {
        connection.isOpen = false
        connections[connection.id] = nil
    }

    private func breakConnection(_ connection: SimulatedConnection) {
        trace?("\(schedule.nowMs) connection of s\(connection.learner) to s\(connection.leader) broke")
        forget(connection)
        tell(servers[connection.leader]!, of: connection)
        tell(servers[connection.learner]!, of: connection)
    }

    func closeLearnerConnections(of server: SimulatedServer) {
        for connection in sortedConnections where connection.leader == server.id {
            closeConnection(connection, by: server)
        }
    }

    /// A server died: the other ends hear of it, as the kernel of a machine that is still there tells them.
    func connectionsBroken(of server: ServerID) {
        for connection in sortedConnections where connection.leader == server || connection.learner == server {
            let other = connection.leader == server ? connection.learner : connection.leader
            forget(connection)
            tell(servers[other]!, of: connection)
        }
    }

    private var sortedConnections: [SimulatedConnection] {
        connections.values.sorted { $0.id.rawValue < $1.id.rawValue }
    }
}
