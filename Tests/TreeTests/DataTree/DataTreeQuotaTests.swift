// Quota accounting and the question the preparer asks.

import Jute
import Testing
import Tree

@Suite struct DataTreeQuotaTests {
    private func text(_ tree: DataTree, _ path: UString) -> String? {
        tree.node(at: path).flatMap { tree.data(of: $0) }.map { String(decoding: $0, as: UTF8.self) }
    }

    private func governed(_ limits: String) -> History {
        var history = History()
        for path in ["/q", "/q/x"] { history.create(path, [1, 2]) }
        history.create("/zookeeper/quota/q")
        history.create("/zookeeper/quota/q/zookeeper_limits", Array(limits.utf8))
        history.create("/zookeeper/quota/q/zookeeper_stats", Array("count=9,bytes=9".utf8))
        return history
    }

    @Test func statisticsFollowTheSubtree() throws {
        var history = governed("count=5,bytes=100")
        let stats: UString = "/zookeeper/quota/q/zookeeper_stats"
        #expect(text(history.tree, stats) == "count=2,bytes=4")
        let before = history.tree.stat(of: try #require(history.tree.node(at: stats)))
        history.create("/q/y", [1, 2, 3])
        #expect(text(history.tree, stats) == "count=3,bytes=7")
        history.setData("/q/x", nil)
        #expect(text(history.tree, stats) == "count=3,bytes=5")
        history.delete("/q/y")
        #expect(text(history.tree, stats) == "count=2,bytes=2")
        history.create("/other", [1])
        #expect(text(history.tree, stats) == "count=2,bytes=2")
        var after = history.tree.stat(of: try #require(history.tree.node(at: stats)))
        after.dataLength = before.dataLength
        #expect(after == before, "accounting leaves no trace in the Stat")
        #expect(history.tree.checkInvariants().isEmpty)
        history.delete("/zookeeper/quota/q/zookeeper_limits")
        history.delete("/q/x")
        #expect(text(history.tree, stats) == "count=2,bytes=2", "no limits, no accounting")
    }

    @Test func unreadableStatisticsCountAsZeros() {
        var history = governed("count=5,bytes=100")
        let stats = "/zookeeper/quota/q/zookeeper_stats"
        history.setData(stats, Array("garbage".utf8))
        history.create("/q/y", [1, 2, 3])
        #expect(text(history.tree, UString(stats)) == "count=1,bytes=3")
        history.setData(stats, [])
        history.delete("/q/y")
        #expect(text(history.tree, UString(stats)) == "count=-2,bytes=-4", "absent values are -1")
    }

    @Test func hardLimitsRefuse() {
        let tree = governed("count=-1,bytes=-1=;byteHardLimit=5;countHardLimit=3").tree
        #expect(tree.quotaError(for: "/q/y", countDelta: 1, byteDelta: 1) == nil)
        #expect(tree.quotaError(for: "/q/y", countDelta: 2, byteDelta: 0) == .quotaExceeded)
        #expect(tree.quotaError(for: "/q/y/z", countDelta: 1, byteDelta: 2) == .quotaExceeded)
        #expect(tree.quotaError(for: "/q", countDelta: 0, byteDelta: 2) == .quotaExceeded)
        #expect(tree.quotaError(for: "/qq", countDelta: 100, byteDelta: 100) == nil)
    }

    @Test func softLimitsDoNot() {
        let tree = governed("count=1,bytes=1").tree
        #expect(tree.quotaError(for: "/q/y", countDelta: 10, byteDelta: 10) == nil)
    }

    @Test(arguments: [
        ("garbage", true), ("count=x", true), ("count=", true), (",count=1", true), ("", false), ("odd=1", false),
    ])
    func oddLimits(_ limits: String, _ unreadable: Bool) {
        let tree = governed(limits).tree
        #expect(tree.quotaError(for: "/q/y", countDelta: 1, byteDelta: 1) == (unreadable ? .marshallingError : nil))
    }

    @Test func limitsAreFoundAgainAfterLoading() throws {
        var history = governed("count=-1,bytes=-1=;countHardLimit=3")
        history.create("/q/y")
        var random = SeededRandom(seed: 1)
        let loaded = try load(history.tree.encodedSnapshot(), &random, zxid: history.tree.lastProcessedZxid)
        #expect(loaded.quotaError(for: "/q/z", countDelta: 1, byteDelta: 0) == .quotaExceeded)
        #expect(text(loaded, "/zookeeper/quota/q/zookeeper_stats") == "count=3,bytes=4")
        #expect(history.tree.difference(from: loaded) == nil)
    }
}
