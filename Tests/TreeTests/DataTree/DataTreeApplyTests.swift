// Each rule of applying transactions, live and in replay.

import Jute
import Testing
import Tree

@Suite struct DataTreeApplyTests {
    private func stat(_ tree: DataTree, _ path: UString) throws -> Stat {
        tree.stat(of: try #require(tree.node(at: path)))
    }

    @Test func emptyTreeIsUpstreams() throws {
        let tree = DataTree(seed: 7)
        #expect(tree.nodeCount == 5)
        #expect(tree.approximateDataSize == 44)
        #expect(tree.node(at: "") == tree.node(at: "/"))
        #expect(try stat(tree, "/").cversion == -1)
        #expect(try stat(tree, "/").numChildren == 1)
        #expect(try stat(tree, "/zookeeper/config").aversion == -1)
        #expect(tree.acl(of: try #require(tree.node(at: "/zookeeper/config"))) == readACL)
        #expect(tree.checkInvariants().isEmpty)
    }

    @Test func createSetsEveryNumber() throws {
        var history = History()
        let applied = history.create("/a", [1, 2, 3])
        let zxid = Zxid(history.zxid)
        let stat = try stat(history.tree, "/a")
        let expected = Stat(
            czxid: zxid, mzxid: zxid, ctime: history.now, mtime: history.now, version: 0, cversion: 0, aversion: 0,
            ephemeralOwner: 0, dataLength: 3, numChildren: 0, pzxid: zxid)
        #expect(stat == expected)
        #expect(applied.result == .created(path: "/a", stat: stat))
        #expect(
            applied.changes == [
                TreeChange(kind: .created, path: "/a", zxid: zxid, acl: nil),
                TreeChange(kind: .childrenChanged, path: "/", zxid: zxid, acl: nil),
            ])
        let root = try self.stat(history.tree, "/")
        #expect(root.numChildren == 2 && root.cversion == 0 && root.pzxid == zxid)
        #expect(history.tree.lastProcessedZxid == zxid)
        #expect(history.tree.checkInvariants().isEmpty)
    }

    @Test func cversionShownCountsCreationsAndDeletions() throws {
        var history = History()
        history.create("/p")
        for name in 0..<3 { history.create("/p/\(name)") }
        history.delete("/p/1")
        let node = try #require(history.tree.node(at: "/p"))
        #expect(node.storedCVersion == 3)
        #expect(history.tree.stat(of: node).cversion == 4)
        #expect(history.tree.stat(of: node).numChildren == 2)
        #expect(history.tree.stat(of: node).pzxid == Zxid(history.zxid))
        #expect(Set(history.tree.children(of: node)) == ["0", "2"])
    }

    @Test func ownersAreShownForOrdinaryEphemeralsOnly() throws {
        var history = History()
        history.open(0x100)
        history.create("/e", ephemeral: true)
        history.commit(.createContainer(CreateContainerTxn(path: "/c", data: [], acl: openACL, parentCVersion: 2)))
        history.commit(.createTTL(CreateTTLTxn(path: "/t", data: [9], acl: openACL, parentCVersion: 3, ttl: 1234)))
        let tree = history.tree
        #expect(try stat(tree, "/e").ephemeralOwner == 0x100)
        #expect(try stat(tree, "/c").ephemeralOwner == 0)
        #expect(try stat(tree, "/t").ephemeralOwner == 0)
        #expect(try #require(tree.node(at: "/c")).storedOwner == .min)
        #expect(try #require(tree.node(at: "/t")).storedOwner == (0xff << 56) | 1234)
        #expect(tree.ephemerals(of: SessionID(0x100)) == ["/e"] && tree.ephemeralsCount == 1)
        #expect(tree.containers == ["/c"] && tree.ttlNodes == ["/t"])
        history.setData("/t", [UInt8](repeating: 1, count: 500))
        #expect(try #require(tree.node(at: "/t")).storedOwner == (0xff << 56) | 1234)
        #expect(tree.checkInvariants().isEmpty)
    }

    @Test func everyHundredAndTwentyEighthDigestIsRemembered() {
        var history = History()
        var expected: [UInt64] = []
        for number in 1...2060 {
            let data = [UInt8(truncatingIfNeeded: number)]
            history.commit(
                .setData(SetDataTxn(path: "/zookeeper", data: data, version: 1)), zxid: Int64(number) * 64)
            if number % 2 == 0 { expected.append(UInt64(bitPattern: history.tree.treeDigest)) }
        }
        let entries = history.tree.digestLog.entries
        #expect(entries.map(\.digest) == expected.suffix(1024))
        #expect(entries.allSatisfy { $0.zxid.rawValue % 128 == 0 } && entries.last?.zxid == Zxid(history.zxid))
    }

