// The tree as storage sees it: a state that is restored from a snapshot's stream and replayed from a log.

package import Jute
import DequeModule
import Replica
package import Storage
package import Tree
package import Zab

/// How trees are made.
package struct TreeMaking: Sendable {
    /// Keys the hash of paths.
    package var seed: UInt64
    package var digestEnabled: Bool
    package var extendedTypes: Bool
    /// How many replayed transactions are kept for the committed window.
    package var windowCount: Int

    package init(seed: UInt64, digestEnabled: Bool = true, extendedTypes: Bool = true, windowCount: Int = 500) {
        self.seed = seed
        self.digestEnabled = digestEnabled
        self.extendedTypes = extendedTypes
        self.windowCount = windowCount
    }

    /// `expectedBytes`: about how long the snapshot's stream is, 0 if unknown.
    package func loader(expectedBytes: Int = 0) -> SnapshotLoader {
        SnapshotLoader(
            seed: seed, digestEnabled: digestEnabled, extendedTypes: extendedTypes, expectedBytes: expectedBytes)
    }
}

/// A tree under recovery, with the last transactions that were replayed into it.
package struct StoredTree: ReplicatedState {
    package let tree: DataTree
    private var recent: Deque<Proposal> = []
    private let windowCount: Int

    private init(_ tree: DataTree, _ making: TreeMaking) {
        self.tree = tree
        windowCount = making.windowCount
    }

    package var lastZxid: Zxid { tree.lastProcessedZxid }
    package var recentProposals: [Proposal] { Array(recent) }

    package static func empty(_ making: TreeMaking) -> StoredTree {
        let tree = DataTree(
            seed: making.seed, digestEnabled: making.digestEnabled, extendedTypes: making.extendedTypes)
        return StoredTree(tree, making)
    }

    package static func restore(
        from source: inout SnapshotSource, zxid: Zxid, _ making: TreeMaking
    ) throws(StorageError) -> StoredTree {
        var loader = making.loader(expectedBytes: source.unpackedSize ?? 0)
        while !loader.isComplete {
            var used = 0
            try source.withBytes(atLeast: 1) { (span: Span<UInt8>) throws(StorageError) -> Int in
                used = try load(span, into: &loader)
                return used
            }
            if used == 0, !loader.isComplete, try !source.refill() { throw .undecodable("the snapshot ends too early") }
        }
        let tree: DataTree
        do throws(SnapshotError) { tree = try loader.finish() } catch { throw .undecodable("\(error)") }
        tree.resetLastProcessedZxid(zxid)
        return StoredTree(tree, making)
    }

    private static func load(_ span: Span<UInt8>, into loader: inout SnapshotLoader) throws(StorageError) -> Int {
        do throws(SnapshotError) {
            return try unsafe span.withUnsafeBytes { bytes throws(SnapshotError) in try unsafe loader.consume(bytes) }
        } catch {
            throw .undecodable("\(error)")
        }
    }

    package mutating func replay(_ zxid: Zxid, _ payload: [UInt8]) throws(StorageError) {
        let record: TxnRecord
        do throws(JuteError) { record = try TxnRecord(decoding: payload) } catch {
            throw .undecodable("the transaction \(zxid): \(error)")
        }
        _ = tree.apply(record)
        recent.append(Proposal(zxid: zxid, payload: payload))
        if recent.count > windowCount { recent.removeFirst() }
    }

    package func serialize(_ write: ([UInt8]) throws(StorageError) -> Void) throws(StorageError) {
        try write(tree.encodedSnapshot())
    }
}
