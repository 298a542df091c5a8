// Records that a reader of the log hands out together, so that what is generic over disks runs once per piece of a file.

public import Jute

/// Whole and checked records that follow one another in a file.
public struct LogRun: Sendable {
    public let file: String
    private let bytes: [UInt8]
    /// Where `bytes` begins in the file.
    private let base: Int
    /// Of the records not taken yet, in `bytes`.
    private var rest: Range<Int>
    /// Records below this are not handed out.
    private let start: Zxid

    init(file: String, bytes: [UInt8], base: Int, records: Range<Int>, start: Zxid) {
        self.file = file
        self.bytes = bytes
        self.base = base
        rest = records
        self.start = start
    }

    /// The next record.
    mutating func next() -> LoggedTxn? {
        while !rest.isEmpty {
            let offset = rest.lowerBound
            let payload = takePayload()
            let zxid = LogFormat.zxid(ofPayload: bytes.span.extracting(payload))
            if zxid < start { continue }
            return LoggedTxn(
                zxid: zxid, payload: Array(bytes[payload]), file: file, offset: base + offset,
                endOffset: base + rest.lowerBound)
        }
        return nil
    }

    /// Gives `body` the zxid and the payload of every record not taken yet.
    public func forEachRecord(
        _ body: (Zxid, Span<UInt8>) throws(StorageError) -> Void
    ) throws(StorageError) {
        var left = self
        while !left.rest.isEmpty {
            let payload = bytes.span.extracting(left.takePayload())
            let zxid = LogFormat.zxid(ofPayload: payload)
            if zxid >= start { try body(zxid, payload) }
        }
    }

    private mutating func takePayload() -> Range<Int> {
        let payload = LogFormat.payload(ofRecordAt: rest.lowerBound, in: bytes.span)
        rest = payload.upperBound + 1..<rest.upperBound
        return payload
    }
}
