// What must hold whatever happens. Each check names the invariant it stands for.

import Jute
import Replica
import Tree

/// Watches a run from outside: it knows only what servers served and clients were told.
package final class Checkers {
    /// The committed history, as far as any server in service has applied it (I3).
    private var committed: [HistoryEntry] = []
    private var leaderOf: [Epoch: ServerID] = [:]
    private var acknowledgedZxids: Set<Zxid> = []
    private var openSessions: [SessionID: (timeoutMs: Int32, heardMs: Int64)] = [:]
    private var closedByClient: Set<SessionID> = []
    package private(set) var acknowledgedCount = 0
    package var committedCount: Int { committed.count }

    // MARK: One history

    func startedServing(_ server: SimulatedServer, _ service: Service) {
        if case .leader(let epoch) = service {
            if let other = leaderOf[epoch], other != server.id {
                server.cluster.fail("epoch \(epoch) has two leaders, \(other) and \(server.id) (I4)")
            }
            leaderOf[epoch] = server.id
        }
        compare(server)
    }

    func appliedInService(_ server: SimulatedServer) { compare(server) }

    /// The server's history and the committed one: one must be the beginning of the other.
    private func compare(_ server: SimulatedServer) {
        let own = server.history
        let shared = min(own.count, committed.count)
        if shared > 0, own[shared - 1] != committed[shared - 1] {
            let split = (0..<shared).first { own[$0] != committed[$0] }!
            return server.cluster.fail(
                "server \(server.id) holds \(own[split].zxid) where \(committed[split].zxid) is committed (I3)")
        }
        if own.count > committed.count { committed += own[committed.count...] }
    }

    // MARK: Clients

    func acknowledged(_ record: TxnRecord, by client: Int, _ cluster: SimulatedCluster) {
        acknowledgedCount += 1
        acknowledgedZxids.insert(record.zxid)
        if case .closeSession = record.body { closedByClient.insert(record.header.clientId) }
    }

    func opened(_ session: SessionID, timeoutMs: Int32, atMs: Int64) { openSessions[session] = (timeoutMs, atMs) }

    func heard(_ session: SessionID, atMs: Int64) { openSessions[session]?.heardMs = atMs }

    func read(_ path: UString, data: [UInt8]?, zxid: Zxid, by client: Int, _ cluster: SimulatedCluster) {}

    // MARK: The end

    package func finish(_ cluster: SimulatedCluster) {
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
            for owner in tree.ephemeralOwners where tree.sessions[owner] == nil {
                return cluster.fail("server \(server.id) has ephemerals of \(owner), which has ended (I10)")
            }
        }
        for server in servers.dropFirst() {
            if let difference = server.tree!.difference(from: servers[0].tree!) {
                return cluster.fail("trees of \(servers[0].id) and \(server.id) differ: \(difference) (I13)")
            }
        }
        let held = Set(committed.map(\.zxid))
        if let lost = acknowledgedZxids.first(where: { !held.contains($0) }) {
            return cluster.fail("\(lost) was acknowledged and is lost (I1)")
        }
        for client in cluster.clients where client.calmWrites == 0 {
            return cluster.fail("client \(client.number) wrote nothing although the faults are over (progress)")
        }
    }
}
