// What a run is to be. Separate from the swarm that carries it out: commands decide it, reports repeat it.

/// Everything that was decided before a run.
struct SwarmPlan: Sendable {
    var endpoints: [Endpoint]
    var loops: Int
    var sessions: Int
    /// Requests under way per session.
    var outstanding: Int
    /// Asked for; the server may grant another.
    var timeoutMs: Int32
    var shape: KeyspaceShape
    var check: CheckDepth
    /// Requests per second over all sessions; nil for a closed load.
    var rate: Double?
    /// The rate is not for the schedule but for the workload itself.
    var workloadPacesItself = false
    /// The first fault or lost request ends the run: every reply is needed.
    var needsEveryReply = false
    /// Refused connections are tried again until `connectSeconds` are over, even if no server has answered yet.
    var waitsForServers = false
    /// Loaded but not measured.
    var warmUpSeconds: Double
    var seconds: Double
    var connectSeconds: Double
    var pids: [Int32]

    /// Sessions of one loop: as even as possible.
    func share(of loop: Int) -> LoopShare {
        let sessions = self.sessions / loops + (loop < self.sessions % loops ? 1 : 0)
        return LoopShare(loop: loop, loops: loops, sessions: sessions, totalSessions: self.sessions, shape: shape)
    }
}
