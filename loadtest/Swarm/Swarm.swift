// A run from start to end, as the main thread sees it: start the loops, time the phases, gather what they counted.
import Histogram
import Libevent
import Synchronization

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

/// Why a run has no result.
struct SwarmError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// What happened in the measured part of a run.
struct SwarmOutcome: Sendable {
    var subject: LatencySubject
    var elapsedNs: Int64
    var counts: CountsSample
    var latency: LatencyHistogram
    /// Over the whole run.
    var handshakes: Int
    var pings: Int
    var complaints: [String]
    var generatorCpuNs: Int64
    var servers: [ServerUsage.Difference]
    /// Growth of all servers' resident memory from before the first connect to the end of measuring.
    var residentGrowth: Int
}

/// The live counts of all loops at one moment.
struct CountsSample: Sendable {
    var replies = 0
    var events = 0
    var live = 0
    var lost = 0
    var faults = 0
    var reconnects = 0

    init() {}

    init(_ loops: [LiveCounts]) {
        for loop in loops {
            replies += loop.replies.load(ordering: .relaxed)
            events += loop.events.load(ordering: .relaxed)
            live += loop.live.load(ordering: .relaxed)
            lost += loop.lost.load(ordering: .relaxed)
            faults += loop.faults.load(ordering: .relaxed)
            reconnects += loop.reconnects.load(ordering: .relaxed)
        }
    }
}

/// The loops of one run. Used once, by the main thread.
struct Swarm {
    private let plan: SwarmPlan
    private let subject: LatencySubject
    private let counts: [LiveCounts]
    private let commands: [Mailbox<SwarmCommand>]
    private let events = BlockingMailbox<SwarmEvent>(capacity: 4096)
    private let threads: [LoopThread]
    /// Before the first session connected.
    private let usageAtStart: Usage

    /// Descriptors that are no sessions: standard streams, bases, mailboxes, libraries.
    private static var otherDescriptors: Int { 64 }

    /// Starts the loops, which begin to connect.
    init<Load: Workload>(
        _ plan: SwarmPlan, subject: LatencySubject,
        load: @escaping @Sendable (_ share: LoopShare, _ keys: Keyspace) -> Load
    ) throws(SwarmError) {
        let descriptors = DescriptorLimit.raise()
        guard plan.sessions + Self.otherDescriptors <= descriptors else {
            throw SwarmError(
                "\(plan.sessions) sessions need as many descriptors, but this process may have \(descriptors); "
                    + "raise 'ulimit -n' here, and for the server")
        }
        self.plan = plan
        self.subject = subject
        let counts = (0..<plan.loops).map { _ in LiveCounts() }
        let commands = (0..<plan.loops).map { _ in Mailbox<SwarmCommand>(capacity: 16) }
        usageAtStart = Usage(pids: plan.pids)
        let resolver = Resolver()
        let events = events
        threads = (0..<plan.loops).map { number in
            let share = plan.share(of: number)
            let (own, inbox) = (counts[number], commands[number])
            return LoopThread(name: "swarm-\(number)") { loop throws(Never) in
                let keys = Keyspace(plan.shape)
                return SwarmLoop(
                    on: loop, plan: plan, share: share, keys: keys, load: load(share, keys), resolver: resolver,
                    counts: own, commands: inbox, events: events)
            }
        }
        self.counts = counts
        self.commands = commands
    }

    /// Runs all phases. Bounded: connecting, warm-up, measuring and four seconds to finish.
    ///
    /// - Parameter progress: called about once a second while measuring.
    func run(progress: (_ second: Int, _ now: CountsSample, _ before: CountsSample) -> Void) throws(SwarmError)
        -> SwarmOutcome
    {
        defer { stopThreads() }
        try awaitSessions()
        order(.load)
        var isDone = try wait(seconds: plan.warmUpSeconds)
        order(.measure)
        let usageBefore = Usage(pids: plan.pids), before = CountsSample(counts)
        let beganNs = MonotonicClock.nowNs
        var last = before
        var second = 0
        while !isDone {
            let leftSeconds = plan.seconds - Double(MonotonicClock.nowNs - beganNs) / 1e9
            guard leftSeconds > 0.0005 else { break }
            isDone = try wait(seconds: min(leftSeconds, 1))
            second += 1
            let now = CountsSample(counts)
            progress(second, now, last)
            last = now
        }
        let elapsedNs = MonotonicClock.nowNs - beganNs
        let usage = Usage(pids: plan.pids), after = CountsSample(counts)
        let outcomes = finish()
        return gather(outcomes, elapsedNs: elapsedNs, from: (before, usageBefore), to: (after, usage))
    }

