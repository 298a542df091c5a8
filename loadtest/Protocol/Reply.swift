// What a workload sees of a reply. Separate from the check, which decides whether it is seen at all.

/// A reply that has passed every check. Lives for the call that hands it over.
@safe struct Reply {
    /// 0, or a code that the workload tolerates; the body is empty then.
    let error: Int32
    private let body: UnsafeRawBufferPointer

    init(error: Int32, body: UnsafeRawBufferPointer) {
        self.error = error
        unsafe self.body = body
    }

    /// Of the Stat at the end of the body; nil when there is none.
    var mzxid: Int64? { stat(at: 8, as: Int64.self) }
    var version: Int32? { stat(at: 32, as: Int32.self) }

    private func stat<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type) -> Number? {
        let start = unsafe body.count - ReplyCheck.statBytes
        guard error == 0, start >= 0 else { return nil }
        return Number(bigEndian: unsafe body.loadUnaligned(fromByteOffset: start + offset, as: type))
    }

    /// Whether a multi has been carried out: its first result is not an error's.
    var isMultiDone: Bool {
        guard error == 0, unsafe body.count >= 4 else { return false }
        return Int32(bigEndian: unsafe body.loadUnaligned(as: Int32.self)) != -1
    }

    /// The number that is the value of a getChild; nil when the znode is not there.
    var sequence: Int64? {
        guard error == 0, unsafe body.count == 4 + Keyspace.sequenceBytes + ReplyCheck.statBytes else { return nil }
        return Int64(bigEndian: unsafe body.loadUnaligned(fromByteOffset: 4, as: Int64.self))
    }
}
