// The notifications that one receive of setData requests gives rise to, once for all watchers.

/// Frames of NodeDataChanged, one behind the other, as each watcher gets them.
@safe struct NotificationBatch {
    private var storage: UnsafeMutableRawPointer
    private var capacity = 64 * 1024
    private(set) var count = 0

    init() { unsafe storage = .allocate(byteCount: capacity, alignment: 64) }

    var bytes: UnsafeRawPointer { unsafe UnsafeRawPointer(storage) }

    mutating func removeAll() { count = 0 }

    private static let nodeDataChanged: Int32 = 3
    private static let connected: Int32 = 3
    /// Header, type and state, the path's length.
    private static let fixedBytes = ReferenceReply.headerFrameBytes + 12

    /// Adds the notification that this request causes.
    ///
    /// - Parameter length: bytes of the request behind its length field.
    mutating func append(setData request: UnsafeRawPointer, length: Int) {
        guard length >= 12 else { return }
        let path = unsafe Int(Wire.int32(request + 12))
        guard path >= 0, path <= length - 12 else { return }
        if capacity - count < Self.fixedBytes + path { grow(toHold: count + Self.fixedBytes + path) }
        let target = unsafe storage + count
        unsafe ReferenceReply.writeHeader(xid: -1, error: 0, to: target)
        unsafe Wire.put(Int32(Self.fixedBytes - 4 + path), target)
        unsafe Wire.put(Int64(-1), target + 8)
        unsafe Wire.put(Self.nodeDataChanged, target + 20)
        unsafe Wire.put(Self.connected, target + 24)
        unsafe Wire.put(Int32(path), target + 28)
        unsafe (target + 32).copyMemory(from: request + 16, byteCount: path)
        count += Self.fixedBytes + path
    }

    private mutating func grow(toHold needed: Int) {
        while capacity < needed { capacity *= 2 }
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
        unsafe larger.copyMemory(from: storage, byteCount: count)
        unsafe storage.deallocate()
        unsafe storage = larger
    }
}
