// What the replica loop has for the disk and has not handed over. Separate because when that happens is a small rule of
// its own.

/// Leaves at the end of the turn in which somebody begins to wait for it. Appends that nobody waits for, an observer's,
/// are gathered until the next tick, so that the disk thread is not woken for each turn.
struct DiskBatch {
    private let limit: Int
    private var messages: [DiskMessage] = []
    private var isAwaited = false

    /// `limit`: messages that are gathered at most.
    init(limit: Int) { self.limit = limit }

    mutating func append(_ message: DiskMessage, isAwaited: Bool = true) {
        messages.append(message)
        if isAwaited { self.isAwaited = true }
    }

    /// What there is leaves at the end of this turn.
    mutating func endGathering() { isAwaited = true }

    /// Hands everything over if it is time.
    mutating func post(to disk: DiskQueue) {
        guard isAwaited || messages.count >= limit else { return }
        isAwaited = false
        if messages.isEmpty { return }
        disk.post(messages)
        messages.removeAll(keepingCapacity: true)
    }
}
