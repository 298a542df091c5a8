// The first reference: no look-up at all. What is left is the kernel, the loop and one copy per reply.
import Glibc
import Jute

/// Answers every request with one prepared getData reply. Ping and closeSession are answered as such.
@safe final class CannedServer: RawServer {
    private let reply: UnsafeMutableRawPointer
    private let replyBytes: Int

    init(valueBytes: Int) {
        // length, header, data with its length, Stat
        replyBytes = 4 + 16 + 4 + valueBytes + 68
        unsafe reply = .allocate(byteCount: replyBytes, alignment: 64)
        let keys = Keyspace(KeyspaceShape(znodes: 1, valueBytes: valueBytes))
        unsafe ReferenceReply.write(znode: 0, keys, to: reply)
        super.init(largestReply: replyBytes)
    }

    deinit { unsafe reply.deallocate() }

    override func answer(
        _ requests: UnsafeRawBufferPointer, into replies: UnsafeMutableRawBufferPointer
    ) -> (taken: Int, written: Int, isClosing: Bool) {
        guard let from = requests.baseAddress, let to = replies.baseAddress else { return (0, 0, false) }
        var taken = 0, written = 0, isClosing = false
        while requests.count - taken >= 12, !isClosing {
            let length = unsafe Int(Wire.int32(from + taken))
            guard length >= 8, taken + 4 + length <= requests.count else { break }
            guard written + replyBytes <= replies.count else { break }
            let xid = unsafe Wire.int32(from + taken + 4), op = unsafe Wire.int32(from + taken + 8)
            let target = unsafe to + written
            if op == OpCode.ping.rawValue || op == OpCode.closeSession.rawValue {
                unsafe ReferenceReply.writeHeader(xid: xid, error: 0, to: target)
                written += ReferenceReply.headerFrameBytes
                isClosing = op == OpCode.closeSession.rawValue
            } else {
                unsafe target.copyMemory(from: reply, byteCount: replyBytes)
                unsafe Wire.put(xid, target + 4)
                written += replyBytes
            }
            taken += 4 + length
        }
        return (taken, written, isClosing)
    }
}

/// Replies as both reference servers send them.
enum ReferenceReply {
    /// Every reply claims this.
    static let zxid: Int64 = 0x1_0000_0001
    /// A frame that is only a header.
    static let headerFrameBytes = 20

    static func writeHeader(xid: Int32, error: Int32, to target: UnsafeMutableRawPointer) {
        unsafe Wire.put(Int32(16), target)
        unsafe Wire.put(xid, target + 4)
        unsafe Wire.put(zxid, target + 8)
        unsafe Wire.put(error, target + 16)
    }

    /// A whole getData reply for a znode, xid 0.
    static func write(znode: Int, _ keys: Keyspace, to target: UnsafeMutableRawPointer) {
        let size = keys.shape.valueBytes
        unsafe writeHeader(xid: 0, error: 0, to: target)
        unsafe Wire.put(Int32(16 + 4 + size + 68), target)
        unsafe writeBody(znode: znode, keys, to: target + 20)
    }

    /// Data with its length, then the Stat.
    static func writeBody(znode: Int, _ keys: Keyspace, to target: UnsafeMutableRawPointer) {
        let size = keys.shape.valueBytes
        unsafe Wire.put(Int32(size), target)
        unsafe keys.writeValue(znode, to: target + 4)
        let stat = unsafe target + 4 + size
        unsafe stat.initializeMemory(as: UInt8.self, repeating: 0, count: 68)
        unsafe Wire.put(zxid, stat)
        unsafe Wire.put(zxid, stat + 8)
        unsafe Wire.put(Int32(size), stat + 52)
        unsafe Wire.put(zxid, stat + 60)
    }
}
