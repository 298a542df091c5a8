// The door into a thread without a loop, such as one that waits on a disk. Separate from `Mailbox` because it wakes
// by condition variable, not by descriptor.

/// A bounded queue with many posting threads and one thread that waits for messages.
///
/// Inlinable: compiled where the type of the messages is known, which every hand-over to a disk passes through.
///
/// `@unchecked Sendable`: everything mutable is guarded by the lock of `room`.
public final class BlockingMailbox<Message: Sendable>: @unchecked Sendable {
    @usableFromInline let room = WaitingRoom()
    @usableFromInline var messages: [Message] = []
    @usableFromInline var isClosed = false
    /// Threads that wait for room, woken by the same condition as the one that waits for messages.
    @usableFromInline var waitingPosters = 0
    /// Messages it holds at most.
    public let capacity: Int

    public init(capacity: Int) {
        precondition(capacity > 0, "a mailbox must hold at least one message")
        self.capacity = capacity
    }

    /// Any thread. False, and nothing queued, when the mailbox is full or closed.
    @inlinable public func post(_ message: Message) -> Bool { postBatch([message]) }

    /// Any thread. All or nothing: false when the batch does not fit whole or the mailbox is closed.
    @inlinable public func postBatch(_ batch: [Message]) -> Bool {
        var isFirst = false
        let isTaken = locked {
            guard !isClosed, batch.count <= capacity - messages.count else { return false }
            isFirst = messages.isEmpty && !batch.isEmpty
            messages.append(contentsOf: batch)
            return true
        }
        // Outside the lock: the thread should find it free when it wakes.
        if isFirst { room.broadcast() }
        return isTaken
    }

    /// Any thread. Waits until there is room; false, and nothing queued, when the mailbox is closed.
    @inlinable public func postWaiting(_ message: Message) -> Bool {
        var isFirst = false
        let isTaken = locked {
            waitingPosters += 1
            while messages.count == capacity && !isClosed { _ = room.wait(untilNs: nil) }
            waitingPosters -= 1
            guard !isClosed else { return false }
            isFirst = messages.isEmpty
            messages.append(message)
            return true
        }
        if isFirst { room.broadcast() }
        return isTaken
    }

    /// Waits until messages are there and takes them all, in order.
    /// - Parameter limitMs: longest wait in milliseconds; nil waits without limit.
    /// - Returns: an empty array when the time passed; nil when closed and everything has been taken.
    @inlinable public func takeAll(waitingUpToMs limitMs: Int64? = nil) -> [Message]? {
        let deadlineNs = limitMs.map { MonotonicClock.nowNs + $0 * 1_000_000 }
        return locked {
            while messages.isEmpty && !isClosed {
                guard room.wait(untilNs: deadlineNs) else { return [] }
            }
            guard !messages.isEmpty else { return nil }
            var taken: [Message] = []
            swap(&taken, &messages)
            if waitingPosters > 0 { room.broadcast() }
            return taken
        }
    }

    /// Refuses further posts and ends the waiting, once what is queued has been taken. Any thread; idempotent.
    public func close() {
        locked {
            isClosed = true
            room.broadcast()
        }
    }

    /// Messages waiting now; a figure for metrics, stale when read.
    @inlinable public var count: Int { locked { messages.count } }

    @inlinable func locked<Result>(_ body: () -> Result) -> Result {
        room.lock()
        defer { room.unlock() }
        return body()
    }
}
