// Runs one series: an ensemble, what idles beside, and the comparison at each size.
import Foundation

/// Measures one question after the other; each has servers of its own.
struct Growth {
    let loads: LoadRunner
    let rounds: Int
    let seconds: Double
    /// For Meerkat's zoo.cfg.
    let settings: [String]
    /// Sizes beyond these are left out.
    let mostZnodes: Int
    let mostWatches: Int
    let mostConnections: Int

    /// One voter is enough: nothing here depends on how a write finds its quorum.
    private static let shape = EnsembleShape(voters: 1, observers: 1)
    /// Idle sessions must not ping while something else is measured.
    private static let rareTicks = "maxSessionTimeout=3600000"
    /// What a commit costs is asked without what a snapshot costs, which grows with the znodes.
    private static let noSnapshots = "snapCount=1000000000"
    /// Those who hold watches: as few as leave room for many watches each. They are there at every size, too.
    private static let watchers = 500
    /// Watched znodes; more watches than that share them. They are there at every size.
    private static let mostWatchedZnodes = 1_000_000

    /// Adds the question's points to its series.
    ///
    /// - Parameter version: what the server calls itself, learned by the way.
    func run(_ question: GrowthQuestion, into series: inout GrowthSeries, _ version: inout String?) throws {
        var ensemble: Ensemble?
        defer { ensemble?.stop() }
        let reference: (any Contestant)? = try series.reference.map {
            try ReferenceServer($0, in: loads.directory, programs: loads.programs)
        }
        defer { reference?.stop() }
        for size in question.sizes where size <= bound(question) {
            if ensemble == nil || question == .znodes {
                ensemble?.stop()
                ensemble = try start(question)
            }
            guard let ensemble else { continue }
            if let watched = watched(question) { try ensemble.prepare(watched) }
            let idlers = try idle(question, size, ensemble)
            defer { idlers?.stop() }
            let meerkat: any Contestant = try contestant(question, ensemble)
            let comparison = Comparison(
                contestants: [reference, meerkat].compactMap { $0 }, loads: loads, rounds: rounds, seconds: seconds,
                javaWarmUp: 0)
            let result = try comparison.run(question.line(at: size))
            series.points.append(GrowthPoint(at: TextTable.grouped(size), result: result))
            version = ensemble.target.version
            note(series.lastPointText)
        }
    }

    private func bound(_ question: GrowthQuestion) -> Int {
        switch question {
        case .znodes: mostZnodes
        case .connections, .commitSessions: mostConnections
        case .watches, .commitWatches: mostWatches
        case .value: .max
        }
    }

    private func start(_ question: GrowthQuestion) throws -> Ensemble {
        let ownSettings = [Self.rareTicks] + (question.isAboutCommits ? [Self.noSnapshots] : [])
        let ensemble = try Ensemble(
            Self.shape, .meerkat, in: loads.directory, loads: loads, settings: settings + ownSettings)
        do {
            try ensemble.start()
        } catch {
            ensemble.stop()
            throw error
        }
        return ensemble
    }

    private func contestant(_ question: GrowthQuestion, _ ensemble: Ensemble) throws -> any Contestant {
        if !question.isAboutCommits { return ensemble }
        return EnsembleView(ensemble, asked: [try ensemble.leader()], measured: ensemble.observers)
    }

    /// Behind the znodes that are read or written, those that only are watched; nil where the question is not about them.
    private func watched(_ question: GrowthQuestion) -> KeyspaceShape? {
        guard question == .watches || question == .commitWatches else { return nil }
        var shape = question.line(at: 0).shape
        shape.znodes += min(mostWatches, Self.mostWatchedZnodes)
        return shape
    }

    /// Puts idle watches or sessions in place where the question is about them.
    private func idle(_ question: GrowthQuestion, _ size: Int, _ ensemble: Ensemble) throws -> BackgroundLoad? {
        let active = question.line(at: size).shape
        if let watched = watched(question) {
            return try BackgroundLoad.idle(
                sessions: Self.watchers, watches: size, first: active.znodes, of: watched, at: ensemble.target,
                loads: loads)
        }
        guard question == .commitSessions, size > 0 else { return nil }
        return try BackgroundLoad.idle(
            sessions: size, watches: 0, first: 0, of: active, at: ensemble.target, loads: loads)
    }
}
