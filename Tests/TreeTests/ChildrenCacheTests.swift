// Kept listings against fresh ones, through every change that could make one stale.

import Jute
import Testing
import Tree

@Suite struct ChildrenCacheTests {
    private func list(
        _ cache: inout ChildrenCache, _ tree: DataTree, _ path: UString, withStat: Bool = false
    ) throws -> [UInt8] {
        let view = ReadView(tree)
        let node = try #require(tree.node(at: path))
        var bytes = [UInt8](repeating: 0xee, count: withStat ? view.children2Size(node) : view.childrenSize(node))
        let written = bytes.withUnsafeMutableBytes { memory in
            var output = OutputCursor(memory)
            let fitted =
                withStat
                ? cache.writeChildren2(node, view, into: &output) : cache.writeChildren(node, view, into: &output)
            return fitted ? output.position : -1
        }
        #expect(written == bytes.count)
        return bytes
    }

    private func fresh(_ tree: DataTree, _ path: UString) throws -> [UInt8] {
        var cache = ChildrenCache(leastChildren: .max)
        return try list(&cache, tree, path)
    }

    @Test func listsStayTrueThroughRandomChanges() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            var history = History(seed: seed)
            var cache = ChildrenCache(leastChildren: 1, maximumBytes: 200, maximumEntries: 3)
            for _ in 0..<300 {
                if random.chance(40) { history.step(&random) }
                let paths: [UString] = ["", "/a", "/b", "/c", "/a/a", "/dd"]
                let path = paths[random.below(paths.count)]
                guard let node = history.tree.node(at: path) else { continue }
                let expected = try fresh(history.tree, path)
                #expect(try list(&cache, history.tree, path) == expected, "seed \(seed), \(path)")
                let stat = history.tree.stat(of: node).encoded()
                #expect(try list(&cache, history.tree, path, withStat: true) == expected + stat)
                #expect(cache.bytes <= 200)
            }
            #expect(cache.hits > 0, "seed \(seed)")
        }
    }

    @Test func keepsFromTheSecondUseOn() throws {
        var history = History()
        history.create("/p")
        for name in 0..<10 { history.create("/p/\(name)") }
        var cache = ChildrenCache(leastChildren: 10)
        for use in 1...4 {
            _ = try list(&cache, history.tree, "/p")
            #expect(cache.hits == max(0, use - 2))
            #expect((cache.bytes > 0) == (use > 1))
        }
        // Another tree with the same history is as good.
        let data = history.setData("/p", [1])
        #expect(data.result.error == .ok)
        _ = try list(&cache, history.tree, "/p")
        #expect(cache.hits == 3)
        history.delete("/p/3")
        history.create("/p/3")
        #expect(try list(&cache, history.tree, "/p") == fresh(history.tree, "/p"))
        #expect(cache.hits == 3 && cache.bytes == 0)
    }

    @Test func noRoomWritesNothing() throws {
        var history = History()
        history.create("/p")
        history.create("/p/a")
        let view = ReadView(history.tree)
        let node = try #require(history.tree.node(at: "/p"))
        var cache = ChildrenCache(leastChildren: 1)
        for _ in 0..<4 {
            var bytes = [UInt8](repeating: 0, count: view.childrenSize(node) - 1)
            bytes.withUnsafeMutableBytes { memory in
                var output = OutputCursor(memory)
                #expect(!cache.writeChildren(node, view, into: &output) && output.position == 0)
                #expect(!cache.writeChildren2(node, view, into: &output) && output.position == 0)
            }
        }
    }
}
