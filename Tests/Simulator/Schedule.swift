// Virtual time: what happens next, in an order that the seed alone decides.

import DequeModule

/// A queue of things to do at moments of virtual time. Equal moments keep the order in which they were scheduled.
public final class Schedule {
    private struct Entry {
        let atMs: Int64
        let sequence: UInt64
        let body: () -> Void
    }

    /// Milliseconds since the run began.
    public private(set) var nowMs: Int64 = 0
    private var heap: [Entry] = []
    private var sequence: UInt64 = 0

    public init() {}

    public func after(_ delayMs: Int64, _ body: @escaping () -> Void) {
        precondition(delayMs >= 0)
        sequence += 1
        push(Entry(atMs: nowMs + delayMs, sequence: sequence, body: body))
    }

    /// Does everything due up to `endMs`; stops early when `isOver` says so.
    public func run(untilMs endMs: Int64, isOver: () -> Bool) {
        while let first = heap.first, first.atMs <= endMs, !isOver() {
            let entry = pop()
            nowMs = entry.atMs
            entry.body()
        }
        if !isOver() { nowMs = max(nowMs, endMs) }
    }

    /// Forgets what was to happen: closures keep what they refer to alive.
    public func clear() { heap = [] }

    private static func before(_ a: Entry, _ b: Entry) -> Bool { (a.atMs, a.sequence) < (b.atMs, b.sequence) }

    private func push(_ entry: Entry) {
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if !Self.before(heap[child], heap[parent]) { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private func pop() -> Entry {
        let top = heap[0]
        let last = heap.removeLast()
        if heap.isEmpty { return top }
        heap[0] = last
        var parent = 0
        while true {
            let left = 2 * parent + 1
            if left >= heap.count { break }
            let right = left + 1
            let child = right < heap.count && Self.before(heap[right], heap[left]) ? right : left
            if !Self.before(heap[child], heap[parent]) { break }
            heap.swapAt(child, parent)
            parent = child
        }
        return top
    }
}
