// Requests to bytes. Separate from the session because one writer serves every session of a loop: a batch of frames is
// built here and leaves in one send.
import Jute

/// The output buffer of one loop, emptied after each send. Capacity is checked once per frame; fields are then stored
/// unchecked.
@safe struct RequestWriter: ~Copyable {
    private var storage: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0
    /// Frames since the buffer was last emptied.
    private(set) var frames = 0
    /// A batch beyond this size waits for the next turn, so that one session cannot hold back the others.
    static let batchLimit = 256 * 1024

    init() {
        capacity = Self.batchLimit + 4096
        unsafe storage = .allocate(byteCount: capacity, alignment: 64)
    }

    deinit { unsafe storage.deallocate() }

    var isFull: Bool { count >= Self.batchLimit }
    var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: storage, count: count) }

    mutating func removeAll() {
        count = 0
        frames = 0
    }

    private mutating func grow(_ extra: Int) {
        let larger = max(capacity * 2, count + extra)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 64)
        unsafe fresh.copyMemory(from: storage, byteCount: count)
        unsafe storage.deallocate()
        unsafe storage = fresh
        capacity = larger
    }

    /// Room for one frame with `payload` bytes behind its length; returns where its header begins, and counts it.
    @inline(__always) mutating func frame(_ payload: Int) -> UnsafeMutableRawPointer {
        if capacity - count < payload + 4 { grow(payload + 4) }
        let start = unsafe storage + count
        unsafe start.storeBytes(of: Int32(truncatingIfNeeded: payload).bigEndian, as: Int32.self)
        count += payload + 4
        frames += 1
        return unsafe start + 4
    }

    @inline(__always) static func put(_ value: Int32, _ target: UnsafeMutableRawPointer, _ offset: Int) {
        unsafe target.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Int32.self)
    }

    @inline(__always) static func header(_ xid: Int32, _ op: OpCode, _ target: UnsafeMutableRawPointer) {
        unsafe put(xid, target, 0)
        unsafe put(op.rawValue, target, 4)
    }

    /// getData or exists of a znode.
    @inline(__always) mutating func read(_ op: OpCode, _ znode: Int, watch: Bool, xid: Int32, _ keys: Keyspace) {
        let target = unsafe frame(13 + Keyspace.nodePathBytes)
        unsafe Self.header(xid, op, target)
        unsafe Self.put(Int32(Keyspace.nodePathBytes), target, 8)
        unsafe keys.writeNodePath(znode, to: target + 12)
        unsafe target.storeBytes(of: watch ? 1 : 0, toByteOffset: 12 + Keyspace.nodePathBytes, as: UInt8.self)
    }

    /// getChildren2 of a group.
    mutating func children(_ group: Int, xid: Int32, _ keys: Keyspace) {
        let target = unsafe frame(13 + Keyspace.groupPathBytes)
        unsafe Self.header(xid, .getChildren2, target)
        unsafe Self.put(Int32(Keyspace.groupPathBytes), target, 8)
        unsafe keys.writeGroupPath(group, to: target + 12)
        unsafe target.storeBytes(of: 0, toByteOffset: 12 + Keyspace.groupPathBytes, as: UInt8.self)
    }

    /// setData of a znode to its value, at any version.
    @inline(__always) mutating func set(_ znode: Int, xid: Int32, _ keys: Keyspace) {
        let size = keys.shape.valueBytes
        let target = unsafe frame(20 + Keyspace.nodePathBytes + size)
        unsafe Self.header(xid, .setData, target)
        unsafe Self.put(Int32(Keyspace.nodePathBytes), target, 8)
        unsafe keys.writeNodePath(znode, to: target + 12)
        let data = unsafe target + 12 + Keyspace.nodePathBytes
        unsafe Self.put(Int32(truncatingIfNeeded: size), data, 0)
        unsafe keys.writeValue(znode, to: data + 4)
        unsafe Self.put(-1, data, 4 + size)
    }

    /// create of a znode with its value, persistent, open to all.
    mutating func create(_ znode: Int, xid: Int32, _ keys: Keyspace) {
        let target = unsafe frame(8 + Self.createBodyBytes(keys.shape))
        unsafe Self.header(xid, .create, target)
        unsafe Self.createBody(znode, to: target + 8, keys)
    }

    private static func createBodyBytes(_ shape: KeyspaceShape) -> Int {
        8 + Keyspace.nodePathBytes + shape.valueBytes + createTail.count
    }

    /// What stands behind the header of a create; `createBodyBytes` long.
    private static func createBody(_ znode: Int, to target: UnsafeMutableRawPointer, _ keys: Keyspace) {
        let size = keys.shape.valueBytes
        unsafe put(Int32(Keyspace.nodePathBytes), target, 0)
        unsafe keys.writeNodePath(znode, to: target + 4)
        let data = unsafe target + 4 + Keyspace.nodePathBytes
        unsafe put(Int32(truncatingIfNeeded: size), data, 0)
        unsafe keys.writeValue(znode, to: data + 4)
        unsafe (data + 4 + size).copyMemory(from: createTail, byteCount: createTail.count)
    }

    /// multi of the creates of a batch.
    mutating func createBatch(_ batch: Int, xid: Int32, _ keys: Keyspace) {
        let znodes = keys.shape.batch(batch), bodyBytes = Self.createBodyBytes(keys.shape)
        let target = unsafe frame(8 + znodes.count * (Self.multiHeaderBytes + bodyBytes) + Self.multiHeaderBytes)
        unsafe Self.header(xid, .multi, target)
        var place = unsafe target + 8
        for znode in znodes {
            unsafe Self.multiHeader(OpCode.create.rawValue, isEnd: false, place)
            unsafe Self.createBody(znode, to: place + Self.multiHeaderBytes, keys)
            unsafe place += Self.multiHeaderBytes + bodyBytes
        }
        unsafe Self.multiHeader(-1, isEnd: true, place)
    }

    /// Type, end mark, error.
    static let multiHeaderBytes = 9

    private static func multiHeader(_ type: Int32, isEnd: Bool, _ target: UnsafeMutableRawPointer) {
        unsafe put(type, target, 0)
        unsafe target.storeBytes(of: isEnd ? 1 : 0, toByteOffset: 4, as: UInt8.self)
        unsafe put(-1, target, 5)
    }

    /// create of a group, or of the root of all groups when `group` is nil; empty data.
    mutating func createParent(_ group: Int?, xid: Int32, _ keys: Keyspace) {
        let size = group == nil ? KeyspaceShape.root.utf8.count : Keyspace.groupPathBytes
        let target = unsafe frame(16 + size + Self.createTail.count)
        unsafe Self.header(xid, .create, target)
        unsafe Self.put(Int32(size), target, 8)
        if let group {
            unsafe keys.writeGroupPath(group, to: target + 12)
        } else {
            unsafe (target + 12).copyMemory(from: Array(KeyspaceShape.root.utf8), byteCount: size)
        }
        let data = unsafe target + 12 + size
        unsafe Self.put(0, data, 0)
        unsafe (data + 4).copyMemory(from: Self.createTail, byteCount: Self.createTail.count)
    }

    /// A request without a body: ping or closeSession.
    mutating func bare(_ op: OpCode, xid: Int32) {
        let target = unsafe frame(8)
        unsafe Self.header(xid, op, target)
    }

    /// The handshake.
    mutating func connect(_ request: ConnectRequest) {
        let bytes = request.encoded()
        let target = unsafe frame(bytes.count)
        unsafe target.copyMemory(from: bytes, byteCount: bytes.count)
    }

    /// What follows the data of a create: one ACL entry that lets anyone do anything, and the flags of a persistent
    /// znode.
    static let createTail: [UInt8] = {
        let scheme = Array("world".utf8), id = Array("anyone".utf8)
        return [0, 0, 0, 1, 0, 0, 0, 31, 0, 0, 0, UInt8(scheme.count)] + scheme
            + [0, 0, 0, UInt8(id.count)] + id + [0, 0, 0, 0]
    }()
}