    private func order(_ command: SwarmCommand) {
        for inbox in commands {
            let posted = inbox.post(command)
            precondition(posted, "a loop has left 16 commands unread")
        }
    }

    private func awaitSessions() throws(SwarmError) {
        let deadlineNs = MonotonicClock.nowNs + Int64(plan.connectSeconds * 1e9)
        var missing = plan.loops
        while missing > 0 {
            let leftMs = (deadlineNs - MonotonicClock.nowNs) / 1_000_000
            guard leftMs > 0 else {
                let live = CountsSample(counts).live
                throw SwarmError(
                    "only \(live) of \(plan.sessions) sessions were live after \(plan.connectSeconds) s; "
                        + "is the server serving (quorum, connection limit per address)?")
            }
            for event in events.takeAll(waitingUpToMs: leftMs) ?? [] {
                switch event {
                case .everySessionLive: missing -= 1
                case .failed(let reason): throw SwarmError(reason)
                case .workDone, .outcome: break
                }
            }
        }
    }

    /// Lets time pass. True when the workload has finished early.
    private func wait(seconds: Double) throws(SwarmError) -> Bool {
        let deadlineNs = MonotonicClock.nowNs + Int64(seconds * 1e9)
        while true {
            let leftMs = (deadlineNs - MonotonicClock.nowNs + 999_999) / 1_000_000
            if leftMs <= 0 { return false }
            for event in events.takeAll(waitingUpToMs: leftMs) ?? [] {
                switch event {
                case .workDone: return true
                case .failed(let reason): throw SwarmError(reason)
                case .everySessionLive, .outcome: break
                }
            }
        }
    }

    private func finish() -> [LoopOutcome] {
        order(.finish)
        let deadlineNs = MonotonicClock.nowNs + 10_000_000_000
        var outcomes: [LoopOutcome] = []
        while outcomes.count < plan.loops {
            let leftMs = (deadlineNs - MonotonicClock.nowNs) / 1_000_000
            if leftMs <= 0 { break }
            for event in events.takeAll(waitingUpToMs: leftMs) ?? [] {
                if case .outcome(let outcome) = event { outcomes.append(outcome) }
            }
        }
        return outcomes
    }

    private func stopThreads() {
        for thread in threads { thread.stop() }
        for thread in threads { thread.join() }
    }

    private func gather(
        _ outcomes: [LoopOutcome], elapsedNs: Int64, from: (counts: CountsSample, usage: Usage),
        to: (counts: CountsSample, usage: Usage)
    ) -> SwarmOutcome {
        // Losses and faults count over the whole run, also while warming up and draining.
        var counted = CountsSample(counts)
        counted.replies = to.counts.replies - from.counts.replies
        counted.events = to.counts.events - from.counts.events
        counted.live = to.counts.live
        var latency = Tally.emptyHistogram
        for outcome in outcomes { latency.add(outcome.latency) }
        return SwarmOutcome(
            subject: subject, elapsedNs: elapsedNs, counts: counted, latency: latency,
            handshakes: outcomes.reduce(0) { $0 + $1.handshakes }, pings: outcomes.reduce(0) { $0 + $1.pings },
            complaints: outcomes.flatMap(\.complaints), generatorCpuNs: to.usage.generatorNs - from.usage.generatorNs,
            servers: ServerUsage.differences(from: from.usage.servers, to: to.usage.servers),
            residentGrowth: to.usage.residentBytes - usageAtStart.residentBytes)
    }
}
