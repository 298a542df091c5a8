// What must hold whatever happens. Each check names the invariant it stands for.

import Jute
import Replica
import Tree

/// Watches a run from outside: it knows what servers served, what their disks hold and what clients were told.
public final class Checkers {
    /// The committed history, as far as any server in service has applied it (I3).
    private var committed: [HistoryEntry] = []
    private var leaderOf: [Epoch: ServerID] = [:]
    private var acknowledgedZxids: Set<Zxid> = []
    /// The logged transactions by the history that ends with them, until they are known to be committed.
    private var payloads: [HistoryEntry: [UInt8]] = [:]
    private var model = CommittedModel()
    private var signs = SessionSigns()
    /// Sessions whose end some leader has proposed.
    private var ended: Set<SessionID> = []
    /// Sessions that a committed transaction began.
    private var begun: Set<SessionID> = []
    public private(set) var acknowledgedCount = 0
    public var committedCount: Int { committed.count }

    // MARK: One history

    func logged(_ entry: HistoryEntry, _ payload: [UInt8]) {
        guard payloads.updateValue(payload, forKey: entry) == nil else { return }
        var decoder = JuteDecoder(payload.span)
        if let header = try? decoder.read(TxnHeader.self), header.type == OpCode.closeSession.rawValue {
            ended.insert(header.clientId)
        }
    }

    func startedServing(_ server: SimulatedServer, _ service: Service) {
        if case .leader(let epoch) = service {
            if let other = leaderOf[epoch], other != server.id {
                server.cluster.fail("epoch \(epoch) has two leaders, \(other) and \(server.id) (I4)")
            }
            leaderOf[epoch] = server.id
            signs.begin(server.id, atMs: server.cluster.schedule.nowMs)
            checkQuorumHolds(historyOf: server, epoch: epoch)
        }
        compare(server)
    }

    func appliedInService(_ server: SimulatedServer, _ record: TxnRecord) {
        compare(server)
        guard case .leader(let epoch)? = server.service else { return }
        checkQuorumHolds(historyOf: server, epoch: epoch)
        if case .createSession = record.body {
            let preparedMs = server.elapsedMs(atWallMs: record.header.time)
            signs.created(record.header.clientId, by: server.id, atMs: preparedMs)
        }
    }

    /// What a leader takes for committed, and the epoch it reigns in, is on the disks of a quorum of voters, whatever
    /// is acknowledged on the way (I1, I2).
    private func checkQuorumHolds(historyOf leader: SimulatedServer, epoch: Epoch) {
        let cluster = leader.cluster
        let accounts = cluster.voterIDs.map { cluster.servers[$0]!.account }
        let holders = accounts.count { account in
            guard account.durableEpoch >= epoch else { return false }
            guard let last = leader.history.last else { return true }
            return account.durable.contains(last, at: leader.history.count - 1)
        }
        if holders <= accounts.count / 2 {
            let end = leader.history.last?.zxid ?? .zero
            cluster.fail("leader \(leader.id) commits \(end), on \(holders) disks of \(accounts.count) (I1, I2)")
        }
    }

    /// The server's history and the committed one: one must be the beginning of the other.
    private func compare(_ server: SimulatedServer) {
        let own = server.history
        let shared = min(own.count, committed.count)
        if shared > 0, own[shared - 1] != committed[shared - 1] {
            let split = (0..<shared).first { own[$0] != committed[$0] }!
            return server.cluster.fail(
                "server \(server.id) holds \(own[split].zxid) where \(committed[split].zxid) is committed (I3)")
        }
        for entry in own.dropFirst(committed.count) { commit(entry, server.cluster) }
    }

    private func commit(_ entry: HistoryEntry, _ cluster: SimulatedCluster) {
        committed.append(entry)
        guard let payload = payloads[entry], let record = try? TxnRecord(decoding: payload) else {
            return cluster.fail("\(entry.zxid) is committed and was never logged (I1)")
        }
        model.append(record)
        if case .createSession = record.body { begun.insert(record.header.clientId) }
    }

    // MARK: Clients

    func acknowledged(_ record: TxnRecord, by client: Int, _ cluster: SimulatedCluster) {
        acknowledgedCount += 1
        acknowledgedZxids.insert(record.zxid)
    }

