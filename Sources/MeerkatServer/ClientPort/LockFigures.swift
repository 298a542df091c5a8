// How long the tree's writer and its readers keep each other waiting: measured, so that the bound can be watched.

/// Since the start, nanoseconds. A lock that is free costs no look at the clock.
public struct LockFigures: Hashable, Sendable {
    /// Of one wait for one lock.
    public private(set) var writerWait = Waits()
    public private(set) var readerWait = Waits()
    /// Longest that the writer held the locks for one batch.
    public private(set) var writerHoldMaxNs: Int64 = 0

    public struct Waits: Hashable, Sendable {
        public private(set) var maxNs: Int64 = 0
        public private(set) var totalNs: Int64 = 0

        mutating func note(_ ns: Int64) {
            maxNs = max(maxNs, ns)
            totalNs += ns
        }

        mutating func add(_ other: Waits) {
            maxNs = max(maxNs, other.maxNs)
            totalNs += other.totalNs
        }
    }

    mutating func writerWaited(ns: Int64) { if ns > 0 { writerWait.note(ns) } }
    mutating func writerHeld(forNs ns: Int64) { writerHoldMaxNs = max(writerHoldMaxNs, ns) }
    mutating func add(readers: Waits) { readerWait.add(readers) }
}

extension LockFigures {
    /// As `mntr` shows them, microseconds.
    var metrics: [ServerReport.Metric] {
        [
            .init("tree_writer_wait_max_us", String(writerWait.maxNs / 1000)),
            .init("tree_writer_wait_total_us", String(writerWait.totalNs / 1000)),
            .init("tree_writer_hold_max_us", String(writerHoldMaxNs / 1000)),
            .init("tree_reader_wait_max_us", String(readerWait.maxNs / 1000)),
            .init("tree_reader_wait_total_us", String(readerWait.totalNs / 1000)),
        ]
    }
}
