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
    public var lastOperation: Int32 = 0

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
        guard let bytes = input.baseAddress else { return reads }
        let finder = finder
        var rest = notes
        // Where the last one answered begins.
        var lastStart = offset
        answering: while reads.count < budget.requests, replies.count < budget.arenaBytes {
            // What is noted stays so for whoever answers this request if it is not answered here.
            var next = rest
            guard
                let index = unsafe hashes.index(ofFrameAt: reads.end, in: &next)
                    ?? hashes.index(ofLoneFrameAt: reads.end, in: input, maximum: maximum, self)
            else { break }
            let request = hashes[index]
            let frame = unsafe bytes + reads.end
            let path = unsafe request.path(in: frame)
            guard !request.wantsWatch,
                // Where the block was found ahead of time, only the path is compared.
                let node = unsafe finder.node(request.block, path: path) ?? search(request.hash, path: path),
                isReadableByAll(node)
            else { break }
            let xid = unsafe ReadRequest.xid(in: frame)
            switch request.operation {
            case ReadOperation.getData.rawValue: unsafe replies.append(xid: xid, zxid: zxid, body: node.dataAndStat)
            case ReadOperation.exists.rawValue: unsafe replies.append(xid: xid, zxid: zxid, body: node.stat)
            default: break answering
            }
            rest = next
            lastStart = reads.end
            reads.end &+= request.bytes
            reads.count += 1
        }
        notes = rest
        if reads.count > 0 {
            reads.lastXid = unsafe ReadRequest.xid(in: bytes + lastStart)
            reads.lastOperation = unsafe ReadRequest.operation(in: bytes + lastStart)
        }
        return reads
    }

    /// Out of the way, like every look-up that the table did not settle at once.
    @inline(never)
    private func search(_ hash: PathHash, path: UnsafeRawBufferPointer) -> NodeRef? {
        unsafe lookup(hash, path: path)
    }
}
