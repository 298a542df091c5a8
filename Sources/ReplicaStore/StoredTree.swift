// The tree as storage sees it: a state that is restored from a snapshot's stream and replayed from a log.

public import Jute
import DequeModule
import Replica
public import Storage
public import Tree
public import Zab

/// How trees are made.
public struct TreeMaking: Sendable {
    /// Keys the hash of paths.
    public var seed: UInt64
    public var digestEnabled: Bool
    public var extendedTypes: Bool
    /// How many replayed transactions are kept for the committed window.
    public var windowCount: Int

    public init(seed: UInt64, digestEnabled: Bool = true, extendedTypes: Bool = true, windowCount: Int = 500) {
        self.seed = seed
        self.digestEnabled = digestEnabled
        self.extendedTypes = extendedTypes
        self.windowCount = windowCount
    }

    /// `expectedBytes`: about how long the snapshot's stream is, 0 if unknown.
    public func loader(expectedBytes: Int = 0) -> SnapshotLoader {
        SnapshotLoader(
            seed: seed, digestEnabled: digestEnabled, extendedTypes: extendedTypes, expectedBytes: expectedBytes)
    }
}

/// A tree under recovery, with the last transactions that were replayed into it.
public struct StoredTree: ReplicatedState {
    public let tree: DataTree
    private var recent: Deque<Proposal> = []
    private let windowCount: Int

    private init(_ tree: DataTree, _ making: TreeMaking) {
        self.tree = tree
        windowCount = making.windowCount
    }

    public var lastZxid: Zxid { tree.lastProcessedZxid }
    public var recentProposals: [Proposal] { Array(recent) }

    public static func empty(_ making: TreeMaking) -> StoredTree {
        let tree = DataTree(
            seed: making.seed, digestEnabled: making.digestEnabled, extendedTypes: making.extendedTypes)
        return StoredTree(tree, making)
    }

    public static func restore(
        from source: inout SnapshotSource, zxid: Zxid, _ making: TreeMaking, _ readAhead: any ReadAhead
    ) throws(StorageError) -> StoredTree {
        var loader = making.loader(expectedBytes: source.unpackedSize ?? 0)
        let reading = SnapshotReading(source, loader.parser)
        let batches = FillingAhead(given: readAhead, memory: loader.memoryAhead).pieces(reading.next)
        while let batch = try batches() {
            do throws(SnapshotError) { try loader.insert(batch) } catch { throw .undecodable("\(error)") }
        }
        source = reading.source
        let tree: DataTree
        do throws(SnapshotError) { tree = try loader.finish() } catch { throw .undecodable("\(error)") }
        tree.resetLastProcessedZxid(zxid)
        return StoredTree(tree, making)
    }

    public func readAhead(_ given: any ReadAhead) -> any ReadAhead {
        FillingAhead(given: given, memory: tree.memoryAhead)
    }

    public mutating func replay(_ zxid: Zxid, _ payload: Span<UInt8>) throws(StorageError) {
        do throws(JuteError) { try tree.replay(payload) } catch {
            throw .undecodable("the transaction \(zxid): \(error)")
        }
        recent.append(Proposal(zxid: zxid, payload: unsafe payload.withUnsafeBytes { unsafe [UInt8]($0) }))
        if recent.count > windowCount { recent.removeFirst() }
    }

    public func serialize(_ write: ([UInt8]) throws(StorageError) -> Void) throws(StorageError) {
        try write(tree.encodedSnapshot())
    }
}
