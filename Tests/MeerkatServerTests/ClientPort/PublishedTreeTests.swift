// A published tree that grows large: its memory is got ready on another thread meanwhile.

import Jute
import MeerkatServer
import Replica
import Testing
import Tree

@Suite struct PublishedTreeTests {
    private static let value = [UInt8](repeating: 7, count: 20_000)

    /// Creates of one znode each, with the zxids from `first` on.
    private func creates(_ range: Range<Int>) -> [PublishedTree.Step] {
        range.map { number in
            let txn = CreateTxn(
                path: UString("/n\(number)"), data: Self.value,
                acl: [ACL(perms: 31, id: Id(scheme: "world", id: "anyone"))], ephemeral: false,
                parentCVersion: Int32(number))
            let header = TxnHeader(
                clientId: SessionID(9), cxid: Xid(1), zxid: Zxid(Int64(number)), time: 5,
                type: OpCode.create.rawValue)
            return .apply(TxnRecord(header: header, body: .create(txn), digest: nil), origin: nil)
        }
    }

    /// It adopts a tree while the memory of the one before may still be at hand, grows that, and goes.
    @Test func whatItHoldsStaysWhileItGrowsAndAdopts() {
        for seed in 1...3 as ClosedRange<UInt64> {
            let published = PublishedTree(tree: DataTree(seed: seed), workers: 1)
            for _ in 0..<2 {
                for start in stride(from: 1, to: 1_500, by: 50) { _ = published.perform(creates(start..<start + 50)) }
                #expect(published.tree.memory.inUse > 24 << 20)
                #expect(published.tree.checkInvariants().isEmpty)
                _ = published.perform([.adopt(DataTree(seed: seed + 10))])
            }
        }
    }
}
