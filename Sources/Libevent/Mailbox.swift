// The door from other threads into a loop. Separate because it is the only object that two threads share here.
import CKernel
import Glibc
import Synchronization

/// A bounded queue with many posting threads and one receiving loop.
///
/// Messages of one poster arrive in order. However many are posted before the loop looks, it is woken once: the first
/// post of a batch writes to an eventfd, the rest see that this was done. `Sendable` without exception: everything
/// mutable is inside the mutex.
package final class Mailbox<Message: Sendable>: Sendable {
    private struct Queue {
        var messages: [Message] = []
        /// A wake-up is on its way; cleared when the batch is taken.
        var isArmed = false
    }

    private let queue = Guarded(Queue())
    private let wakeUp: Int32
    /// Messages it holds at most.
    package let capacity: Int

    /// Made at start-up: it needs a descriptor, and without one the process cannot work.
    package init(capacity: Int) {
        precondition(capacity > 0, "a mailbox must hold at least one message")
        self.capacity = capacity
        wakeUp = ckernel_eventfd()
        precondition(wakeUp >= 0, "no eventfd for a mailbox: \(SocketError.text(errno: errno))")
    }

    deinit { Socket.close(wakeUp) }

    /// Any thread. False, and nothing queued, when the mailbox is full.
    package func post(_ message: Message) -> Bool {
        enqueue(count: 1) { $0.append(message) }
    }

    /// Any thread. All or nothing: false when the batch does not fit whole. One wake-up for the batch.
    package func postBatch(_ batch: [Message]) -> Bool {
        batch.isEmpty || enqueue(count: batch.count) { $0.append(contentsOf: batch) }
    }

    /// Messages waiting now; a figure for metrics, stale when read.
    package var count: Int { queue.withLock { $0.messages.count } }

    private func enqueue(count: Int, _ append: (inout [Message]) -> Void) -> Bool {
        let outcome = queue.withLock { queue -> PostOutcome in
            guard count <= capacity - queue.messages.count else { return .full }
            append(&queue.messages)
            if queue.isArmed { return .queued }
            queue.isArmed = true
            return .first
        }
        // Outside the lock: the loop should find it free when it wakes.
        if outcome == .first { ckernel_eventfd_signal(wakeUp) }
        return outcome != .full
    }

    /// Receives on `loop` for as long as the returned reader is kept. One reader at a time. `onMessages` gets every
    /// message present when the wake-up is handled, never an empty batch; later ones come with the next turn.
    package func receive(
        on loop: EventLoop, _ onMessages: @escaping ([Message]) -> Void
    ) -> MailboxReader<Message> {
        MailboxReader(mailbox: self, loop: loop, onMessages: onMessages)
    }

    /// Swaps the waiting batch against `batch`, which must be empty and lends its storage.
    fileprivate func take(into batch: inout [Message]) {
        precondition(batch.isEmpty, "the last batch of \(batch.count) messages was not handed on")
        ckernel_eventfd_clear(wakeUp)
        queue.withLock { queue in
            // The mutex orders this with every post: whoever posts after it finds the flag down and wakes us again.
            queue.isArmed = false
            swap(&queue.messages, &batch)
        }
    }

    fileprivate var descriptor: Int32 { wakeUp }
}

private enum PostOutcome { case full, queued, first }

/// The receiving side of a mailbox, on its loop. Dropping it ends reception; messages stay in the mailbox.
package final class MailboxReader<Message: Sendable>: ReadinessDelegate {
    private let mailbox: Mailbox<Message>
    private let onMessages: ([Message]) -> Void
    private var readiness: ReadinessEvent?
    private var batch: [Message] = []

    fileprivate init(mailbox: Mailbox<Message>, loop: EventLoop, onMessages: @escaping ([Message]) -> Void) {
        self.mailbox = mailbox
        self.onMessages = onMessages
        readiness = ReadinessEvent(on: loop, fd: mailbox.descriptor, delegate: self)
        let enabled = readiness?.enableReading() ?? false
        precondition(enabled, "cannot watch a mailbox: \(SocketError.text(errno: errno))")
    }

    /// Ends reception. Idempotent.
    package func close() { readiness = nil }

    /// For the readiness event only.
    package func socketReadable() {
        var taken: [Message] = []
        swap(&taken, &batch)
        mailbox.take(into: &taken)
        if !taken.isEmpty { onMessages(taken) }
        // Keep the storage of ordinary batches, not that of a rare flood.
        taken.removeAll(keepingCapacity: taken.count <= 4096)
        swap(&taken, &batch)
    }

    /// For the readiness event only; a reader never asks to write.
    package func socketWritable() {}
}

@available(*, unavailable)
extension MailboxReader: Sendable {}
