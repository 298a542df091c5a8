// How long one kind of work has held up its loop at most: measured, so that the bound can be watched.

import Libevent

/// The longest of many pieces of work on one loop, since the start; two looks at the clock for each.
final class LongestPause {
    private(set) var ns: Int64 = 0

    func time(_ work: () -> Void) {
        let beganNs = MonotonicClock.nowNs
        work()
        ns = max(ns, MonotonicClock.nowNs - beganNs)
    }
}
