// What the writer and the watchers of a fan-out share. Separate because they live on different loops.
import Synchronization

/// One change at a time, and how far it has got. The writer's loop begins changes, all loops count deliveries; whatever
/// a loop learns of a change by its notification was stored before the change was sent.
final class FanOutBoard: Sendable {
    let watchers: Int
    /// Watches that are in place when every watcher is ready.
    let expectedWatches: Int
    let watchesInPlace = Atomic<Int>(0)
    /// The change under way, counted from 1; 0 before the first.
    let number = Atomic<Int>(0)
    /// When it was due, or sent if nothing held it back.
    let beganNs = Atomic<Int>(0)
    let znode = Atomic<Int>(0)
    /// Raw value of the kind of request that makes it.
    let cause = Atomic<UInt8>(0)
    let notified = Atomic<Int>(0)
    let reread = Atomic<Int>(0)

    /// Of the measurement.
    let changes = Atomic<Int>(0)
    /// Notifications, and re-reads, that had not come when the writer gave up waiting.
    let missed = Atomic<Int>(0)
    let isMeasuring = Atomic<Bool>(false)

    init(watchers: Int, watched: Int) {
        self.watchers = watchers
        expectedWatches = watchers * watched
    }

    func begin(_ asked: Asked, atNs: Int64) {
        notified.store(0, ordering: .relaxed)
        reread.store(0, ordering: .relaxed)
        znode.store(asked.key, ordering: .relaxed)
        cause.store(asked.kind.rawValue, ordering: .relaxed)
        beganNs.store(Int(atNs), ordering: .relaxed)
        number.add(1, ordering: .releasing)
    }

    /// The change did not happen: nobody will be told.
    func cancel() {
        notified.store(watchers, ordering: .relaxed)
        reread.store(watchers, ordering: .relaxed)
    }

    /// Position of a delivery among those of its change, from 1.
    static func count(_ counter: borrowing Atomic<Int>) -> Int {
        counter.add(1, ordering: .acquiringAndReleasing).newValue
    }
}

/// How long after a change the first, the middle and the last of its deliveries came; of one loop.
struct DeliveryTimings: Sendable {
    private let watchers: Int
    private var first: Timing
    private var median: Timing
    private var last: Timing

    /// - Parameter name: what is delivered, in the plural is what the run times.
    init(_ name: String, watchers: Int) {
        self.watchers = watchers
        first = Timing("first \(name) of a change")
        median = Timing("median \(name) of a change")
        last = Timing("last \(name) of a change")
    }

    var all: [Timing] { [first, median, last] }

    mutating func reset() {
        first.reset()
        median.reset()
        last.reset()
    }

    /// The delivery at `position`, from 1, has come.
    mutating func record(position: Int, fromNs: Int64, toNs: Int64) {
        if position == 1 { first.record(fromNs: fromNs, toNs: toNs) }
        if position == (watchers + 1) / 2 { median.record(fromNs: fromNs, toNs: toNs) }
        if position == watchers { last.record(fromNs: fromNs, toNs: toNs) }
    }
}
