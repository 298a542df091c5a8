// From request bytes to reply bytes in one loop: the reads that make up nearly all of a busy server's work. Apart from
// the general way of answering a request, which takes whatever this leaves.

public import Jute

/// A run of plain reads that was answered.
public struct PlainReads: Equatable, Sendable {
    /// Where the first request that was not answered begins.
    public var end: Int
    public var count = 0
    /// Of the last one.
    public var lastXid: Int32 = 0
    public var lastOperation = ReadOperation.getData

    public init(end: Int) { self.end = end }
}

/// At which point a run of reads stops although more could be answered.
public struct ReadBudget: Sendable {
    public let requests: Int
    /// Bytes of the whole arena. The reply that passes it is the last.
    public let arenaBytes: Int

    public init(requests: Int, arenaBytes: Int) {
        self.requests = requests
        self.arenaBytes = arenaBytes
    }
}

extension ReadView {
    /// Answers the plain reads that `input` has from `offset` on: whole frames of getData and exists, without a watch,
    /// of znodes that exist and that everybody may read. Each reply is one piece of the znode's block.
    ///
    /// Stops before the first request of any other kind, be it malformed, and when the budget is used up.
    /// - Parameters:
    ///   - maximum: the longest frame allowed.
    ///   - notes: which of `hashes` are of this input, from `offset` on.
    ///   - zxid: the state that the replies speak of.
    public func answerPlainReads(
        in input: UnsafeRawBufferPointer, from offset: Int, maximum: Int, hashes: borrowing HashedReads,
        notes: inout Range<Int>, zxid: Zxid, budget: ReadBudget, into replies: inout ReplyArena
    ) -> PlainReads {
        var reads = PlainReads(end: offset)
        while reads.count < budget.requests, replies.count < budget.arenaBytes {
            // What is noted stays so for whoever answers this request if it is not answered here.
            var next = notes
            guard
                let request = unsafe hashes.find(at: reads.end, in: &next)
                    ?? unnoted(in: input, at: reads.end, maximum: maximum),
                !request.wantsWatch,
                let node = unsafe node(of: request, in: input), isReadableByAll(node)
            else { break }
            switch request.operation {
            case .getData: unsafe replies.append(xid: request.xid, zxid: zxid, body: node.dataAndStat)
            case .exists: unsafe replies.append(xid: request.xid, zxid: zxid, body: node.stat)
            case .getChildren, .getChildren2: return reads
            }
            notes = next
            reads.end = request.end
            reads.count += 1
            reads.lastXid = request.xid
            reads.lastOperation = request.operation
        }
        return reads
    }

    /// Out of the way: nearly all requests have been noted.
    @inline(never)
    private func unnoted(in input: UnsafeRawBufferPointer, at start: Int, maximum: Int) -> ReadRequest? {
        unsafe ReadRequest(in: input, at: start, maximum: maximum, self)
    }

    /// Where the block was found ahead of time, only the path is compared.
    @inline(__always)
    private func node(of request: ReadRequest, in input: UnsafeRawBufferPointer) -> NodeRef? {
        let path = unsafe request.path(in: input)
        if let node = unsafe node(request.block, path: path) { return node }
        return unsafe lookup(request.hash, path: path)
    }
}
