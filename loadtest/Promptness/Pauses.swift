// What a large tree does to those who are served meanwhile: its making, its snapshots, its way to a new observer.
import Foundation

/// One thing that might hold others up, and by how long it did.
struct PausesRow: Encodable {
    var title: String
    var waits: LongestWaits
    /// Of reads at that server, each counted from when it was due; nil where none were asked there.
    var readP999Us: Double?
    var readMaxUs: Double?
}

/// Times reads at a voter through each of these in turn. The voter starts anew in between, to forget its longest waits.
struct Pauses {
    let loads: LoadRunner
    /// For Meerkat's zoo.cfg.
    let settings: [String]
    let plan: PromptnessPlan
    let znodes: Int

    /// Long enough for a million znodes to be created, written to a snapshot, or sent.
    private static let seconds = 10.0
    /// Writes between two snapshots: so few that one is being taken all the time.
    private static let snapCount = 2000
    /// Seconds after the reads until what went on beside them has to be over.
    private static let patience = 300.0

    private var shape: KeyspaceShape { KeyspaceShape(znodes: znodes, valueBytes: 100) }

    /// Adds the rows one by one.
    ///
    /// - Parameter version: what the server calls itself, learned by the way.
    func run(into rows: inout [PausesRow], _ version: inout String?) throws {
        let ensemble = try Ensemble(
            EnsembleShape(voters: 1, observers: 1), .meerkat, in: loads.directory, loads: loads,
            settings: settings + [PromptnessPlan.rareTicks, "snapCount=\(Self.snapCount)"])
        defer { ensemble.stop() }
        let voter = ensemble.voters[0], observer = ensemble.observers[0]
        try ensemble.start()
        version = voter.version
        try ensemble.prepare(PromptnessPlan.shape)
        let count = TextTable.grouped(znodes)

        let creation = try BackgroundLoad(
            ["prepare"], sessions: PromptnessPlan.readers, of: shape, at: voter, loads: loads)
        defer { creation.stop() }
        try add("\(count) znodes created, at the leader", voter, try reads(at: voter), &rows)
        try wait { creation.hasEnded && (observer.figures["znode_count"] ?? 0) >= znodes }
        try add("the same, at an observer", observer, nil, &rows)

        try startAnew(voter)
        let writes = try writes(at: voter)
        defer { writes.stop() }
        try add("a snapshot taken, beside writes", voter, try reads(at: voter), &rows)
        writes.stop()

        observer.kill()
        try observer.wipe()
        try startAnew(voter)
        let moreWrites = try self.writes(at: voter)
        defer { moreWrites.stop() }
        try observer.start()
        let latency = try reads(at: voter)
        try wait { observer.mode != nil }
        try add("the same, and an empty observer gets the tree", voter, latency, &rows)
    }

    private func startAnew(_ member: Member) throws {
        member.stop()
        try member.start()
        try member.waitUntilServing()
    }

    private func writes(at member: Member) throws -> BackgroundLoad {
        try BackgroundLoad.run(
            "set", sessions: PromptnessPlan.readers, perSecond: plan.writesPerSecond, of: PromptnessPlan.shape,
            at: member, loads: loads)
    }

    private func reads(at member: Member) throws -> LoadResult.Latency {
        try loads.run(
            member.address, PromptnessPlan.shape, plan.reads, seconds: Self.seconds, warmUp: 0, pids: [member.pid]
        ).latency
    }

    private func add(
        _ title: String, _ member: Member, _ latency: LoadResult.Latency?, _ rows: inout [PausesRow]
    ) throws {
        rows.append(
            PausesRow(
                title: title, waits: LongestWaits(of: member), readP999Us: latency?.p999Us, readMaxUs: latency?.maxUs))
        note("\(title): longest read \(TextTable.figure(latency?.maxUs ?? 0)) µs")
    }

    private func wait(until isOver: () -> Bool) throws {
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        while !isOver() {
            try Interruption.check()
            guard Date() < deadline else { throw LabError("not over \(Int(Self.patience)) s after the reads") }
            Thread.sleep(forTimeInterval: 0.1)
        }
    }
}
