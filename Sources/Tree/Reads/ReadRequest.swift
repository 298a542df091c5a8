// The requests that are answered straight from the tree, as they stand in a client's bytes.

/// The operations that read one znode, by their numbers in a request header (ZooKeeper 3.9, `ZooDefs.OpCode`).
package enum ReadOperation: Int32, Sendable {
    case exists = 3
    case getData = 4
    case getChildren = 8
    case getChildren2 = 12
}

/// A well-formed request to read one znode: xid, operation, path, watch flag.
struct ReadRequest {
    let operation: ReadOperation
    /// Where the path's bytes stand in the input.
    let path: Range<Int>
    let xid: Int32
    let wantsWatch: Bool

    /// Xid and operation, the path's length, and the flag behind the path.
    private static let leastPayload = 13

    /// Nil for another operation, a null path, or a payload too short for its path and the flag.
    @inline(__always)
    init?(in input: UnsafeRawBufferPointer, _ payload: Range<Int>) {
        guard payload.count >= Self.leastPayload else { return nil }
        let start = payload.lowerBound
        let type = Int32(bigEndian: unsafe input.loadUnaligned(fromByteOffset: start + 4, as: Int32.self))
        guard let operation = ReadOperation(rawValue: type) else { return nil }
        let length = Int(Int32(bigEndian: unsafe input.loadUnaligned(fromByteOffset: start + 8, as: Int32.self)))
        guard length >= 0, payload.count - Self.leastPayload >= length else { return nil }
        self.operation = operation
        path = start + 12..<start + 12 + length
        xid = Int32(bigEndian: unsafe input.loadUnaligned(fromByteOffset: start, as: Int32.self))
        wantsWatch = unsafe input[start + 12 + length] != 0
    }

    @inline(__always)
    func path(in input: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: input[path])
    }
}
