// What the replica loop has for the disk and has not handed over. Separate because when that happens is a small rule of
// its own.

import Replica
import Zab

/// Leaves at the end of the turn in which somebody begins to wait for it. Appends that nobody waits for, an observer's,
/// are gathered until the next tick, so that the disk thread is not woken for each turn.
public struct DiskBatch {
    private let limits: QuorumLimits
    private var messages: [DiskMessage] = []
    private var bytes = 0
    private var isAwaited = false

    public init(limits: QuorumLimits) { self.limits = limits }

    public mutating func append(_ message: DiskMessage, isAwaited: Bool = true) {
        messages.append(message)
        if case .perform(.append(let proposal), _, _) = message { bytes += proposal.payload.count }
        if isAwaited { self.isAwaited = true }
    }

    /// What there is leaves at the end of this turn.
    public mutating func endGathering() { isAwaited = true }

    /// Hands everything over in order, if it is time and there is anything.
    public mutating func post(_ handOver: ([DiskMessage]) -> Void) {
        guard isAwaited || messages.count >= limits.gatheredAppends || bytes >= limits.gatheredAppendBytes else {
            return
        }
        isAwaited = false
        bytes = 0
        if messages.isEmpty { return }
        handOver(messages)
        messages.removeAll(keepingCapacity: true)
    }
}
