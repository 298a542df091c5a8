// The door from other threads into a loop. Separate because it is the only object that two threads share here.
import Glibc
public import Synchronization

/// A bounded queue with many posting threads and one receiving loop.
///
/// Messages of one poster arrive in order. However many are posted before the loop looks, it is woken once: the first
/// post of a batch writes to an eventfd, the rest see that this was done. `Sendable` without exception: everything
/// mutable is inside the mutex. Inlinable: compiled where the type of the messages is known.
public final class Mailbox<Message: Sendable>: Sendable {
    @usableFromInline struct Queue {
        @usableFromInline var messages: [Message] = []
        /// A wake-up is on its way; cleared when the batch is taken.
        @usableFromInline var isArmed = false
        /// The loop is not woken for what is posted quietly.
        @usableFromInline var isQuiet = false
    }

    @usableFromInline enum PostOutcome { case full, queued, first }

    @usableFromInline let queue = Guarded(Queue())
    @usableFromInline let wakeUp = WakeUp()
    /// Messages it holds at most.
    public let capacity: Int

    public init(capacity: Int) {
        precondition(capacity > 0, "a mailbox must hold at least one message")
        self.capacity = capacity
    }

    /// Any thread. False, and nothing queued, when the mailbox is full. `isQuiet`: while the loop wants it so, it is not
    /// woken for this message.
    @inlinable public func post(_ message: Message, isQuiet: Bool = false) -> Bool {
        enqueue(count: 1, isQuiet: isQuiet) { $0.append(message) }
    }

    /// Any thread. All or nothing: false when the batch does not fit whole. One wake-up for the batch.
    @inlinable public func postBatch(_ batch: [Message]) -> Bool {
        batch.isEmpty || enqueue(count: batch.count) { $0.append(contentsOf: batch) }
    }

    /// Messages waiting now; a figure for metrics, stale when read.
    @inlinable public var count: Int { queue.withLock { $0.messages.count } }

    /// From now on the loop is woken for quiet messages, too, or no longer. It takes them by `takeQuiet` when it is awake,
    /// and sees to it that it is before long.
    public func setQuiet(_ isQuiet: Bool) {
        let isLate = queue.withLock { queue in
            queue.isQuiet = isQuiet
            if isQuiet || queue.isArmed || queue.messages.isEmpty { return false }
            queue.isArmed = true
            return true
        }
        if isLate { wakeUp.signal() }
    }

    /// Swaps what the loop was not woken for against `batch`, which must be empty and lends its storage. On the receiving
    /// loop.
    @inlinable public func takeQuiet(into batch: inout [Message]) {
        precondition(batch.isEmpty, "the last batch of \(batch.count) messages was not handed on")
        queue.withLock { queue in
            if !queue.isArmed { swap(&queue.messages, &batch) }
        }
    }

    @inlinable func enqueue(count: Int, isQuiet: Bool = false, _ append: (inout [Message]) -> Void) -> Bool {
        let outcome = queue.withLock { queue -> PostOutcome in
            guard count <= capacity - queue.messages.count else { return .full }
            append(&queue.messages)
            if queue.isArmed || isQuiet && queue.isQuiet { return .queued }
            queue.isArmed = true
            return .first
        }
        // Outside the lock: the loop should find it free when it wakes.
        if outcome == .first { wakeUp.signal() }
        return outcome != .full
    }

    /// Receives on `loop` for as long as the returned reader is kept. One reader at a time. `onMessages` gets every
    /// message present when the wake-up is handled, never an empty batch; later ones come with the next turn.
    @inlinable public func receive(
        on loop: EventLoop, _ onMessages: @escaping ([Message]) -> Void
    ) -> MailboxReader {
        var batch: [Message] = []
        return MailboxReader(on: loop, wakeUp) { [self] in
            var taken: [Message] = []
            swap(&taken, &batch)
            take(into: &taken)
            if !taken.isEmpty { onMessages(taken) }
            // Keep the storage of ordinary batches, not that of a rare flood.
            taken.removeAll(keepingCapacity: taken.count <= 4096)
            swap(&taken, &batch)
        }
    }

    /// Swaps the waiting batch against `batch`, which must be empty and lends its storage.
    @inlinable func take(into batch: inout [Message]) {
        precondition(batch.isEmpty, "the last batch of \(batch.count) messages was not handed on")
        wakeUp.clear()
        queue.withLock { queue in
            // The mutex orders this with every post: whoever posts after it finds the flag down and wakes us again.
            queue.isArmed = false
            swap(&queue.messages, &batch)
        }
    }
}

/// The receiving side of a mailbox, on its loop. Dropping it ends reception; messages stay in the mailbox.
public final class MailboxReader: ReadinessDelegate {
    private let wakeUp: WakeUp
    private let drain: () -> Void
    private var readiness: ReadinessEvent?

    /// Calls `drain` for each wake-up.
    @usableFromInline init(on loop: EventLoop, _ wakeUp: WakeUp, drain: @escaping () -> Void) {
        self.wakeUp = wakeUp
        self.drain = drain
        readiness = ReadinessEvent(on: loop, fd: wakeUp.descriptor, delegate: self)
        let enabled = readiness?.enableReading() ?? false
        precondition(enabled, "cannot watch a mailbox: \(SocketError.text(errno: errno))")
    }

    /// Ends reception. Idempotent.
    public func close() { readiness = nil }

    /// For the readiness event only.
    public func socketReadable() { drain() }

    /// For the readiness event only; a reader never asks to write.
    public func socketWritable() {}
}

@available(*, unavailable)
extension MailboxReader: Sendable {}
