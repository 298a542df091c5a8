// How the sessions of a loop come by their connections and lose them. Separate from the phases of a run: sessions come
// and go in any of them.
import Libevent
import Synchronization

extension SwarmLoop {
    /// Connects under way at once.
    private static var attemptLimit: Int { 128 }
    /// Beyond this many sessions, connections start from further loopback addresses: the kernel looks for a free port in
    /// half of the 28,000 first, and gets slow when these run out.
    private static var sessionsPerLocalAddress: Int { 5_000 }

    // MARK: Coming

    func connectMore() {
        while attempts < Self.attemptLimit, waitingHead < waiting.count, phase != .over {
            let connection = connections[waiting[waitingHead]]
            waitingHead += 1
            if waitingHead == waiting.count {
                waiting.removeAll(keepingCapacity: true)
                waitingHead = 0
            }
            dial(connection)
        }
    }

    private func dial(_ connection: Connection<Load>) {
        let number = share.loop + connection.session.index * share.loops
        let endpoint = plan.endpoints[(number + connection.moves) % plan.endpoints.count]
        attempts += 1
        connection.willConnect(nowNs: MonotonicClock.nowNs)
        let timeoutMs = Int64(plan.connectSeconds * 1000)
        connector.connect(
            host: endpoint.host, port: endpoint.port, timeoutMs: timeoutMs, from: localAddress(number, endpoint)
        ) { [unowned self, unowned connection] result in
            attempts -= 1
            switch result {
            case .success(let fd) where phase == .draining || phase == .closing || phase == .over: Socket.close(fd)
            case .success(let fd): connection.connected(fd: fd, nowNs: MonotonicClock.nowNs)
            case .failure(let error): connectFailed(connection, error)
            }
            connectMore()
        }
    }

    private func localAddress(_ number: Int, _ endpoint: Endpoint) -> SocketAddress? {
        guard plan.sessions > Self.sessionsPerLocalAddress, endpoint.isIPv4Loopback else { return nil }
        let last = 2 + number / Self.sessionsPerLocalAddress
        return SocketAddress(numericHost: "127.0.0.\(last)", port: 0)
    }

    private func connectFailed(_ connection: Connection<Load>, _ error: SocketError) {
        complaints.add("\(error)")
        let wasLastServer = connection.moves + 1 >= plan.endpoints.count
        if phase == .connecting, liveCount == 0, wasLastServer, !plan.waitsForServers { return fail("\(error)") }
        connection.moveOn()
        retrying.append(connection.session.index)
    }

    /// A handshake has succeeded.
    func greeted(_ connection: Connection<Load>, beganNs: Int64, nowNs: Int64) {
        liveCount += 1
        counts.live.store(liveCount, ordering: .relaxed)
        tally.greeted(beganNs: beganNs, nowNs: nowNs)
        if phase == .connecting, liveCount == share.sessions {
            phase = .waiting
            tell(.everySessionLive)
        }
    }

    // MARK: Going

    /// The connection has ended, by intention or not.
    func connectionLost(_ connection: Connection<Load>, reason: String) {
        let (wasLive, isIntended) = (connection.isLive, connection.session.phase == .closing)
        let unanswered = release(connection)
        if isIntended {
            connection.forgetSession()
            if phase == .loading, load.reopensClosedSessions {
                waiting.append(connection.session.index)
                connectMore()
            }
            return
        }
        guard phase != .closing, phase != .over else { return }
        counts.lost.add(unanswered, ordering: .relaxed)
        counts.reconnects.add(1, ordering: .relaxed)
        complaints.add(reason)
        if plan.needsEveryReply, unanswered > 0 { fail(reason) }
        connection.moveOn()
        // One that was never greeted waits: its server may accept and close as fast as it is asked.
        guard wasLive else { return retrying.append(connection.session.index) }
        waiting.append(connection.session.index)
        connectMore()
    }

    /// The server broke the protocol, or answered wrongly. The session is given up, except for one that has expired.
    func faulted(_ connection: Connection<Load>, _ fault: SessionFault) {
        if fault == .sessionExpired {
            counts.expired.add(1, ordering: .relaxed)
            return connectionLost(connection, reason: fault.description)
        }
        counts.lost.add(release(connection), ordering: .relaxed)
        counts.faults.add(1, ordering: .relaxed)
        complaints.add("\(fault)")
        deadCount += 1
        if deadCount == share.sessions || phase == .connecting || plan.needsEveryReply { fail(fault.description) }
    }

    /// Resets every connection at once; all sessions come back on new ones.
    func breakConnections(nowNs: Int64) {
        for connection in connections where connection.isConnected {
            connection.resetsOnClose()
            counts.lost.add(release(connection), ordering: .relaxed)
            counts.reconnects.add(1, ordering: .relaxed)
            waiting.append(connection.session.index)
        }
        connectMore()
    }

    /// Lets the connection go and counts it. Returns how many requests will never be answered.
    private func release(_ connection: Connection<Load>) -> Int {
        if connection.session.phase == .live || connection.session.phase == .closing {
            liveCount -= 1
            counts.live.store(liveCount, ordering: .relaxed)
        }
        let unanswered = connection.disconnect()
        load.disconnected(session: connection.session.index, nowNs: MonotonicClock.nowNs)
        return unanswered
    }
}
