// When the log has grown enough for a snapshot. Random, so that not all servers write theirs at once.

/// Counts what has been logged since the last roll (ZooKeeper 3.9, SyncRequestProcessor). Pure: random numbers are
/// injected, anew after each trigger.
public struct SnapshotTrigger: Hashable, Sendable {
    /// `zookeeper.snapCount`, at least 2.
    private let countLimit: Int
    /// `zookeeper.snapSizeLimitInKb` in bytes; 0 or less switches it off.
    private let byteLimit: Int
    private var count = 0
    private var bytes = 0
    private var randomCount = 0
    private var randomBytes = 0

    public static let standardCount = 100_000
    public static let standardBytes = 4 << 30

    public init(count: Int = standardCount, bytes: Int = standardBytes, random: UInt64) {
        countLimit = max(count, 2)
        byteLimit = bytes
        draw(random)
    }

    /// Records one append of `size` bytes. True: roll the log and take a snapshot (only roll if one is still being
    /// taken), then call `reset`.
    public mutating func didAppend(_ size: Int) -> Bool {
        count += 1
        bytes += size
        return count > countLimit / 2 + randomCount || byteLimit > 0 && bytes > byteLimit / 2 + randomBytes
    }

    /// The log has been rolled.
    public mutating func reset(random: UInt64) {
        count = 0
        bytes = 0
        draw(random)
    }

    /// Both numbers lie below half of their limit.
    private mutating func draw(_ random: UInt64) {
        randomCount = Int(random % UInt64(max(countLimit / 2, 1)))
        randomBytes = byteLimit > 1 ? Int((random >> 20) % UInt64(byteLimit / 2)) : 0
    }
}
