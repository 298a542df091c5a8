// The second reference: real look-ups in the plainest fast table. What a server costs beyond this is its own doing.
import CKernel
import Glibc

/// Open addressing with linear probing over one block per znode in wire order. A batch is hashed and its cache lines
/// are asked for before any request of it is answered.
///
/// Block: hash (8) | path length (4) | body length (4) | path, padded to 8 | data length, data, Stat.
/// Slot: 16 bits of the hash above a 48-bit pointer; 0 is empty.
@safe final class TableServer: RawServer {
    /// What the first passes of a batch leave for the last.
    @unsafe private struct Step {
        var frame: Int
        var length: Int
        var hash: UInt64
        var block: UnsafeMutableRawPointer?
    }

    private static let batch = 64
    private static let pathAt = 16
    /// All paths have the same length.
    private static let bodyAt = pathAt + (Keyspace.nodePathBytes + 7) & ~7
    private let slots: UnsafeMutablePointer<UInt64>
    private let mask: Int
    private let slab: UnsafeMutableRawPointer
    private let steps: UnsafeMutablePointer<Step>
    private let seed = UInt64.random(in: .min ... .max)

    init(_ shape: KeyspaceShape) {
        let keys = Keyspace(shape)
        var capacity = 16
        while capacity < shape.znodes * 2 { capacity *= 2 }
        mask = capacity - 1
        unsafe slots = Self.allocate(bytes: capacity * 8).bindMemory(to: UInt64.self, capacity: capacity)
        unsafe slots.initialize(repeating: 0, count: capacity)
        unsafe steps = .allocate(capacity: Self.batch)
        let bodyBytes = 4 + shape.valueBytes + ReferenceReply.statBytes
        let blockBytes = (Self.bodyAt + bodyBytes + 7) & ~7
        unsafe slab = Self.allocate(bytes: blockBytes * shape.znodes)
        super.init(largestReply: 20 + bodyBytes)
        for znode in 0..<shape.znodes {
            let block = unsafe slab + znode * blockBytes
            unsafe keys.writeNodePath(znode, to: block + Self.pathAt)
            let hash = unsafe hash(block + Self.pathAt, Keyspace.nodePathBytes)
            unsafe block.storeBytes(of: hash, as: UInt64.self)
            unsafe block.storeBytes(of: Int32(Keyspace.nodePathBytes), toByteOffset: 8, as: Int32.self)
            unsafe block.storeBytes(of: Int32(bodyBytes), toByteOffset: 12, as: Int32.self)
            unsafe ReferenceReply.writeBody(znode: znode, keys, to: block + Self.bodyAt)
            unsafe insert(block, hash)
        }
    }

    deinit {
        unsafe slots.deallocate()
        unsafe slab.deallocate()
        unsafe steps.deallocate()
    }

    /// In large pages where the kernel has them: with many znodes, finding addresses costs as much as reading them.
    private static func allocate(bytes: Int) -> UnsafeMutableRawPointer {
        let page = 2 * 1024 * 1024
        let memory = UnsafeMutableRawPointer.allocate(byteCount: (bytes + page - 1) & ~(page - 1), alignment: page)
        unsafe madvise(memory, bytes, MADV_HUGEPAGE)
        return unsafe memory
    }

    private func insert(_ block: UnsafeMutableRawPointer, _ hash: UInt64) {
        var index = Int(truncatingIfNeeded: hash) & mask
        while unsafe slots[index] != 0 { index = (index + 1) & mask }
        unsafe slots[index] = (hash >> 48) << 48 | UInt64(UInt(bitPattern: block))
    }

