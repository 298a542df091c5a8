// Snapshots: round trips, pieces of any size, pictures taken while the tree changes, and bytes that are no snapshot.

import Jute
import Testing
import Tree

/// Loads a stream fed in random pieces.
func load(_ stream: [UInt8], _ random: inout SeededRandom, zxid: Zxid) throws -> DataTree {
    var loader = SnapshotLoader(seed: random.next())
    var offset = 0
    while offset < stream.count && !loader.isComplete {
        let end = min(stream.count, offset + 1 + random.below(random.chance(30) ? 7 : 700))
        offset += try loader.consume(Array(stream[offset..<end]))
    }
    let tree = try loader.finish()
    tree.resetLastProcessedZxid(zxid)
    return tree
}

@Suite struct DataTreeSnapshotTests {
    @Test func wholeTreeComesBack() throws {
        for seed in 1...40 as ClosedRange<UInt64> {
            let live = History.grown(seed: seed, steps: 200).tree
            var random = SeededRandom(seed: seed)
            let loaded = try load(live.encodedSnapshot(), &random, zxid: live.lastProcessedZxid)
            #expect(live.difference(from: loaded) == nil, "seed \(seed)")
            #expect(loaded.checkInvariants().isEmpty, "seed \(seed)")
            #expect(live.checkInvariants().isEmpty, "seed \(seed)")
        }
    }

    @Test func streamEndsWhereItsMarkIs() throws {
        let live = History.grown(seed: 5, steps: 50).tree
        let stream = live.encodedSnapshot()
        for piece in [1, 2, 5, 64, stream.count + 13] {
            let bytes = stream + [UInt8](repeating: 7, count: 13)
            var loader = SnapshotLoader(seed: 1)
            var offset = 0
            while !loader.isComplete {
                offset += try loader.consume(Array(bytes[offset..<min(bytes.count, offset + piece)]))
            }
            #expect(offset == stream.count)
            #expect(try loader.finish().sortedDump() == live.sortedDump())
        }
    }

