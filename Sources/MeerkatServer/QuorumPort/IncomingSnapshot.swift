// A snapshot on its way in: bytes to tree, beside the tree in use.

import Jute
import ReplicaStore
import Tree

/// Builds a tree from the stream behind SNAP and checks the signature that ends it.
final class IncomingSnapshot {
    let zxid: Zxid
    private let making: TreeMaking
    private var loader: SnapshotLoader

    init(zxid: Zxid, making: TreeMaking) {
        self.zxid = zxid
        self.making = making
        self.loader = making.loader()
    }

    private var isTreeComplete = false

    struct Progress {
        /// Bytes taken, of which the first `treeBytes` belong to the tree.
        var used: Int
        var treeBytes: Int
        /// The whole tree, once the signature has arrived.
        var tree: DataTree?
    }

    struct WrongSignature: Error {}

    /// Takes what it can of `bytes`. Not to be called again once there is a tree.
    func consume(_ bytes: RawSpan) throws -> Progress {
        let treeBytes = isTreeComplete ? 0 : try unsafe bytes.withUnsafeBytes { try unsafe loader.consume($0) }
        var progress = Progress(used: treeBytes, treeBytes: treeBytes, tree: nil)
        isTreeComplete = loader.isComplete
        let signature = LearnerConnection.signature
        guard isTreeComplete, bytes.byteCount - treeBytes >= 4 + signature.bytes.count else { return progress }
        var decoder = JuteDecoder(bytes.extracting(droppingFirst: treeBytes))
        guard try decoder.readString() == signature else { throw WrongSignature() }
        progress.used += decoder.offset
        let tree = try finish()
        tree.resetLastProcessedZxid(zxid)
        tree.preferLargePages()
        progress.tree = tree
        return progress
    }

    /// Takes the loader out of its place, which a property of a class must not leave empty.
    private func finish() throws -> DataTree {
        var complete = making.loader()
        swap(&complete, &loader)
        return try complete.finish()
    }

    func copy(_ bytes: RawSpan, first count: Int) -> [UInt8] {
        unsafe bytes.extracting(first: count).withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