    /// Multiply-and-fold over eight bytes at a time.
    @inline(__always) private func hash(_ path: UnsafeRawPointer, _ count: Int) -> UInt64 {
        var hash = seed ^ UInt64(truncatingIfNeeded: count) &* 0x9e37_79b9_7f4a_7c15
        var offset = 0
        while count - offset >= 8 {
            hash = Self.fold(hash ^ (unsafe path.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        var tail: UInt64 = 0
        while offset < count {
            tail = tail << 8 | UInt64(unsafe path.load(fromByteOffset: offset, as: UInt8.self))
            offset += 1
        }
        return Self.fold(hash ^ tail)
    }

    @inline(__always) private static func fold(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
        return product.high ^ product.low
    }

    private static let pointerMask: UInt64 = 0xffff_ffff_ffff

    /// The first block whose tag fits; its whole hash and path are compared when it is answered.
    @inline(__always) private func candidate(_ hash: UInt64, from start: Int) -> (UnsafeMutableRawPointer?, Int) {
        var index = start
        while true {
            let slot = unsafe slots[index]
            if slot == 0 { return (nil, index) }
            if slot >> 48 == hash >> 48 {
                return unsafe (UnsafeMutableRawPointer(bitPattern: UInt(slot & Self.pointerMask)), index)
            }
            index = (index + 1) & mask
        }
    }

    override func answer(
        _ requests: UnsafeRawBufferPointer, into replies: UnsafeMutableRawBufferPointer,
        for connection: UnsafeMutablePointer<RawConnection>
    ) -> BatchAnswer {
        var answer = BatchAnswer()
        guard let from = requests.baseAddress, let to = replies.baseAddress else { return answer }
        let (count, taken) = unsafe cut(requests, from)
        locate(count)
        for index in 0..<count {
            let step = unsafe steps[index]
            // What is left is answered in the next call.
            unsafe answer.taken = step.frame
            if unsafe answer.written + replyBound(step) > replies.count { return answer }
            let op = unsafe Wire.int32(from + step.frame + 8)
            unsafe reply(step, op: op, from: from, to: to, &answer)
            if op == Op.closeSession {
                answer.isClosing = true
                break
            }
        }
        answer.taken = taken
        return answer
    }

    /// Second pass: the slots have come, now the blocks are asked for.
    private func locate(_ count: Int) {
        for index in 0..<count {
            let hash = unsafe steps[index].hash
            let (block, _) = unsafe candidate(hash, from: Int(truncatingIfNeeded: hash) & mask)
            unsafe steps[index].block = block
            if let block = unsafe block {
                unsafe ckernel_prefetch(block)
                unsafe ckernel_prefetch(block + 64)
                unsafe ckernel_prefetch(block + 128)
                unsafe ckernel_prefetch(block + 192)
            }
        }
    }

    /// First pass: frames of one batch, hashed, their slots asked for.
    private func cut(_ requests: UnsafeRawBufferPointer, _ from: UnsafeRawPointer) -> (count: Int, taken: Int) {
        var count = 0, offset = 0
        while count < Self.batch, requests.count - offset >= 12 {
            let length = unsafe Int(Wire.int32(from + offset))
            guard length >= 8, offset + 4 + length <= requests.count else { break }
            var hash: UInt64 = 0
            if length >= 13 {
                let path = unsafe Int(Wire.int32(from + offset + 12))
                if path >= 0, path <= length - 13 { hash = unsafe self.hash(from + offset + 16, path) }
            }
            unsafe ckernel_prefetch(slots + Int(truncatingIfNeeded: hash) & mask)
            unsafe steps[count] = Step(frame: offset, length: length, hash: hash, block: nil)
            count += 1
            offset += 4 + length
        }
        return (count, offset)
    }

    /// Bytes of the reply, at most.
    @inline(__always) private func replyBound(_ step: Step) -> Int {
        guard let block = unsafe step.block else { return ReferenceReply.headerFrameBytes }
        return unsafe ReferenceReply.headerFrameBytes + Int(block.load(fromByteOffset: 12, as: Int32.self))
    }

    /// Writes one reply behind those of the answer.
    @inline(__always) private func reply(
        _ step: Step, op: Int32, from: UnsafeRawPointer, to replies: UnsafeMutableRawPointer,
        _ answer: inout BatchAnswer
    ) {
        let request = unsafe from + step.frame, target = unsafe replies + answer.written
        let xid = unsafe Wire.int32(request + 4)
        answer.written += ReferenceReply.headerFrameBytes
        guard op == Op.getData || op == Op.exists else {
            let error = op == Op.ping || op == Op.closeSession ? 0 : Op.unimplemented
            return unsafe ReferenceReply.writeHeader(xid: xid, error: error, to: target)
        }
        guard let block = unsafe match(step, request) else {
            return unsafe ReferenceReply.writeHeader(xid: xid, error: Op.noNode, to: target)
        }
        let wholeBody = unsafe Int(block.load(fromByteOffset: 12, as: Int32.self))
        let skipped = op == Op.exists ? wholeBody - ReferenceReply.statBytes : 0
        let body = unsafe block + Self.bodyAt + skipped
        let count = wholeBody - skipped
        unsafe ReferenceReply.writeHeader(xid: xid, error: 0, to: target)
        unsafe Wire.put(Int32(truncatingIfNeeded: 16 + count), target)
        unsafe (target + ReferenceReply.headerFrameBytes).copyMemory(from: body, byteCount: count)
        answer.written += count
    }

    /// The block whose path is the request's; nil when there is none.
    @inline(__always) private func match(_ step: Step, _ request: UnsafeRawPointer) -> UnsafeMutableRawPointer? {
        guard unsafe step.length >= 13 else { return nil }
        let count = unsafe Wire.int32(request + 12)
        var block = unsafe step.block
        var index = -1
        while let found = unsafe block {
            if unsafe found.load(as: UInt64.self) == step.hash,
                unsafe found.load(fromByteOffset: 8, as: Int32.self) == count,
                unsafe memcmp(found + Self.pathAt, request + 16, Int(count)) == 0
            {
                return unsafe found
            }
            // Two paths share a tag: walk on from where the candidate was found.
            if index < 0 { index = unsafe candidate(step.hash, from: Int(truncatingIfNeeded: step.hash) & mask).1 }
            unsafe (block, index) = unsafe candidate(step.hash, from: (index + 1) & mask)
        }
        return nil
    }
}
