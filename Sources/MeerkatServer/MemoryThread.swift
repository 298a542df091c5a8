// The thread that has the system make memory ready for a growing tree. Separate because clearing a large page takes
// milliseconds, for which the tree's writer would keep every reader waiting.

import Libevent
import Tree

/// Keeps pages ready ahead of a tree that grows. Used on the thread of the tree's writer.
final class MemoryThread {
    private var ahead: MemoryAhead
    /// More than one request at a time would ask for the same.
    private let requests = BlockingMailbox<MemoryAhead>(capacity: 1)
    /// Not before there is something to do: most trees are small.
    private var thread: NamedThread?

    init(for tree: DataTree) { ahead = tree.memoryAhead }

    deinit { requests.close() }

    /// This tree is the one that grows from here on.
    func adopt(_ tree: DataTree) { ahead = tree.memoryAhead }

    /// The tree may have grown.
    func treeGrew() {
        if !ahead.isDue() { return }
        if thread == nil { thread = start() }
        // A thread that is behind looks where the tree has got to when it comes to that.
        _ = requests.post(ahead)
    }

    private func start() -> NamedThread {
        NamedThread(name: "memory") { [requests] in
            while let waiting = requests.takeAll() {
                for ahead in waiting { ahead.advance() }
            }
        }
    }
}
