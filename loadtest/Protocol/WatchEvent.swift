// A notification as the workloads see it. Separate from the session, which only knows its length.

/// What changed, and where. Lives for the call that hands it over.
@safe struct WatchEvent {
    enum Change: Int32, Sendable {
        case created = 1
        case deleted, dataChanged, childrenChanged
    }

    let type: Int32
    private let bytes: UnsafeRawBufferPointer

    init(type: Int32, path: UnsafeRawBufferPointer) {
        self.type = type
        unsafe bytes = path
    }

    /// Nil for a type that servers do not send.
    var change: Change? { Change(rawValue: type) }
    /// For messages.
    var path: String { unsafe String(decoding: bytes, as: UTF8.self) }

    /// The number of the znode with this path, or whose child has it; nil for any other path.
    func place(in keys: Keyspace) -> (znode: Int, isChild: Bool)? {
        let isChild = unsafe bytes.count == Keyspace.childPathBytes
        guard unsafe isChild || bytes.count == Keyspace.nodePathBytes else { return nil }
        let own = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<Keyspace.nodePathBytes])
        guard let znode = unsafe keys.znode(ofPath: own) else { return nil }
        return (znode, isChild)
    }
}
