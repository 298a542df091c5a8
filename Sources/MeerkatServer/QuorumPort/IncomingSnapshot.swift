// A snapshot on its way in: bytes to tree, beside the tree in use.

import Jute
import Tree

/// Builds a tree from the stream behind SNAP and checks the signature that ends it.
final class IncomingSnapshot {
    let zxid: Zxid
    private let loader: SnapshotLoader

    init(zxid: Zxid, seed: UInt64) {
        self.zxid = zxid
        self.loader = SnapshotLoader(seed: seed)
    }

    struct Progress {
        /// Bytes taken, of which the first `treeBytes` belong to the tree.
        var used: Int
        var treeBytes: Int
        /// The whole tree, once the signature has arrived.
        var tree: DataTree?
    }

    struct WrongSignature: Error {}

    func consume(_ bytes: RawSpan) throws -> Progress {
        let treeBytes = loader.isComplete ? 0 : try loader.consume(bytes)
        var progress = Progress(used: treeBytes, treeBytes: treeBytes, tree: nil)
        guard loader.isComplete else { return progress }
        let signature = LearnerConnection.signature
        let length = 4 + signature.bytes.count
        if bytes.byteCount - treeBytes < length { return progress }
        var decoder = JuteDecoder(bytes.extracting(droppingFirst: treeBytes))
        guard try decoder.readString() == signature else { throw WrongSignature() }
        progress.used += length
        progress.tree = loader.finish(at: zxid)
        return progress
    }

    func copy(_ bytes: RawSpan, first count: Int) -> [UInt8] {
        unsafe bytes.extracting(first: count).withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
