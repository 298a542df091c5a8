// Memory under changes that leave the tree's size as it is: it must follow what is in use, whatever was there before.

import Jute
import Testing
import Tree

@Suite struct DataTreeChurnTests {
    /// In use, its eighth for rounding, an area of 64 KiB for each of 169 sizes, and 8 MiB that may wait for reuse.
    private func bound(_ inUse: Int) -> Int { inUse + inUse / 8 + 169 << 16 + 8 << 20 }

    private func check(_ tree: DataTree, peak: Int, _ when: String) {
        let memory = tree.memory
        #expect(memory.touched <= bound(peak), "\(when): \(memory), at most \(peak) were in use")
        #expect(memory.touched >= memory.inUse, "\(when): \(memory)")
    }

    private static let count = 6000

    private func grown(_ bytes: Int) -> History {
        var history = History(digestEnabled: false)
        for name in 0..<Self.count { history.create("/n\(name)", [UInt8](repeating: 1, count: bytes)) }
        return history
    }

    @Test func everySizeInTurn() {
        var history = grown(0)
        var peak = 0
        for bytes in stride(from: 0, through: 1200, by: 40) {
            for name in 0..<Self.count { history.setData("/n\(name)", [UInt8](repeating: 2, count: bytes)) }
            peak = max(peak, history.tree.memory.inUse)
            check(history.tree, peak: peak, "\(bytes) bytes each")
        }
        // The way back down: what is free goes to other sizes or back to the system.
        for bytes in [600, 10] {
            for name in 0..<Self.count { history.setData("/n\(name)", [UInt8](repeating: 3, count: bytes)) }
            check(history.tree, peak: history.tree.memory.inUse, "back to \(bytes) bytes each")
        }
        #expect(history.tree.checkInvariants().isEmpty)
    }

    /// One of many survives, the worst case for memory that only whole areas come back from.
    @Test func survivorsMoveTogether() {
        var history = grown(1000)
        for name in 0..<Self.count where name % 50 != 0 { history.delete("/n\(name)") }
        check(history.tree, peak: history.tree.memory.inUse, "one of fifty left")
        #expect(history.tree.checkInvariants().isEmpty)
    }

    @Test func randomSizesStayWithinTheBound() {
        var random = SeededRandom(seed: 11)
        var history = grown(100)
        var peak = history.tree.memory.inUse
        for step in 0..<60_000 {
            let path = "/n\(random.below(Self.count))"
            let size = random.chance(1) ? random.below(60_000) : random.below(900)
            let data = [UInt8](repeating: 4, count: size)
            if history.tree.node(at: UString(path)) == nil {
                history.create(path, data)
            } else if random.chance(30) {
                history.delete(path)
            } else {
                history.setData(path, data)
            }
            peak = max(peak, history.tree.memory.inUse)
            if step % 10_000 == 9999 { check(history.tree, peak: peak, "step \(step)") }
        }
        #expect(history.tree.checkInvariants().isEmpty)
    }

    /// A snapshot's walk sees every znode that stays, wherever blocks are moved meanwhile.
    @Test func walksFollowMovedBlocks() throws {
        var random = SeededRandom(seed: 5)
        var history = grown(200)
        for name in 0..<20 { history.create("/n\(name * 7)/child") }
        let cursor = history.tree.beginSnapshot()
        var stream = JuteEncoder()
        while cursor.next(into: &stream, upTo: 3000) {
            for _ in 0..<20 {
                let name = random.below(Self.count)
                let node = history.tree.node(at: UString("/n\(name)"))
                if node?.childCount == 0, random.chance(50) {
                    history.delete("/n\(name)")
                } else if node != nil {
                    history.setData("/n\(name)", [UInt8](repeating: 5, count: random.below(500)))
                }
            }
        }
        let loaded = try load(stream.bytes, &random, zxid: cursor.zxid)
        for txn in history.log where txn.zxid > cursor.zxid { _ = loaded.apply(txn) }
        #expect(history.tree.difference(from: loaded) == nil)
        #expect(loaded.checkInvariants().isEmpty && history.tree.checkInvariants().isEmpty)
    }
}
