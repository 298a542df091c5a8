// The leader's end of one learner's connection: packets in order, with at most one snapshot stream among them.

import Jute
import Libevent
import Tree

/// What is sent while a snapshot streams waits behind it, up to the backlog bound.
final class LearnerConnection {
    private let packets: PacketStream
    private let limits: QuorumLimits
    private var snapshot: SnapshotCursor?
    private var held: [[UInt8]] = []
    private var heldBytes = 0
    private let onOverflow: () -> Void
    private let onProgress: () -> Void
    private let slices: LongestPause

    /// `onProgress` is called each time the learner has taken part of a snapshot; `slices` learns what making one takes.
    init(
        packets: PacketStream, limits: QuorumLimits, slices: LongestPause, onProgress: @escaping () -> Void,
        onOverflow: @escaping () -> Void
    ) {
        self.slices = slices
        self.onProgress = onProgress
        self.packets = packets
        self.limits = limits
        self.onOverflow = onOverflow
        packets.onDrained = { [unowned self] in
            if snapshot != nil { onProgress() }
            streamSnapshot()
        }
        packets.start()
    }

    var peer: String { packets.peer }

    /// A whole packet. `mayWait`: it need not leave before the next one that may not, or `sendQueued()`.
    func send(_ bytes: RawSpan, mayWait: Bool) {
        if snapshot != nil {
            held.append(unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) })
            heldBytes += bytes.byteCount
        } else if mayWait {
            packets.enqueue(bytes)
        } else {
            packets.send(bytes)
        }
        if pendingOutput > limits.maximumBacklogBytes { onOverflow() }
    }

    /// Bytes that have not left.
    var pendingOutput: Int { heldBytes + packets.pendingOutput }

    func sendQueued() { packets.sendQueued() }

    /// Streams the tree as it is and becomes: transactions applied meanwhile may be inside, all of them follow.
    func sendSnapshot(of tree: DataTree) {
        precondition(snapshot == nil, "one snapshot at a time")
        slices.time { snapshot = tree.beginSnapshot() }
        streamSnapshot()
    }

    private func streamSnapshot() {
        while let cursor = snapshot, packets.pendingOutput < limits.snapshotSliceBytes {
            slices.time { streamSlice(of: cursor) }
        }
    }

    private func streamSlice(of cursor: SnapshotCursor) {
        var slice = JuteEncoder(capacity: limits.snapshotSliceBytes + 4096)
        let hasMore = cursor.next(into: &slice, upTo: limits.snapshotSliceBytes)
        if !hasMore { slice.write(Self.signature) }
        packets.send(slice.bytes)
        if !hasMore { finishSnapshot() }
    }

    private func finishSnapshot() {
        snapshot = nil
        for bytes in held { packets.send(bytes) }
        held = []
        heldBytes = 0
    }

    func close() {
        snapshot = nil
        packets.close()
    }

    /// Ends a snapshot stream (ZooKeeper, `Learner.syncWithLeader`).
    static let signature: UString = "BenWasHere"
}
