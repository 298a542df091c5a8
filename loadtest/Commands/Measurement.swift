// From a workload's name and options to its report: what the loops carry, and the figures that only this workload has.
import Synchronization

/// One measurement of 'loadtest run'.
struct Measurement {
    let workload: WorkloadName
    let plan: SwarmPlan
    let options: WorkloadOptions

    /// Runs it.
    func report() throws -> Report {
        let distribution = options.distribution
        @Sendable func chooser(_ share: LoopShare) -> KeyChooser {
            KeyChooser(distribution, count: share.shape.znodes, seed: UInt64(share.loop + 1))
        }
        let (readPercent, readsPerSession) = (options.readPercent, options.readsPerSession)
        switch workload {
        case .get: return try steady { ReadLoad(kind: .get, keys: $1, chooser: chooser($0)) }
        case .exists: return try steady { ReadLoad(kind: .exists, keys: $1, chooser: chooser($0)) }
        case .children: return try steady { ReadLoad(kind: .children, keys: $1, chooser: chooser($0)) }
        case .set: return try steady { WriteLoad(keys: $1, chooser: chooser($0)) }
        case .mixed: return try steady { MixedLoad(keys: $1, chooser: chooser($0), readPercent: readPercent) }
        case .watch: return try fanOut(options.watchKind, isStorm: false)
        case .storm: return try fanOut(.data, isStorm: true)
        case .idle: return try steady(.pings) { _, _ in IdleSessions() }
        case .churn:
            return try steady(.handshakes) { share, keys in
                SessionChurn(
                    keys: keys, chooser: chooser(share), sessions: share.sessions, readsPerSession: readsPerSession)
            }
        case .herd: return try herd()
        case .failover: return try failover(chooser)
        }
    }

    private func steady<Load: Workload>(
        _ subject: LatencySubject = .requests, _ load: @escaping @Sendable (LoopShare, Keyspace) -> Load
    ) throws -> Report {
        Report(workload: workload.rawValue, plan: plan, outcome: try drive(subject, load))
    }

    private func drive<Load: Workload>(
        _ subject: LatencySubject, _ load: @escaping @Sendable (LoopShare, Keyspace) -> Load
    ) throws -> SwarmOutcome {
        var swarm = try Swarm(plan, subject: subject, load: load)
        return try swarm.run(progress: showProgress)
    }

    // MARK: Watches

    private func fanOut(_ kind: WatchKind, isStorm: Bool) throws -> Report {
        let details = WatchFanOut.Plan(
            kind: kind, watched: options.watched, changes: options.changes, perSecond: plan.rate, isStorm: isStorm)
        let board = FanOutBoard(watchers: plan.sessions - 1, watched: options.watched)
        let outcome = try drive(isStorm ? .rereads : .notifications) { share, keys in
            WatchFanOut(keys: keys, board: board, share: share, plan: details)
        }
        let changes = Double(board.changes.load(ordering: .relaxed)), seconds = Double(outcome.elapsedNs) / 1e9
        let figures = [
            Report.Figure(name: "changes", value: changes, unit: ""),
            Report.Figure(name: "changes per second", value: changes / seconds, unit: "/s", isHeadline: true),
            Report.Figure(name: "watches expected", value: Double(board.expectedWatches), unit: ""),
            Report.Figure(name: "notifications missed", value: Double(board.missed.load(ordering: .relaxed)), unit: ""),
        ]
        return Report(workload: workload.rawValue, plan: plan, outcome: outcome, figures: figures)
    }

    // MARK: Reconnecting

    private func herd() throws -> Report {
        let board = HerdBoard(sessions: plan.sessions)
        let details = ReconnectHerd.Plan(
            breaksByItself: options.breakBy == .generator, watchesPerSession: options.watchesPerSession)
        let outcome = try drive(.returns) { share, keys in
            ReconnectHerd(keys: keys, board: board, share: share, plan: details)
        }
        return Report(
            workload: workload.rawValue, plan: plan, outcome: outcome, figures: board.figures(outcome.latency))
    }

    // MARK: Failover

    /// Two short runs of one session stand around the measured one.
    private func failover(_ chooser: @escaping @Sendable (LoopShare) -> KeyChooser) throws -> Report {
        let writers = options.writers ?? plan.sessions / 2
        let ledger = WriteLedger(writers: writers)
        try visit(.make, ledger, writers)
        let outcome = try drive(.requests) { share, keys in
            FailoverLoad(
                keys: keys, chooser: chooser(share), sessions: share.sessions, writers: writers, ledger: ledger)
        }
        try visit(.check, ledger, writers)
        return Report(
            workload: workload.rawValue, plan: plan, outcome: outcome, figures: ledger.figures,
            complaints: ledger.findings.withLock { $0 })
    }

    private func visit(_ course: WriterChildren.Course, _ ledger: WriteLedger, _ writers: Int) throws {
        let visits = ledger.visits.load(ordering: .relaxed)
        var plan = plan
        plan.sessions = 1
        plan.rate = nil
        plan.needsEveryReply = true
        plan.waitsForServers = true
        plan.connectSeconds = max(plan.connectSeconds, Self.settlingSeconds)
        plan.warmUpSeconds = 0
        plan.seconds = Self.settlingSeconds
        var swarm = try Swarm(plan, subject: .requests) { _, keys in
            WriterChildren(course, keys: keys, ledger: ledger, writers: writers)
        }
        let outcome = try swarm.run { _ in }
        guard ledger.visits.load(ordering: .relaxed) > visits else {
            throw SwarmError(
                "the znodes of the writers could not be visited within \(Self.settlingSeconds) s: "
                    + (outcome.complaints.first ?? "no answer"))
        }
    }

    /// How long an ensemble may take to serve again after the run.
    private static let settlingSeconds = 30.0
}