    @Test func createOverExistingTakesTheListAndRepairsTheParent() throws {
        var history = History()
        history.create("/a", [1])
        let again = CreateTxn(path: "/a", data: [2], acl: bobACL, ephemeral: false, parentCVersion: 9)
        let applied = history.commit(.create(again))
        #expect(applied.result == .error(.nodeExists) && applied.changes.isEmpty)
        let tree = history.tree
        let node = try #require(tree.node(at: "/a"))
        #expect(tree.acl(of: node) == bobACL && tree.data(of: node) == [1])
        let root = try #require(tree.node(at: "/"))
        #expect(root.storedCVersion == 9 && root.pzxid == Zxid(history.zxid))
        history.commit(.create(CreateTxn(path: "/a", data: [2], acl: bobACL, ephemeral: false, parentCVersion: 4)))
        #expect(try #require(tree.node(at: "/")).storedCVersion == 9)
        #expect(tree.checkInvariants().isEmpty)
    }

    @Test func unknownParentVersionCountsOn() throws {
        var history = History()
        history.commit(.create(CreateTxn(path: "/a", data: [], acl: nil, ephemeral: false, parentCVersion: -1)))
        #expect(try #require(history.tree.node(at: "/")).storedCVersion == 1)
        #expect(try #require(history.tree.node(at: "/a")).isOpen)
    }

    @Test func missingNodesAreResultsNotFailures() throws {
        var history = History()
        #expect(history.create("/x/y").result == .error(.noNode))
        #expect(history.create("nonsense").result == .error(.noNode))
        #expect(history.create("//x").result == .error(.noNode))
        #expect(history.setData("/x", []).result == .error(.noNode))
        #expect(history.setACL("/x", openACL).result == .error(.noNode))
        #expect(history.delete("/x/y").result == .error(.noNode))
        #expect(history.delete("/").result == .error(.noNode))
        #expect(history.delete("/x").result == .error(.noNode))
        // The deletion of a missing node still counts for its parent.
        #expect(try stat(history.tree, "/").pzxid == Zxid(history.zxid))
    }

    @Test func deleteTellsWithTheListTheNodeHad() {
        var history = History()
        history.create("/a", [], bobACL)
        history.create("/a/b", [], readACL)
        let applied = history.delete("/a/b")
        #expect(applied.result == .deleted)
        #expect(
            applied.changes == [
                TreeChange(kind: .deleted, path: "/a/b", zxid: applied.zxid, acl: nil),
                TreeChange(kind: .childrenChanged, path: "/a", zxid: applied.zxid, acl: bobACL),
            ])
        #expect(history.delete("/a").changes.first?.acl == bobACL)
        #expect(history.tree.aclTable.count == 1)
    }

    @Test func replayedDeletionTakesTheSubtreeAlong() {
        var history = History()
        for path in ["/a", "/a/b", "/a/b/c", "/a/d"] { history.create(path, [], bobACL) }
        #expect(history.delete("/a").result == .deleted)
        #expect(history.tree.nodeCount == 5)
        #expect(history.tree.checkInvariants().isEmpty)
    }

    @Test func closeSessionDeletesListedAndOwned() {
        var history = History()
        history.open(0x100)
        for path in ["/p", "/q"] { history.create(path) }
        for path in ["/p/1", "/q/2", "/e"] { history.create(path, ephemeral: true) }
        let listed: [UString] = ["/q/2", "/gone"]
        let applied = history.commit(.closeSession(CloseSessionTxn(paths2Delete: listed)))
        #expect(applied.closedSession == SessionID(0x100) && applied.result == .session)
        #expect(applied.changes.filter { $0.kind == .deleted }.map(\.path) == ["/q/2", "/e", "/p/1"])
        #expect(history.tree.sessions.isEmpty && history.tree.ephemeralsCount == 0)
        #expect(history.tree.checkInvariants().isEmpty)
    }

    @Test func reconfigAnswersWithDataAndStat() throws {
        var history = History()
        let text = Array("server.1=a".utf8)
        let applied = history.commit(.reconfig(SetDataTxn(path: "/zookeeper/config", data: text, version: -1)))
        #expect(applied.result == .reconfigured(data: text, stat: try stat(history.tree, "/zookeeper/config")))
        #expect(applied.changes.map(\.kind) == [.dataChanged])
        #expect(applied.changes.first?.acl == nil)
    }

    @Test func digestsAreComparedWhereTheyTravel() {
        var history = History()
        history.create("/a", [1])
        let record = history.log[0]
        #expect(!DataTree(seed: 3).apply(record).digestMismatch)
        var wrong = record
        wrong.digest?.treeDigest += 1
        #expect(DataTree(seed: 3).apply(wrong).digestMismatch)
        #expect(!DataTree(seed: 3, digestEnabled: false).apply(wrong).digestMismatch)
        wrong.digest?.version = 1
        #expect(!DataTree(seed: 3).apply(wrong).digestMismatch)
    }

    @Test func changesBelowTheSystemNodeDoNotCountInDigests() {
        var history = History()
        let before = history.tree.treeDigest
        history.setData("/zookeeper/config", [1, 2])
        #expect(history.tree.treeDigest == before)
        history.create("/zookeeper/x")
        #expect(history.tree.treeDigest != before, "the node /zookeeper itself counts")
    }
}
