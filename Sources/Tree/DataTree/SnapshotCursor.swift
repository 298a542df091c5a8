// Writing the tree as a snapshot's stream, a slice at a time, while transactions go on changing it.

public import Jute

/// A snapshot in the making. Between two slices the tree may change: what the stream then holds is a fuzzy picture,
/// which the log from `zxid` on completes (storage format, replay over a fuzzy snapshot).
///
/// Belongs to the tree's owner. Dropping it abandons the snapshot.
public final class SnapshotCursor {
    /// What the snapshot is named by: the last transaction applied when it began.
    public let zxid: Zxid

    private let tree: DataTree
    private let walk: Int
    /// Taken at the beginning: sessions are written first, then the lists, then the znodes.
    private let sessions: [(SessionID, Int32)]
    private let lists: [(id: Int64, acl: [ACL])]
    private var stage = Stage.sessions(0)

    private enum Stage {
        case sessions(Int)
        case lists(Int)
        case nodes
        case done
    }

    fileprivate init(_ tree: DataTree) {
        self.tree = tree
        zxid = tree.lastProcessedZxid
        sessions = tree.sessions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        lists = tree.aclTable.persisted
        walk = tree.store.beginWalk()
    }

    deinit { tree.store.endWalk(walk) }

    /// Appends whole entries until `encoder` has grown by `bytes` or the stream, its end mark included, is complete.
    /// - Returns: true if there is more to come.
    public func next(into encoder: inout JuteEncoder, upTo bytes: Int) -> Bool {
        let limit = encoder.count + bytes
        repeat { writeEntry(into: &encoder) } while encoder.count < limit && !isDone
        return !isDone
    }

    private var isDone: Bool { if case .done = stage { true } else { false } }

    private func writeEntry(into encoder: inout JuteEncoder) {
        switch stage {
        case .sessions(let index):
            if index == 0 { encoder.write(Int32(sessions.count)) }
            if index == sessions.count { return stage = .lists(0) }
            encoder.write(sessions[index].0.rawValue)
            encoder.write(sessions[index].1)
            stage = .sessions(index + 1)
        case .lists(let index):
            if index == 0 { encoder.write(Int32(lists.count)) }
            if index == lists.count { return stage = .nodes }
            encoder.write(lists[index].id)
            encoder.writeVector(lists[index].acl) { $0.write($1) }
            stage = .lists(index + 1)
        case .nodes:
            guard let node = tree.store.current(walk) else {
                encoder.write("/" as UString)
                return stage = .done
            }
            write(node, into: &encoder)
            tree.store.advance(walk)
        case .done: break
        }
    }

    private func write(_ node: NodeRef, into encoder: inout JuteEncoder) {
        encoder.write(Int32(node.pathLength))
        unsafe encoder.writeRaw(node.path)
        encoder.write(node.dataLengthField)
        unsafe encoder.writeRaw(node.data)
        encoder.write(tree.aclTable.id(node.aclIndex))
        encoder.write(node.persisted)
    }
}

extension DataTree {
    /// Begins a snapshot of the tree as it is now. Several may be under way.
    public func beginSnapshot() -> SnapshotCursor { SnapshotCursor(self) }

    /// The whole stream at once.
    public func encodedSnapshot() -> [UInt8] {
        var encoder = JuteEncoder(capacity: 1 << 16)
        _ = beginSnapshot().next(into: &encoder, upTo: .max / 2)
        return encoder.bytes
    }
}
