// A server's durable state in a simulation. (Provisional: kept in memory until the log and snapshot files stand in.)

import Jute
import Replica
import Tree
import Zab

package final class SimulatedStore {
    struct PowerLoss: Error {}
    struct Broken: Error { let text: String }

    private struct Durable {
        var snapshot: (bytes: [UInt8], zxid: Zxid)?
        var log: [Proposal] = []
        var accepted: Epoch?
        var current: Epoch?
    }
    private var durable = Durable()
    private var memory = Durable()
    var random: SeededRandom

    init(random: SeededRandom) { self.random = random }

    static func load(snapshot: [UInt8], zxid: Zxid) throws -> DataTree {
        var loader = SnapshotLoader(seed: 1)
        _ = try loader.consume(snapshot)
        guard loader.isComplete else { throw Broken(text: "incomplete") }
        let tree = try loader.finish()
        tree.resetLastProcessedZxid(zxid)
        return tree
    }

    func recover() throws -> RecoveredState {
        memory = durable
        let tree = try reload()
        let current = memory.current ?? tree.lastProcessedZxid.epoch
        return RecoveredState(
            tree: tree, acceptedEpoch: max(memory.accepted ?? current, current), currentEpoch: current,
            recent: Array(memory.log.suffix(500)))
    }

    private func reload() throws -> DataTree {
        let tree: DataTree
        if let snapshot = memory.snapshot {
            tree = try Self.load(snapshot: snapshot.bytes, zxid: snapshot.zxid)
        } else {
            tree = DataTree(seed: 1)
        }
        for proposal in memory.log where proposal.zxid > tree.lastProcessedZxid {
            _ = tree.apply(try TxnRecord(decoding: proposal.payload))
        }
        return tree
    }

    func append(_ proposal: Proposal) throws { memory.log.append(proposal) }
    func sync() throws { durable = memory }
    func setAcceptedEpoch(_ epoch: Epoch) throws { memory.accepted = epoch; durable = memory }
    func setCurrentEpoch(_ epoch: Epoch) throws { memory.current = epoch; durable = memory }
    func truncate(to zxid: Zxid) throws -> DataTree {
        memory.log.removeAll { $0.zxid > zxid }
        durable = memory
        return try reload()
    }
    func installSnapshot(_ bytes: [UInt8], zxid: Zxid) throws {
        memory.log.removeAll()
        memory.snapshot = (bytes, zxid)
        durable = memory
    }
    func snapshotIfDue(of tree: DataTree?) throws {}
    func crash() {
        // Part of what was appended and not synced may have reached the disk.
        let extra = memory.log.count - durable.log.count
        if extra > 0, memory.log.count > durable.log.count {
            let kept = Int.random(in: 0...extra, using: &random)
            durable.log = Array(memory.log.prefix(durable.log.count + kept))
        }
    }
}
