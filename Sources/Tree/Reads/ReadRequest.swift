// The requests that are answered straight from the tree, as they stand in a client's bytes.

/// The operations that read one znode, by their numbers in a request header (ZooKeeper 3.9, `ZooDefs.OpCode`).
public enum ReadOperation: Int32, Sendable {
    case exists = 3
    case getData = 4
    case getChildren = 8
    case getChildren2 = 12
}

/// A well-formed request to read one znode: xid, operation, path, watch flag.
struct ReadRequest {
    /// Where its frame begins in the input, and where the next one does.
    let start: Int
    let end: Int
    let xid: Int32
    let hash: PathHash
    private let pathLength: UInt32
    /// Where the znode's block most likely stands; 0 while nobody has looked.
    var block: UInt32 = 0
    let operation: ReadOperation
    let wantsWatch: Bool

    /// Length and path length, xid and operation.
    private static let pathOffset = 16
    /// Xid, operation, the path's length, and the flag behind the path.
    private static let leastPayload = 13

    /// Nil if there is no whole frame at `start`, or it has another operation, a null path, or a payload too short for
    /// its path and the flag.
    @inline(__always)
    init?(in input: UnsafeRawBufferPointer, at start: Int, maximum: Int, _ view: ReadView) {
        guard
            case .whole(let payload) = unsafe Frame.next(
                in: input, from: start, minimum: Self.leastPayload, maximum: maximum),
            let frame = unsafe input.baseAddress?.advanced(by: start)
        else { return nil }
        let type = Int32(bigEndian: unsafe frame.loadUnaligned(fromByteOffset: 8, as: Int32.self))
        guard let operation = ReadOperation(rawValue: type) else { return nil }
        let length = Int32(bigEndian: unsafe frame.loadUnaligned(fromByteOffset: 12, as: Int32.self))
        guard length >= 0, payload.count - Self.leastPayload >= Int(length) else { return nil }
        self.start = start
        end = payload.upperBound
        pathLength = UInt32(length)
        xid = Int32(bigEndian: unsafe frame.loadUnaligned(fromByteOffset: 4, as: Int32.self))
        self.operation = operation
        let path = unsafe UnsafeRawBufferPointer(start: frame + Self.pathOffset, count: Int(length))
        wantsWatch = unsafe (frame + Self.pathOffset + Int(length)).load(as: UInt8.self) != 0
        hash = unsafe view.hash(of: path)
    }

    /// - Parameter input: where the request was found.
    @inline(__always)
    func path(in input: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(
            start: input.baseAddress?.advanced(by: start + Self.pathOffset), count: Int(pathLength))
    }
}
