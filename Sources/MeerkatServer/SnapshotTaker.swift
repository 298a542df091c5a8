// Takes a snapshot of the tree in slices between turns of the replica loop: writes go on, the picture is fuzzy, the log
// completes it.

import Jute
import Libevent
import Tree

/// One snapshot at a time, on the replica loop (the tree's writer, so no lock is needed).
final class SnapshotTaker {
    private let thread: SnapshotThread
    private let endDisk: (SnapshotTrailerPiece) -> Void
    private var cursor: SnapshotCursor?
    private var tree: DataTree?
    private var timer: Timer!
    /// What a slice takes, the beginning included.
    let slices = LongestPause()
    /// The end of the last one is on its way through the disk's queue: another begun now would be taken for it.
    private var isEnding = false

    private static let sliceBytes = 256 << 10
    /// Slices that may wait for the disk.
    private static let maximumBacklog = 64

    /// `endDisk` passes the end through the disk's queue.
    init(loop: EventLoop, thread: SnapshotThread, endDisk: @escaping (SnapshotTrailerPiece) -> Void) {
        self.thread = thread
        self.endDisk = endDisk
        timer = Timer(on: loop) { [unowned self] in slices.time { takeSlice() } }
    }

    /// Begins one, unless one is being taken.
    func begin(of tree: DataTree) {
        if cursor != nil || isEnding { return }
        slices.time {
            let cursor = tree.beginSnapshot()
            self.cursor = cursor
            self.tree = tree
            thread.post(.begin(cursor.zxid))
        }
        timer.start(afterMs: 0)
    }

    /// The snapshot thread has been told of the last one's end.
    func passed() { isEnding = false }

    /// The tree is being replaced: what was taken of the old one is worth nothing.
    func abandon() {
        cursor = nil
        tree = nil
        timer.cancel()
    }

    private func takeSlice() {
        guard let cursor, let tree else { return }
        if thread.backlog > Self.maximumBacklog { return timer.start(afterMs: 5) }
        var slice = JuteEncoder(capacity: Self.sliceBytes + 4096)
        let hasMore = cursor.next(into: &slice, upTo: Self.sliceBytes)
        thread.post(.bytes(slice.bytes))
        if hasMore { return timer.start(afterMs: 1) }
        isEnding = true
        endDisk(SnapshotTrailerPiece(digestZxid: tree.lastProcessedZxid, digest: tree.treeDigest))
        self.cursor = nil
        self.tree = nil
    }
}
