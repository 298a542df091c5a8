// What stands at one place of a log file. This is the judgement that decides between going on, cutting and refusing.

import Jute

/// A torn write leaves a beginning of the record and then nothing: the end of the file, or the zeros it was
/// preallocated with. Everything else that is no record is damage.
enum LogStep: Hashable {
    /// Whole, with the right checksum; the range is that of its payload.
    case record(Range<Int>)
    /// Nothing but zeros to the end of the file.
    case end
    case torn(String)
    case damaged(String)

    init<File>(in window: inout LogWindow<File>, at offset: Int) throws(StorageError) {
        let left = window.size - offset
        guard left >= LogFormat.recordHeadSize else {
            self = try window.endOfData(from: offset) == offset ? .end : .torn("only \(left) bytes of it")
            return
        }
        let base = try window.load(offset, LogFormat.recordHeadSize)
        let checksum = window.bytes.bigEndian(at: base, as: Int64.self)
        let length = Int(window.bytes.bigEndian(at: base + 8, as: Int32.self))
        if length == 0 {
            self = try Self.withoutLength(checksum, in: &window, at: offset)
        } else if length < 0 || length > LogFormat.largestPayload {
            self = .damaged("a record of \(length) bytes")
        } else if left < LogFormat.recordHeadSize + length + 1 {
            self = try Self.incomplete(
                "the file ends inside its \(length) bytes", in: &window, at: offset, claimed: left)
        } else {
            self = try Self.complete(checksum, length, in: &window, at: offset)
        }
    }

    /// How far whole records reach from `start` on, and the highest zxid of them. What stands behind them, whatever it is,
    /// is judged by itself.
    static func wholeRecords(in bytes: Span<UInt8>, from start: Int) -> (end: Int, last: Zxid) {
        var (end, last) = (start, Zxid.none)
        while let payload = payload(ofWholeRecordAt: end, in: bytes) {
            (end, last) = (payload.upperBound + 1, max(last, LogFormat.zxid(ofPayload: bytes.extracting(payload))))
        }
        return (end, last)
    }

    /// Where the payload of the record at `start` stands; nil if no whole record with mark and right checksum is there.
    private static func payload(ofWholeRecordAt start: Int, in bytes: Span<UInt8>) -> Range<Int>? {
        let room = bytes.count - start - LogFormat.recordHeadSize - 1
        guard room >= LogFormat.smallestPayload else { return nil }
        let length = Int(bytes.bigEndian(at: start + 8, as: Int32.self))
        guard length >= LogFormat.smallestPayload, length <= room else { return nil }
        let payload = LogFormat.payload(ofRecordAt: start, in: bytes)
        guard bytes[payload.upperBound] == LogFormat.mark,
            Adler32.of(bytes.extracting(payload)) == bytes.bigEndian(at: start, as: Int64.self)
        else { return nil }
        return payload
    }

    private static func withoutLength<File>(
        _ checksum: Int64, in window: inout LogWindow<File>, at offset: Int
    ) throws(StorageError) -> LogStep {
        let behind = offset + LogFormat.recordHeadSize
        if try window.endOfData(from: behind) > behind { return .damaged("a length of 0 with data behind it") }
        return checksum == 0 ? .end : .torn("a checksum without a record")
    }

    private static func complete<File>(
        _ checksum: Int64, _ length: Int, in window: inout LogWindow<File>, at offset: Int
    ) throws(StorageError) -> LogStep {
        let whole = LogFormat.recordHeadSize + length + 1
        let base = try window.load(offset, whole)
        let payload = base + LogFormat.recordHeadSize..<base + whole - 1
        let sum = Adler32.of(window.bytes.extracting(payload))
        switch window.bytes[payload.upperBound] {
        case LogFormat.mark:
            // A record with its mark may have been acknowledged, so it is never taken for torn; upstream refuses it
            // too.
            guard sum == checksum else { return .damaged("the checksum is \(sum), the record says \(checksum)") }
            guard length >= LogFormat.smallestPayload else { return .damaged("a record of only \(length) bytes") }
            return .record(offset + LogFormat.recordHeadSize..<offset + whole - 1)
        case 0:
            return try incomplete("its end mark is missing", in: &window, at: offset, claimed: whole)
        case let other:
            return .damaged("the end mark is 0x\(String(other, radix: 16))")
        }
    }

    /// Torn, unless data stands behind the bytes the record claims, or a whole record within them.
    private static func incomplete<File>(
        _ reason: String, in window: inout LogWindow<File>, at offset: Int, claimed: Int
    ) throws(StorageError) -> LogStep {
        let end = try window.endOfData(from: offset)
        if end > offset + claimed { return .damaged("\(reason), but data stands behind it") }
        let base = try window.load(offset, end - offset)
        let bytes = window.bytes.extracting(base..<base + end - offset)
        // A wrong length hides a record that is whole, and may have been acknowledged.
        if isWhole(bytes) {
            return .damaged("\(reason), but its checksum is right for a length of \(bytes.count - 13)")
        }
        if let found = firstRecord(in: bytes) {
            return .damaged("\(reason), but a whole record stands at \(offset + found)")
        }
        return .torn(reason)
    }

    /// Whether the record is right if it ends where the data does.
    private static func isWhole(_ bytes: Span<UInt8>) -> Bool {
        let head = LogFormat.recordHeadSize
        guard bytes.count > head + LogFormat.smallestPayload, bytes[bytes.count - 1] == LogFormat.mark else {
            return false
        }
        return Adler32.of(bytes.extracting(head..<bytes.count - 1)) == bytes.bigEndian(at: 0, as: Int64.self)
    }

    /// Where a record with a right checksum and mark begins, after the first byte.
    private static func firstRecord(in bytes: Span<UInt8>) -> Int? {
        let smallest = LogFormat.recordHeadSize + LogFormat.smallestPayload + 1
        guard bytes.count > smallest else { return nil }
        for start in 1...bytes.count - smallest {
            // The upper half of a checksum is zero; this passes over nearly everything.
            if bytes[start] | bytes[start + 1] | bytes[start + 2] | bytes[start + 3] != 0 { continue }
            if payload(ofWholeRecordAt: start, in: bytes) != nil { return start }
        }
        return nil
    }
}
