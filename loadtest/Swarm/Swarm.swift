// A run from start to end, as the main thread sees it: start the loops, time the phases, gather what they counted.
// What a run is planned to be stands in `SwarmPlan`.
import Histogram
import Libevent
import Synchronization

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
    /// What the workload has timed beside that.
    var timings: [Timing]
    var timeline: Timeline
    /// Over the whole run.
    var handshakes: Int
    var pings: Int
    var complaints: Complaints
    var generatorCpuNs: Int64
    var servers: [ServerUsage.Difference]
    /// Growth of all servers' resident memory from before the first connect to the end of measuring.
    var residentGrowth: Int
}

/// The loops of one run. Used once, by the main thread.
struct Swarm {
    private let plan: SwarmPlan
    private let subject: LatencySubject
    private let counts: [LiveCounts]
    private let commands: [Mailbox<SwarmCommand>]
    private let events = BlockingMailbox<SwarmEvent>(capacity: 4096)
    private let threads: [LoopThread]
    private var timeline = Timeline()
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
    mutating func run(progress: (Progress) -> Void) throws(SwarmError) -> SwarmOutcome {
        defer { stopThreads() }
        try awaitSessions()
        order(.load)
        var isDone = try wait(seconds: plan.warmUpSeconds)
        order(.measure)
        let usageBefore = Usage(pids: plan.pids), before = CountsSample(counts)
        timeline.begin(nowNs: MonotonicClock.nowNs, counts: before, usage: usageBefore)
        var last = before
        while !isDone {
            let leftSeconds = plan.seconds - Double(timeline.elapsedNs(MonotonicClock.nowNs)) / 1e9
            guard leftSeconds > 0.0005 else { break }
            isDone = try wait(seconds: min(leftSeconds, Timeline.intervalSeconds))
            let now = CountsSample(counts)
            let isWhole = timeline.add(nowNs: MonotonicClock.nowNs, counts: now, usage: Usage(pids: plan.pids))
            if isWhole || isDone {
                progress(Progress(seconds: timeline.lastSeconds, now: now, before: last, latest: timeline.latest))
                last = now
            }
        }
        let elapsedNs = timeline.elapsedNs(MonotonicClock.nowNs)
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

    private mutating func awaitSessions() throws(SwarmError) {
        let deadlineNs = MonotonicClock.nowNs + Int64(plan.connectSeconds * 1e9)
        var missing = plan.loops
        while missing > 0 {
            let leftMs = (deadlineNs - MonotonicClock.nowNs) / 1_000_000
            guard leftMs > 0 else {
                let live = CountsSample(counts).live
                let reason = finish().compactMap(\.complaints.first).first
                throw SwarmError(
                    "only \(live) of \(plan.sessions) sessions were live after \(plan.connectSeconds) s; "
                        + "is the server serving (quorum, connection limit per address)? "
                        + (reason.map { "First trouble: \($0)" } ?? "No connection was refused or lost."))
            }
            for event in events.takeAll(waitingUpToMs: leftMs) ?? [] {
                switch event {
                case .everySessionLive: missing -= 1
                case .failed(let reason): throw SwarmError(reason)
                case .workDone, .slice, .outcome: break
                }
            }
        }
    }

    /// Lets time pass. True when the workload has finished early.
    private mutating func wait(seconds: Double) throws(SwarmError) -> Bool {
        let deadlineNs = MonotonicClock.nowNs + Int64(seconds * 1e9)
        while true {
            let leftMs = (deadlineNs - MonotonicClock.nowNs + 999_999) / 1_000_000
            if leftMs <= 0 { return false }
            for event in events.takeAll(waitingUpToMs: leftMs) ?? [] {
                switch event {
                case .workDone: return true
                case .failed(let reason): throw SwarmError(reason)
                case .slice(let second, let latency): timeline.add(second: second, latency, loops: plan.loops)
                case .everySessionLive, .outcome: break
                }
            }
        }
    }

    private mutating func finish() -> [LoopOutcome] {
        order(.finish)
        let deadlineNs = MonotonicClock.nowNs + 10_000_000_000
        var outcomes: [LoopOutcome] = []
        while outcomes.count < plan.loops {
            let leftMs = (deadlineNs - MonotonicClock.nowNs) / 1_000_000
            if leftMs <= 0 { break }
            for event in events.takeAll(waitingUpToMs: leftMs) ?? [] {
                switch event {
                case .outcome(let outcome):
                    timeline.add(second: outcome.second, outcome.latency, loops: plan.loops)
                    outcomes.append(outcome)
                case .slice(let second, let latency): timeline.add(second: second, latency, loops: plan.loops)
                case .workDone, .everySessionLive, .failed: break
                }
            }
        }
        timeline.end()
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
        var complaints = Complaints()
        for outcome in outcomes { complaints.add(outcome.complaints) }
        return SwarmOutcome(
            subject: subject, elapsedNs: elapsedNs, counts: counted, latency: timeline.latency,
            timings: Timing.merged(outcomes.flatMap(\.timings)), timeline: timeline,
            handshakes: outcomes.reduce(0) { $0 + $1.handshakes }, pings: outcomes.reduce(0) { $0 + $1.pings },
            complaints: complaints, generatorCpuNs: to.usage.generatorNs - from.usage.generatorNs,
            servers: ServerUsage.differences(from: from.usage.servers, to: to.usage.servers),
            residentGrowth: to.usage.residentBytes - usageAtStart.residentBytes)
    }
}
