// Memory that is got ready on another thread while the tree grows into it.

import Foundation
import Synchronization
import Testing
import Tree

@Suite struct MemoryAheadTests {
    private static let value = [UInt8](repeating: 7, count: 64 << 10)

    /// Pages that are given ahead hold nothing, and what stands in others stays.
    @Test func itChangesNothing() {
        var history = History()
        let ahead = history.tree.memoryAhead
        for number in 0..<300 {
            history.create("/n\(number)", Self.value)
            ahead.advance()
        }
        #expect(history.tree.memory.inUse > 16 << 20)
        #expect(history.tree.checkInvariants().isEmpty)
    }

    /// The other thread touches the very pages that the owner has begun to fill.
    @Test func aTreeMayGrowMeanwhile() {
        var history = History()
        let ahead = history.tree.memoryAhead
        let isOver = Atomic(false)
        let ended = DispatchSemaphore(value: 0)
        withExtendedLifetime(ahead) {
            let thread = Thread {
                while !isOver.load(ordering: .relaxed) { ahead.advance() }
                ended.signal()
            }
            thread.start()
            for number in 0..<2_000 { history.create("/n\(number)", Array(Self.value[..<(number % 200 * 100)])) }
            isOver.store(true, ordering: .relaxed)
            ended.wait()
        }
        #expect(history.tree.memory.inUse > 16 << 20)
        // The digest is over all that the znodes hold.
        #expect(history.tree.checkInvariants().isEmpty)
    }

    /// A small tree is left alone; a large one asks once for each large page, 2 MiB.
    @Test func itIsDueOnceForEachLargePage() {
        var history = History()
        let ahead = history.tree.memoryAhead
        #expect(!ahead.isDue())
        var dueAt: [Int] = []
        for number in 0..<700 {
            history.create("/n\(number)", Self.value)
            if ahead.isDue() { dueAt.append(history.tree.memory.inUse) }
        }
        let grownBy = history.tree.memory.inUse - (dueAt.first ?? 0)
        #expect(dueAt.first.map { $0 > 7 << 20 } == true)
        // Areas of other sizes come in between.
        #expect(abs(dueAt.count - grownBy >> 21) <= 3)
    }
}