    /// What is read at a zxid is what the committed history has put there by then (I3).
    func read(_ path: UString, data: [UInt8]?, zxid: Zxid, by client: Int, _ cluster: SimulatedCluster) {
        if model.data(of: path, at: zxid) != data {
            cluster.fail("client \(client) read a value of \(path) at \(zxid) that is not the committed one (I3)")
        }
    }

    /// A reply of `zxid`, or the end of the run, leaves no change up to there untold to a watch set at `since`: events
    /// come before such replies, and none is lost (I7, I9).
    func checkTold(
        of path: UString, since: Zxid, upTo zxid: Zxid, by client: Int, _ cluster: SimulatedCluster
    ) {
        let change = model.lastChange(of: path, upTo: zxid)
        if change > since {
            cluster.fail("client \(client) saw \(zxid) before the event of \(path) at \(change) (I7, I9)")
        }
    }

    // MARK: Sessions

    func heard(_ session: SessionID, atMs: Int64) { signs.heard(session, atMs: atMs) }

    func received(_ input: Input, by leader: SimulatedServer) {
        signs.received(input, by: leader.id, atMs: leader.cluster.schedule.nowMs) {
            leader.tree?.sessions[$0] != nil
        }
    }

    func expired(_ session: SessionID, by leader: SimulatedServer) {
        let cluster = leader.cluster
        let wrong = signs.expired(
            session, by: leader.id, timeoutMs: Int64(SimulatedClientPort.timeoutMs), nowMs: cluster.schedule.nowMs,
            calmMs: cluster.calmMs)
        if let wrong { cluster.fail(wrong) }
    }

    /// A client is told that its session is over: somebody must have ended it (I10). One that never became global is over
    /// wherever it `isUnknown`.
    func told(_ client: Int, thatEnded session: SessionID, isUnknown: Bool, _ cluster: SimulatedCluster) {
        let isLocal = cluster.scenario.sessions != .global && !begun.contains(session)
        if !ended.contains(session), !(isLocal && isUnknown) {
            cluster.fail("client \(client) is told that \(session) is over, which nobody ended (I10)")
        }
    }

    // MARK: The end

    public func finish(_ cluster: SimulatedCluster) {
        let servers = cluster.serverIDs.map { cluster.servers[$0]! }
        for server in servers {
            guard server.service != nil, let tree = server.tree else {
                return cluster.fail("server \(server.id) does not serve although the faults are long over (progress)")
            }
            compare(server)
            if server.history.count != committed.count {
                let end = server.history.last?.zxid ?? .zero
                return cluster.fail("server \(server.id) ended at \(end), \(committed.last!.zxid) is committed")
            }
            let problems = tree.checkInvariants()
            if let problem = problems.first { return cluster.fail("server \(server.id): \(problem)") }
            if cluster.scenario.sessions == .local, !tree.sessions.isEmpty || !tree.ephemeralOwners.isEmpty {
                return cluster.fail("server \(server.id) knows sessions that were to be local")
            }
            for owner in tree.ephemeralOwners where tree.sessions[owner] == nil {
                return cluster.fail("server \(server.id) has ephemerals of \(owner), which has ended (I10)")
            }
        }
        for server in servers.dropFirst() {
            if let difference = server.tree!.difference(from: servers[0].tree!) {
                return cluster.fail("trees of \(servers[0].id) and \(server.id) differ: \(difference) (I13)")
            }
        }
        // The clients have opened no session for longer than a timeout.
        let held = Set(cluster.clients.map(\.session))
        for session in servers[0].tree!.sessions.keys where !held.contains(session) {
            return cluster.fail("\(session) is nobody's and has not expired (I10)")
        }
        let kept = Set(committed.map(\.zxid))
        if let lost = acknowledgedZxids.first(where: { !kept.contains($0) }) {
            return cluster.fail("\(lost) was acknowledged and is lost (I1)")
        }
        for client in cluster.clients { client.checkWatches(upTo: committed.last?.zxid ?? .zero) }
        for client in cluster.clients where client.calmWrites == 0 {
            return cluster.fail("client \(client.number) wrote nothing although the faults are over (progress)")
        }
    }
}
