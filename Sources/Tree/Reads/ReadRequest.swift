// The requests that are answered straight from the tree, as they stand in a client's bytes.

/// The operations that read one znode, by their numbers in a request header (ZooKeeper 3.9, `ZooDefs.OpCode`).
public enum ReadOperation: Int32, Sendable {
    case exists = 3
    case getData = 4
    case getChildren = 8
    case getChildren2 = 12
}

/// A well-formed request to read one znode: xid, operation, path, watch flag. Noted are 32 bytes, what is worth keeping
/// between the passes over a batch; the rest is found in its frame.
struct ReadRequest {
    /// Where its frame begins in the input.
    let start: Int
    private let frameBytes: UInt32
    private let pathLength: UInt32
    /// Of the path, once somebody has computed it.
    var hash = PathHash(value: 0)
    /// Where the znode's block most likely stands; 0 while nobody has looked.
    var block: UInt32 = 0
    /// The raw value of a `ReadOperation`.
    let operation: Int32
    let wantsWatch: Bool

    private static let xidOffset = 4
    private static let operationOffset = 8
    private static let pathLengthOffset = 12
    private static let pathOffset = 16
    /// Xid, operation, the path's length, and the flag behind the path.
    private static let leastPayload = 13

    /// Nil if there is no whole frame at `start`, or it has another operation, a null path, or a payload too short for
    /// its path and the flag.
    @inline(__always)
    init?(in input: UnsafeRawBufferPointer, at start: Int, maximum: Int) {
        guard
            case .whole(let payload) = unsafe Frame.next(
                in: input, from: start, minimum: Self.leastPayload, maximum: maximum),
            let frame = unsafe input.baseAddress?.advanced(by: start)
        else { return nil }
        operation = unsafe Self.operation(in: frame)
        pathLength = UInt32(bitPattern: unsafe Self.integer(in: frame, at: Self.pathLengthOffset))
        // Without overflow: the frame lies within the input. A null path's length, -1, is more than any frame has.
        let bytes = payload.upperBound &- start
        guard ReadOperation(rawValue: operation) != nil, Int(pathLength) < bytes &- Self.pathOffset else { return nil }
        self.start = start
        frameBytes = UInt32(truncatingIfNeeded: bytes)
        wantsWatch = unsafe (frame + (Self.pathOffset &+ Int(pathLength))).load(as: UInt8.self) != 0
    }

    /// Of the whole frame, its length field included.
    @inline(__always)
    var bytes: Int { Int(frameBytes) }

    // MARK: What stands in the frame

    @inline(__always)
    func path(in frame: UnsafeRawPointer) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: frame + Self.pathOffset, count: Int(pathLength))
    }

    @inline(__always)
    static func xid(in frame: UnsafeRawPointer) -> Int32 { unsafe integer(in: frame, at: xidOffset) }

    @inline(__always)
    static func operation(in frame: UnsafeRawPointer) -> Int32 { unsafe integer(in: frame, at: operationOffset) }

    @inline(__always)
    private static func integer(in frame: UnsafeRawPointer, at offset: Int) -> Int32 {
        Int32(bigEndian: unsafe frame.loadUnaligned(fromByteOffset: offset, as: Int32.self))
    }
}
