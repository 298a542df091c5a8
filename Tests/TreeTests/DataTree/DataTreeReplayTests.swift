// The ways of recovery beside the plain ones: batches read apart from the tree, transactions replayed from their bytes.
// Both must come to the same as the plain ones, errors included.

import Jute
import Testing
import Tree

/// Loads a stream as recovery does: a parser of its own, given as many bytes as it has asked for and some more.
private func loadBatches(_ stream: [UInt8], _ random: inout SeededRandom) throws(SnapshotError) -> DataTree {
    var loader = SnapshotLoader(seed: random.next())
    var parser = loader.parser
    var (head, tail) = (0, 0)
    while !parser.isComplete {
        tail = min(stream.count, max(tail, head + parser.needed) + random.below(900))
        if let batch = try parser.batch(stream.span.extracting(head..<tail)) {
            head += batch.count
            try loader.insert(batch)
        } else if tail == stream.count {
            throw .incomplete
        }
    }
    return try loader.finish()
}

@Suite struct DataTreeReplayTests {
    @Test func batchesMakeTheSameTree() throws {
        for seed in 1...40 as ClosedRange<UInt64> {
            let live = History.grown(seed: seed, steps: 200).tree
            var random = SeededRandom(seed: seed)
            let loaded = try loadBatches(live.encodedSnapshot(), &random)
            loaded.resetLastProcessedZxid(live.lastProcessedZxid)
            #expect(live.difference(from: loaded) == nil, "seed \(seed)")
            #expect(loaded.checkInvariants().isEmpty, "seed \(seed)")
        }
    }

    @Test func batchesFailLikeTheStream() {
        let stream = History.grown(seed: 9, steps: 150).tree.encodedSnapshot()
        for seed in 1...2000 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            var bytes = stream
            for _ in 0...random.below(4) { bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next()) }
            if random.chance(20) { bytes.removeLast(random.below(bytes.count)) }
            var loader = SnapshotLoader(seed: 1)
            let fed: Result<[UInt8], SnapshotError>
            do throws(SnapshotError) {
                _ = try loader.consume(bytes)
                fed = .success(try loader.finish().encodedSnapshot().sorted())
            } catch { fed = .failure(error) }
            let read: Result<[UInt8], SnapshotError>
            do throws(SnapshotError) {
                read = .success(try loadBatches(bytes, &random).encodedSnapshot().sorted())
            } catch { read = .failure(error) }
            #expect(fed == read, "seed \(seed)")
        }
    }

    @Test func replayedBytesAreReplayedTransactions() throws {
        for seed in 1...100 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            var history = History.grown(seed: seed, steps: random.below(60), listedPercent: 50)
            if random.chance(30), history.tree.node(at: "/zookeeper/quota/a") == nil {
                history.create("/zookeeper/quota/a")
                history.create("/zookeeper/quota/a/zookeeper_limits", Array("count=1,bytes=1".utf8))
                history.create("/zookeeper/quota/a/zookeeper_stats")
            }
            for _ in 0..<300 { history.step(&random) }
            let fresh = DataTree(seed: seed &* 77)
            for txn in history.log { try fresh.replay(txn.encoded().span) }
            #expect(history.tree.difference(from: fresh) == nil, "seed \(seed)")
            #expect(fresh.lastProcessedZxid == history.tree.lastProcessedZxid, "seed \(seed)")
            #expect(fresh.checkInvariants().isEmpty, "seed \(seed)")
        }
    }

    /// Every way a create can be written, cut off at every byte: both readings agree on what it is.
    @Test func createsAreReadAlikeHoweverWritten() {
        for type in [OpCode.create, .create2] {
            for data in [nil, [], Array("value".utf8)] as [[UInt8]?] {
                for (acl, path) in [(openACL, "/a"), (readACL, "/a"), ([], ""), (openACL, "/no/parent")] {
                    let body = CreateTxn(
                        path: UString(path), data: data, acl: acl, ephemeral: data == [], parentCVersion: 3)
                    let header = TxnHeader(
                        clientId: SessionID(9), cxid: Xid(1), zxid: Zxid(7), time: 5, type: type.rawValue)
                    let txn = TxnRecord(
                        header: header, body: type == .create ? .create(body) : .create2(body),
                        digest: TxnDigest(version: 2, treeDigest: 1))
                    let bytes = txn.encoded()
                    for count in 0...bytes.count { expectAgreement(Array(bytes[..<count])) }
                }
            }
        }
    }

    private func expectAgreement(_ bytes: [UInt8]) {
        let (replayed, applied) = (DataTree(seed: 1), DataTree(seed: 2))
        var errors: [JuteError?] = [nil, nil]
        do throws(JuteError) { try replayed.replay(bytes.span) } catch { errors[0] = error }
        do throws(JuteError) { _ = applied.apply(try TxnRecord(decoding: bytes)) } catch { errors[1] = error }
        #expect(errors[0] == errors[1])
        #expect(replayed.difference(from: applied) == nil)
        #expect(replayed.lastProcessedZxid == applied.lastProcessedZxid)
    }
}
