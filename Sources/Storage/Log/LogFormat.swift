// The bytes of a log file, apart from reading and writing them (ZooKeeper 3.9, FileTxnLog).

import Jute

/// Header 16 bytes; then records: i64 Adler-32 of the payload, i32 length, payload, mark; then zeros.
enum LogFormat {
    static let magic: Int32 = 0x5a4b_4c47  // "ZKLG"
    static let version: Int32 = 2
    static let headerSize = 16
    /// Checksum and length.
    static let recordHeadSize = 12
    /// Ends a record, not covered by the checksum.
    static let mark: UInt8 = 0x42
    /// A payload starts with a transaction header: clientId, cxid, zxid, time, type.
    static let smallestPayload = 32
    static let zxidOffset = 12
    /// No transaction is larger: a length beyond it is damage, not a record that was cut short.
    static let largestPayload = 0x3fff_ffff

    static var header: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: magic)
        bytes.append(bigEndian: version)
        bytes.append(bigEndian: Int64(0))
        return bytes
    }

    static func zxid(ofPayload payload: Span<UInt8>) -> Zxid { Zxid(payload.bigEndian(at: zxidOffset, as: Int64.self)) }

    /// Where the payload of a whole record stands that begins at `start`.
    static func payload(ofRecordAt start: Int, in bytes: Span<UInt8>) -> Range<Int> {
        let length = Int(bytes.bigEndian(at: start + 8, as: Int32.self))
        return start + recordHeadSize..<start + recordHeadSize + length
    }
}
