// Counts at one moment, for progress and for the course of a run.
import Synchronization

/// The live counts of all loops at one moment.
struct CountsSample: Sendable, Equatable {
    var replies = 0
    var events = 0
    var live = 0
    var lost = 0
    var faults = 0
    var reconnects = 0
    var expired = 0

    init() {}

    init(_ loops: [LiveCounts]) {
        for loop in loops {
            replies += loop.replies.load(ordering: .relaxed)
            events += loop.events.load(ordering: .relaxed)
            live += loop.live.load(ordering: .relaxed)
            lost += loop.lost.load(ordering: .relaxed)
            faults += loop.faults.load(ordering: .relaxed)
            reconnects += loop.reconnects.load(ordering: .relaxed)
            expired += loop.expired.load(ordering: .relaxed)
        }
    }
}
