// Whether a reply is what was asked for. Separate from the session: this knows znodes, the session knows order.
import Glibc

/// How closely replies are looked at. Header, order, error code and zxid are always checked.
enum CheckDepth: String, CaseIterable, Sendable {
    /// Nothing beyond the header.
    case header
    /// Sizes and counts.
    case length
    /// The bytes of values too: the znode's number in every one, all bytes in every sixteenth.
    case content
}

/// Compares the bodies of successful replies with the keyspace.
struct ReplyCheck {
    let keys: Keyspace
    let depth: CheckDepth
    private var turn: UInt8 = 0

    init(keys: Keyspace, depth: CheckDepth) {
        self.keys = keys
        self.depth = depth
    }

    /// Bytes of a Stat.
    static let statBytes = 68
    private static let dataLengthInStat = 52

    @inline(__always) private static func int(_ body: UnsafeRawBufferPointer, _ offset: Int) -> Int {
        Int(Int32(bigEndian: unsafe body.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
    }

    /// Nil when `body` answers `request`.
    @inline(__always) mutating func fault(_ request: PendingRequest, _ body: UnsafeRawBufferPointer) -> SessionFault? {
        if depth == .header { return nil }
        switch request.kind {
        case .getData: return unsafe dataFault(request, body)
        case .exists, .setData: return unsafe statFault(request, body)
        case .setChild, .existsChild: return unsafe Self.sizeFault(request, body, Self.statBytes)
        case .getChild:
            return unsafe Self.sizeFault(request, body, 4 + Keyspace.sequenceBytes + Self.statBytes)
        case .listChild: return unsafe Self.listFault(request, body)
        case .getChildren: return unsafe childrenFault(request, body)
        case .create: return unsafe Self.sizeFault(request, body, 4 + Keyspace.nodePathBytes)
        case .createChild: return unsafe Self.sizeFault(request, body, 4 + Keyspace.childPathBytes)
        case .sync: return unsafe Self.sizeFault(request, body, 4 + Keyspace.childPathBytes)
        case .addWatch: return unsafe Self.sizeFault(request, body, 4)
        case .deleteChild, .setWatches, .closeSession: return unsafe Self.sizeFault(request, body, 0)
        case .createBatch: return unsafe batchFault(request, body)
        case .createParent: return nil
        }
    }

    private static func sizeFault(
        _ request: PendingRequest, _ body: UnsafeRawBufferPointer, _ expected: Int
    ) -> SessionFault? {
        body.count == expected ? nil : .bodySize(request, got: body.count, expected: expected)
    }

    @inline(__always) private mutating func dataFault(
        _ request: PendingRequest, _ body: UnsafeRawBufferPointer
    ) -> SessionFault? {
        let size = keys.shape.valueBytes
        guard body.count == 4 + size + Self.statBytes, unsafe Self.int(body, 0) == size,
            unsafe Self.int(body, 4 + size + Self.dataLengthInStat) == size
        else {
            return .bodySize(request, got: body.count, expected: 4 + size + Self.statBytes)
        }
        guard depth == .content else { return nil }
        var mark = keys.mark(Int(request.key))
        turn &+= 1
        if size >= 8 {
            if unsafe body.loadUnaligned(fromByteOffset: 4, as: UInt64.self) != mark { return .content(request) }
            guard turn & 15 == 0, let base = body.baseAddress else { return nil }
            return unsafe memcmp(base + 12, keys.filler + 8, size - 8) == 0 ? nil : .content(request)
        }
        guard let base = body.baseAddress else { return nil }
        return unsafe memcmp(base + 4, &mark, size) == 0 ? nil : .content(request)
    }

    private func statFault(_ request: PendingRequest, _ body: UnsafeRawBufferPointer) -> SessionFault? {
        guard body.count == Self.statBytes else {
            return .bodySize(request, got: body.count, expected: Self.statBytes)
        }
        let size = unsafe Self.int(body, Self.dataLengthInStat)
        return size == keys.shape.valueBytes
            ? nil : .dataLength(request, got: size, expected: keys.shape.valueBytes)
    }

    /// None or the one child.
    private static func listFault(_ request: PendingRequest, _ body: UnsafeRawBufferPointer) -> SessionFault? {
        let isOne = unsafe body.count > 4 && int(body, 0) == 1
        return unsafe sizeFault(request, body, 4 + (isOne ? 4 + Keyspace.childNameBytes : 0) + statBytes)
    }

    /// A result for every create: its path, or why none was carried out.
    private func batchFault(_ request: PendingRequest, _ body: UnsafeRawBufferPointer) -> SessionFault? {
        let creates = keys.shape.batch(Int(request.key)).count, header = RequestWriter.multiHeaderBytes
        let refused = creates * (header + 4) + header
        if body.count == refused { return nil }
        return unsafe Self.sizeFault(request, body, creates * (header + 4 + Keyspace.nodePathBytes) + header)
    }

    private func childrenFault(_ request: PendingRequest, _ body: UnsafeRawBufferPointer) -> SessionFault? {
        let children = keys.shape.children(ofGroup: Int(request.key))
        let expected = 4 + children * (4 + Keyspace.nameBytes) + Self.statBytes
        guard body.count == expected, unsafe Self.int(body, 0) == children else {
            return .bodySize(request, got: body.count, expected: expected)
        }
        return nil
    }
}