    /// The property that recovery rests on: whatever a slowly written snapshot caught of later transactions,
    /// replaying the log from its zxid on leads to the live tree.
    @Test func fuzzySnapshotAndReplayReachTheLiveTree() throws {
        for seed in 1...300 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            var history = History.grown(seed: seed, steps: random.below(120))
            if random.chance(30), history.tree.node(at: "/zookeeper/quota/a") == nil {
                history.create("/zookeeper/quota/a")
                history.create("/zookeeper/quota/a/zookeeper_limits", Array("count=1,bytes=1".utf8))
                history.create("/zookeeper/quota/a/zookeeper_stats")
            }
            let cursor = history.tree.beginSnapshot()
            var encoder = JuteEncoder()
            while cursor.next(into: &encoder, upTo: 1 + random.below(400)) {
                for _ in 0..<random.below(12) { history.step(&random) }
            }
            for _ in 0..<random.below(20) { history.step(&random) }
            let loaded = try load(encoder.bytes, &random, zxid: cursor.zxid)
            #expect(loaded.checkInvariants().isEmpty, "seed \(seed), loaded")
            var mismatch = false
            for txn in history.log where txn.zxid > cursor.zxid { mismatch = loaded.apply(txn).digestMismatch }
            #expect(history.tree.difference(from: loaded) == nil, "seed \(seed)")
            #expect(loaded.unresolvedACLCount == 0, "seed \(seed)")
            #expect(!mismatch, "seed \(seed)")
            #expect(loaded.checkInvariants().isEmpty, "seed \(seed), replayed")
            #expect(history.tree.checkInvariants().isEmpty, "seed \(seed), live")
        }
    }

    @Test func replayOfTheWholeLogReachesTheSameTree() {
        for seed in 1...30 as ClosedRange<UInt64> {
            let history = History.grown(seed: seed, steps: 300, listedPercent: 50)
            let fresh = DataTree(seed: seed &* 77)
            for txn in history.log { #expect(!fresh.apply(txn).digestMismatch) }
            #expect(history.tree.difference(from: fresh) == nil)
        }
    }

    @Test func missingConfigIsAdded() throws {
        var encoder = JuteEncoder()
        encoder.write(0 as Int32)
        encoder.write(0 as Int32)
        for path in ["", "/zookeeper", "/zookeeper/quota"] as [UString] { write(path, into: &encoder) }
        encoder.write("/" as UString)
        var random = SeededRandom(seed: 1)
        let tree = try load(encoder.bytes, &random, zxid: .zero)
        #expect(tree.sortedDump() == DataTree(seed: 1).sortedDump())
    }

    private func write(_ path: UString, acl: Int64 = -1, owner: Int64 = 0, into encoder: inout JuteEncoder) {
        encoder.write(path)
        encoder.write([] as [UInt8]?)
        encoder.write(acl)
        encoder.write(
            StatPersisted(
                czxid: .zero, mzxid: .zero, ctime: 0, mtime: 0, version: 0, cversion: 0, aversion: 0,
                ephemeralOwner: owner, pzxid: .zero))
    }

    private func failure(_ build: (inout JuteEncoder) -> Void) -> SnapshotError? {
        var encoder = JuteEncoder()
        build(&encoder)
        do throws(SnapshotError) {
            var loader = SnapshotLoader(seed: 1)
            _ = try loader.consume(encoder.bytes)
            _ = try loader.finish()
            return nil
        } catch { return error }
    }

    @Test func brokenStreamsAreTypedErrors() {
        #expect(failure { $0.write(-2 as Int32) } == .lengthOutOfBounds(-2))
        #expect(failure { $0.write(Int64(0)) } == .incomplete)
        #expect(
            failure {
                $0.write(Int64(0)); $0.write("/" as UString)
            } == .missingSystemNode)
        #expect(
            failure {
                $0.write(Int64(0)); $0.write(Int32.max)
            } == .lengthOutOfBounds(.max))
        #expect(
            failure {
                $0.write(Int64(0)); write("", into: &$0); write("/a/b", into: &$0)
            } == .orphan(Array("/a/b".utf8)))
        #expect(
            failure {
                $0.write(Int64(0)); write("", into: &$0); write("x", into: &$0)
            } == .orphan(Array("x".utf8)))
        #expect(
            failure {
                $0.write(Int64(0)); write("", into: &$0); write("", into: &$0)
            } == .duplicatePath([]))
        #expect(
            failure {
                $0.write(Int64(0)); write("", acl: -7, into: &$0)
            } == .unusableACLID(-7))
        let owner: Int64 = (0xff << 56) | (1 << 40)
        #expect(
            failure {
                $0.write(Int64(0)); write("", owner: owner, into: &$0)
            } == .unusableOwner(owner))
    }

    @Test func unknownListsWaitForReplay() throws {
        var encoder = JuteEncoder()
        encoder.write(Int64(0))
        write("", into: &encoder)
        write("/zookeeper", into: &encoder)
        write("/n", acl: 12, into: &encoder)
        encoder.write("/" as UString)
        var random = SeededRandom(seed: 1)
        let tree = try load(encoder.bytes, &random, zxid: .zero)
        #expect(tree.unresolvedACLCount == 1)
        #expect(tree.acl(of: try #require(tree.node(at: "/n"))) == [ACL(perms: 0, id: .anyone)])
        let header = TxnHeader(clientId: SessionID(1), cxid: Xid(1), zxid: Zxid(5), time: 1, type: 1)
        let create = CreateTxn(path: "/n", data: [], acl: bobACL, ephemeral: false, parentCVersion: 1)
        _ = tree.apply(TxnRecord(header: header, body: .create(create), digest: nil))
        #expect(tree.unresolvedACLCount == 0)
        #expect(tree.acl(of: try #require(tree.node(at: "/n"))) == bobACL)
    }

    @Test func mutatedStreamsNeverTrap() {
        let stream = History.grown(seed: 9, steps: 150).tree.encodedSnapshot()
        for seed in 1...2000 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            var bytes = stream
            for _ in 0...random.below(4) { bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next()) }
            if random.chance(20) { bytes.removeLast(random.below(bytes.count)) }
            if random.chance(20) { bytes.remove(at: random.below(bytes.count)) }
            if let tree = try? load(bytes, &random, zxid: .zero) {
                #expect(tree.checkInvariants().isEmpty, "seed \(seed)")
            }
        }
    }
}
