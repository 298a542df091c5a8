// Requests about watches, and about the one child that some workloads give a znode. Separate from the requests of the
// steady loads, whose cost counts.
import Jute

/// How far a watch of addWatch reaches.
enum AddWatchMode: Int32, Sendable {
    case persistent = 0
    case persistentRecursive = 1
}

extension RequestWriter {
    /// getChildren2 of a znode, with a watch.
    mutating func listChild(_ znode: Int, xid: Int32, _ keys: Keyspace) {
        read(.getChildren2, znode, watch: true, xid: xid, keys)
    }

    /// addWatch on a znode.
    mutating func addWatch(_ znode: Int, mode: AddWatchMode, xid: Int32, _ keys: Keyspace) {
        let target = unsafe frame(16 + Keyspace.nodePathBytes)
        unsafe Self.header(xid, .addWatch, target)
        unsafe Self.put(Int32(Keyspace.nodePathBytes), target, 8)
        unsafe keys.writeNodePath(znode, to: target + 12)
        unsafe Self.put(mode.rawValue, target, 12 + Keyspace.nodePathBytes)
    }

    /// Header and path of a request about the child of `znode`; returns where its `tail` bytes begin.
    private mutating func child(
        _ op: OpCode, _ znode: Int, tail: Int, xid: Int32, _ keys: Keyspace
    ) -> UnsafeMutableRawPointer {
        let target = unsafe frame(12 + Keyspace.childPathBytes + tail)
        unsafe Self.header(xid, op, target)
        unsafe Self.put(Int32(Keyspace.childPathBytes), target, 8)
        unsafe keys.writeChildPath(znode, to: target + 12)
        return unsafe target + 12 + Keyspace.childPathBytes
    }

    /// getData or exists of the child.
    mutating func readChild(_ op: OpCode, _ znode: Int, watch: Bool, xid: Int32, _ keys: Keyspace) {
        let tail = unsafe child(op, znode, tail: 1, xid: xid, keys)
        unsafe tail.storeBytes(of: watch ? 1 : 0, as: UInt8.self)
    }

    /// Creates the child, persistent, open to all; its value is `sequence`.
    mutating func createChild(_ znode: Int, sequence: Int64, xid: Int32, _ keys: Keyspace) {
        let size = 4 + Keyspace.sequenceBytes + Self.createTail.count
        let tail = unsafe child(.create, znode, tail: size, xid: xid, keys)
        unsafe Self.put(sequence, tail)
        unsafe (tail + 4 + Keyspace.sequenceBytes).copyMemory(from: Self.createTail, byteCount: Self.createTail.count)
    }

    /// Writes `sequence` as the value of the child, at any version.
    mutating func setChild(_ znode: Int, sequence: Int64, xid: Int32, _ keys: Keyspace) {
        let tail = unsafe child(.setData, znode, tail: 8 + Keyspace.sequenceBytes, xid: xid, keys)
        unsafe Self.put(sequence, tail)
        unsafe Self.put(-1, tail, 4 + Keyspace.sequenceBytes)
    }

    /// A value with its length.
    private static func put(_ sequence: Int64, _ target: UnsafeMutableRawPointer) {
        unsafe put(Int32(Keyspace.sequenceBytes), target, 0)
        unsafe target.storeBytes(of: sequence.bigEndian, toByteOffset: 4, as: Int64.self)
    }

    /// Deletes the child, at any version.
    mutating func deleteChild(_ znode: Int, xid: Int32, _ keys: Keyspace) {
        let tail = unsafe child(.delete, znode, tail: 4, xid: xid, keys)
        unsafe Self.put(-1, tail, 0)
    }

    /// sync of the child.
    mutating func sync(_ znode: Int, xid: Int32, _ keys: Keyspace) {
        _ = unsafe child(.sync, znode, tail: 0, xid: xid, keys)
    }

    /// setWatches2 with data watches on these znodes.
    mutating func setWatches(_ znodes: [Int], since zxid: Int64, xid: Int32, _ keys: Keyspace) {
        let record = SetWatches2(
            relativeZxid: Zxid(zxid), dataWatches: znodes.map { UString(bytes: keys.nodePath($0)) }, existWatches: [],
            childWatches: [], persistentWatches: [], persistentRecursiveWatches: [])
        let bytes = record.encoded()
        let target = unsafe frame(8 + bytes.count)
        unsafe Self.header(xid, .setWatches2, target)
        unsafe (target + 8).copyMemory(from: bytes, byteCount: bytes.count)
    }
}
