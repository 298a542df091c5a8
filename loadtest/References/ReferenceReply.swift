// Replies as both reference servers send them.

/// Numbers of the protocol. Written out: taken from their enum in another module each comparison is a call.
enum Op {
    static let exists: Int32 = 3, getData: Int32 = 4, setData: Int32 = 5, ping: Int32 = 11, getChildren2: Int32 = 12
    static let addWatch: Int32 = 106, closeSession: Int32 = -11
    /// Error codes.
    static let unimplemented: Int32 = -6, noNode: Int32 = -101
}

/// Frames written field by field; not on any hot path but that of single headers.
enum ReferenceReply {
    /// Every reply claims this.
    static let zxid: Int64 = 0x1_0000_0001
    /// A frame that is only a header.
    static let headerFrameBytes = 20
    static let statBytes = 68

    static func writeHeader(xid: Int32, error: Int32, to target: UnsafeMutableRawPointer) {
        unsafe Wire.put(Int32(16), target)
        unsafe Wire.put(xid, target + 4)
        unsafe Wire.put(zxid, target + 8)
        unsafe Wire.put(error, target + 16)
    }

    /// Data with its length, then the Stat.
    static func writeBody(znode: Int, _ keys: Keyspace, to target: UnsafeMutableRawPointer) {
        let size = keys.shape.valueBytes
        unsafe Wire.put(Int32(size), target)
        unsafe keys.writeValue(znode, to: target + 4)
        unsafe writeStat(dataLength: size, to: target + 4 + size)
    }

    static func writeStat(dataLength: Int, to stat: UnsafeMutableRawPointer) {
        unsafe stat.initializeMemory(as: UInt8.self, repeating: 0, count: statBytes)
        unsafe Wire.put(zxid, stat)
        unsafe Wire.put(zxid, stat + 8)
        unsafe Wire.put(Int32(dataLength), stat + 52)
        unsafe Wire.put(zxid, stat + 60)
    }

    /// The names of the znodes in a full group, counted, then the group's Stat.
    static func writeChildren(_ keys: Keyspace, to target: UnsafeMutableRawPointer) {
        let path = UnsafeMutableRawPointer.allocate(byteCount: Keyspace.nodePathBytes, alignment: 8)
        defer { unsafe path.deallocate() }
        unsafe Wire.put(Int32(KeyspaceShape.groupSize), target)
        var place = unsafe target + 4
        for child in 0..<KeyspaceShape.groupSize {
            unsafe keys.writeNodePath(child, to: path)
            unsafe Wire.put(Int32(Keyspace.nameBytes), place)
            unsafe (place + 4).copyMemory(
                from: path + Keyspace.nodePathBytes - Keyspace.nameBytes, byteCount: Keyspace.nameBytes)
            unsafe place += 4 + Keyspace.nameBytes
        }
        unsafe writeStat(dataLength: 0, to: place)
    }

    static let childrenBytes = 4 + KeyspaceShape.groupSize * (4 + Keyspace.nameBytes) + statBytes
}
