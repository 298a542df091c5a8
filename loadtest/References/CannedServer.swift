// The first reference: no look-up at all. What is left is the kernel, the loop and one copy per reply.

/// Answers every request with a reply prepared for its operation. Who has asked for a watch once is told of every
/// setData, whatever its path: all notifications of one receive leave in one send per watcher.
@safe final class CannedServer: RawServer {
    private let getData: CannedReply
    private let stat: CannedReply
    private let children: CannedReply
    private let header: CannedReply
    private let addWatch: CannedReply
    private var watchers: [UnsafeMutablePointer<RawConnection>]
    private var news: NotificationBatch

    init(valueBytes: Int) {
        let keys = Keyspace(KeyspaceShape(znodes: KeyspaceShape.groupSize, valueBytes: valueBytes))
        getData = unsafe CannedReply(bodyBytes: 4 + valueBytes + ReferenceReply.statBytes) {
            unsafe ReferenceReply.writeBody(znode: 0, keys, to: $0)
        }
        stat = unsafe CannedReply(bodyBytes: ReferenceReply.statBytes) {
            unsafe ReferenceReply.writeStat(dataLength: valueBytes, to: $0)
        }
        children = unsafe CannedReply(bodyBytes: ReferenceReply.childrenBytes) {
            unsafe ReferenceReply.writeChildren(keys, to: $0)
        }
        header = unsafe CannedReply(bodyBytes: 0) { _ in }
        addWatch = unsafe CannedReply(bodyBytes: 4) { unsafe Wire.put(Int32(0), $0) }
        news = NotificationBatch()
        unsafe watchers = []
        super.init(largestReply: max(getData.count, children.count))
    }

    override func answer(
        _ requests: UnsafeRawBufferPointer, into replies: UnsafeMutableRawBufferPointer,
        for connection: UnsafeMutablePointer<RawConnection>
    ) -> BatchAnswer {
        var answer = BatchAnswer()
        guard let from = requests.baseAddress, let to = replies.baseAddress else { return answer }
        while requests.count - answer.taken >= 12, !answer.isClosing {
            let request = unsafe from + answer.taken
            let length = unsafe Int(Wire.int32(request))
            guard length >= 8, answer.taken + 4 + length <= requests.count else { break }
            let op = unsafe Wire.int32(request + 8)
            let reply = reply(op)
            guard answer.written + reply.count <= replies.count else { break }
            unsafe reply.write(xid: Wire.int32(request + 4), to: to + answer.written)
            answer.written += reply.count
            unsafe note(op, request, length, connection, &answer)
            answer.taken += 4 + length
        }
        return answer
    }

    @inline(__always) private func reply(_ op: Int32) -> CannedReply {
        switch op {
        case Op.getData: getData
        case Op.exists, Op.setData: stat
        case Op.getChildren2: children
        case Op.addWatch: addWatch
        default: header
        }
    }

    /// What a request does beyond being answered.
    @inline(__always) private func note(
        _ op: Int32, _ request: UnsafeRawPointer, _ length: Int, _ connection: UnsafeMutablePointer<RawConnection>,
        _ answer: inout BatchAnswer
    ) {
        switch op {
        case Op.getData, Op.exists:
            if unsafe (request + 3 + length).load(as: UInt8.self) != 0 { unsafe watch(connection) }
        case Op.addWatch: unsafe watch(connection)
        case Op.setData:
            if unsafe !watchers.isEmpty { unsafe news.append(setData: request, length: length) }
        case Op.closeSession: answer.isClosing = true
        default: break
        }
    }

    // MARK: Watches

    private func watch(_ connection: UnsafeMutablePointer<RawConnection>) {
        guard unsafe connection.pointee.watcherIndex < 0 else { return }
        unsafe connection.pointee.watcherIndex = watchers.count
        unsafe watchers.append(connection)
    }

    override func willClose(_ connection: UnsafeMutablePointer<RawConnection>) {
        let index = unsafe connection.pointee.watcherIndex
        guard index >= 0 else { return }
        let last = unsafe watchers.removeLast()
        guard unsafe last != connection else { return }
        unsafe watchers[index] = last
        unsafe last.pointee.watcherIndex = index
    }

    override func batchEnded() {
        guard news.count > 0 else { return }
        // From the end: a watcher whose connection fails leaves its place to the last one.
        for index in stride(from: unsafe watchers.count - 1, through: 0, by: -1) {
            let watcher = unsafe watchers[index]
            unsafe send(watcher, news.bytes, news.count)
        }
        news.removeAll()
    }
}

/// A whole frame whose xid is filled in when it is copied.
@safe private struct CannedReply {
    private let frame: UnsafeMutableRawPointer
    let count: Int

    /// Lives as long as the server, which lives as long as the process.
    init(bodyBytes: Int, _ writeBody: (UnsafeMutableRawPointer) -> Void) {
        count = ReferenceReply.headerFrameBytes + bodyBytes
        unsafe frame = .allocate(byteCount: count, alignment: 64)
        unsafe ReferenceReply.writeHeader(xid: 0, error: 0, to: frame)
        unsafe Wire.put(Int32(16 + bodyBytes), frame)
        unsafe writeBody(frame + ReferenceReply.headerFrameBytes)
    }

    @inline(__always) func write(xid: Int32, to target: UnsafeMutableRawPointer) {
        unsafe target.copyMemory(from: frame, byteCount: count)
        unsafe Wire.put(xid, target + 4)
    }
}
