// The two clocks a server reads. Separate so that nothing else calls the kernel for time, and so that no code
// can take the one for the other: deadlines use the monotonic clock, records that others see use the wall clock.
import Glibc

/// Time since some fixed point in the past; never set back, not comparable between machines.
public enum MonotonicClock {
    /// Nanoseconds, always positive.
    public static var nowNs: Int64 { read(CLOCK_MONOTONIC) }

    /// Milliseconds, always positive.
    public static var nowMs: Int64 { nowNs / 1_000_000 }

    fileprivate static func read(_ clock: clockid_t) -> Int64 {
        var now = timespec()
        let result = unsafe clock_gettime(clock, &now)
        precondition(result == 0, "clock_gettime(\(clock)) failed with errno \(errno)")
        return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
    }
}

/// Time of day. May jump in either direction: never compute a deadline from it.
public enum WallClock {
    /// Milliseconds since 1970-01-01 00:00 UTC.
    public static var nowMs: Int64 { MonotonicClock.read(CLOCK_REALTIME) / 1_000_000 }
}
