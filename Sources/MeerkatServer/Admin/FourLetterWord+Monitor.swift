// `mntr`: one key and value per line, the form most dashboards read.

import Replica

extension ServerReport {
    var monitorText: String { monitorLines.map { "zk_\($0.name)\t\($0.value)\n" }.joined() }

    /// Every key without its `zk_`, as the admin port's `monitor` shows them, too.
    public var monitorLines: [Metric] {
        var lines = [Metric("version", ServerVersion.text), Metric("server_state", mode.rawValue)]
        if let peerState { lines.append(Metric("peer_state", peerState)) }
        if let learnerMasterID { lines.append(Metric("observer_master_id", String(learnerMasterID))) }
        lines += alwaysPresent + roleDependent + metrics
        return lines
    }

    /// TLS is not offered, so its gauges stay at zero; dashboards expect them to exist.
    private var alwaysPresent: [Metric] {
        [
            Metric("avg_latency", Self.decimal(latency.average)),
            Metric("min_latency", String(latency.minMs)),
            Metric("max_latency", String(latency.maxMs)),
            Metric("packets_received", String(packetsReceived)),
            Metric("packets_sent", String(packetsSent)),
            Metric("num_alive_connections", String(connectionCount)),
            Metric("outstanding_requests", String(outstandingRequests)),
            Metric("uptime", String(uptimeMs)),
            Metric("znode_count", String(nodeCount)),
            Metric("watch_count", String(watchCount)),
            Metric("ephemerals_count", String(ephemeralCount)),
            Metric("approximate_data_size", String(approximateDataBytes)),
            Metric("global_sessions", String(globalSessions)),
            Metric("local_sessions", String(localSessions)),
            Metric("open_file_descriptor_count", String(openFileDescriptors)),
            Metric("max_file_descriptor_count", String(maxFileDescriptors)),
            Metric("connection_drop_probability", "0.0"),
            Metric("last_client_response_size", String(responseSizes.last)),
            Metric("min_client_response_size", String(responseSizes.min)),
            Metric("max_client_response_size", String(responseSizes.max)),
            Metric("outstanding_tls_handshake", "0"),
            Metric("auth_failed_count", String(authenticationFailures)),
            Metric("non_mtls_remote_conn_count", "0"),
            Metric("non_mtls_local_conn_count", "0"),
        ]
    }

    private var roleDependent: [Metric] {
        var lines: [Metric] = []
        if let quorumSize { lines.append(Metric("quorum_size", String(quorumSize))) }
        if let leading {
            lines += [
                Metric("learners", String(leading.learners)),
                Metric("synced_followers", String(leading.syncedFollowers)),
                Metric("synced_non_voting_followers", String(leading.syncedNonVotingFollowers)),
                Metric("synced_observers", String(leading.syncedObservers)),
                Metric("pending_syncs", String(leading.pendingSyncs)),
                Metric("leader_uptime", String(leading.uptimeMs)),
                Metric("last_proposal_size", String(leading.proposalBytes.last)),
                Metric("min_proposal_size", String(leading.proposalBytes.minimum)),
                Metric("max_proposal_size", String(leading.proposalBytes.maximum)),
            ]
        } else if mode == .follower {
            lines.append(Metric("synced_observers", "0"))
        }
        return lines
    }
}
