// The store of blocks against a plain dictionary: growth of its table, deletions, data of every size.

import Jute
import Testing
import Tree

@Suite struct DataTreeModelTests {
    private func check(_ tree: DataTree, _ model: [UString: [UInt8]?], _ seed: UInt64) {
        #expect(tree.nodeCount == model.count + 5, "seed \(seed)")
        for (path, data) in model {
            guard let node = tree.node(at: path) else {
                Issue.record("seed \(seed): \(path) is missing")
                return
            }
            #expect(tree.data(of: node) == data, "seed \(seed), \(path)")
        }
        #expect(tree.checkInvariants().isEmpty, "seed \(seed)")
    }

    @Test func randomWritesAgreeWithADictionary() {
        for seed in 1...5 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            var history = History(seed: random.next())
            history.create("/m")
            var model: [UString: [UInt8]?] = ["/m": []]
            var names: [String] = []
            // Growing, then shrinking, then growing again.
            for round in 0..<3 {
                for _ in 0..<700 {
                    let grows = random.chance(round == 1 ? 25 : 75)
                    if grows || names.isEmpty {
                        let path = "/m/" + String(random.next() % 5000, radix: 36)
                        if model[UString(path)] != nil { continue }
                        let data: [UInt8]? = random.chance(5) ? nil : random.bytes(random.below(200))
                        history.create(path, data)
                        model[UString(path)] = .some(data)
                        names.append(path)
                    } else if random.chance(50) {
                        let path = names.remove(at: random.below(names.count))
                        history.delete(path)
                        model[UString(path)] = nil
                    } else {
                        let path = names[random.below(names.count)]
                        let data = random.bytes(random.below(random.chance(5) ? 100_000 : 300))
                        history.setData(path, data)
                        model[UString(path)] = .some(data)
                    }
                }
                check(history.tree, model, seed)
            }
            for path in names { history.delete(path) }
            #expect(history.tree.nodeCount == 6)
            #expect(history.tree.checkInvariants().isEmpty)
        }
    }

    @Test func parentMovesWithManyChildren() throws {
        var history = History()
        history.create("/p")
        for name in 0..<50 { history.create("/p/\(name)") }
        for size in [0, 10, 1000, 70_000, 3] { history.setData("/p", [UInt8](repeating: 1, count: size)) }
        let node = try #require(history.tree.node(at: "/p"))
        #expect(history.tree.children(of: node).count == 50)
        #expect(history.tree.checkInvariants().isEmpty)
    }

    @Test func freedMemoryIsUsedAgain() {
        var history = History(digestEnabled: false)
        for round in 0..<5 {
            for name in 0..<300 { history.create("/n\(name)", [UInt8](repeating: 0, count: 40 + name)) }
            if round == 0 { continue }
            for name in 0..<300 { history.delete("/n\(name)") }
        }
        // Some forty sizes of block, an area of 64 KiB for each.
        let memory = history.tree.memory
        #expect(memory.touched < 3 << 20, "\(memory)")
    }
}
