// The codec's own rules: null against empty, bounds, and what a failed read leaves behind.

import Jute
import Testing

@Suite struct CodecTests {
    private func decode<Value>(_ bytes: [UInt8], _ read: (inout JuteDecoder) throws -> Value) throws -> Value {
        var decoder = JuteDecoder(bytes.span)
        return try read(&decoder)
    }

    @Test func nullIsNotEmpty() throws {
        #expect(UString.null != "")
        #expect(UString.null.isNull && !UString("").isNull)
        #expect(SyncRequest(path: .null).encoded() == [0xff, 0xff, 0xff, 0xff])
        #expect(SyncRequest(path: "").encoded() == [0, 0, 0, 0])
        #expect(try SyncRequest(decoding: [0xff, 0xff, 0xff, 0xff]).path == .null)
        #expect(try SyncRequest(decoding: [0, 0, 0, 0]).path == "")

        #expect(GetSASLRequest(token: nil).encoded() == [0xff, 0xff, 0xff, 0xff])
        #expect(try GetSASLRequest(decoding: [0, 0, 0, 0]).token == [])
        #expect(GetChildrenResponse(children: nil).encoded() == [0xff, 0xff, 0xff, 0xff])
        #expect(try GetChildrenResponse(decoding: [0xff, 0xff, 0xff, 0xff]).children == nil)
        #expect(try GetChildrenResponse(decoding: [0, 0, 0, 0]).children == [])
    }

    @Test func stringsAreComparedAsBytes() {
        #expect(UString("/caf\u{e9}") != UString("/cafe\u{301}"))
        #expect(UString(bytes: [0x2f, 0xff]).description == "/\u{fffd}")
        #expect(UString.null.description == "(null)")
    }

    @Test(arguments: [Int32.min, -2, -1_000_000]) func negativeLengths(_ length: Int32) {
        var encoder = JuteEncoder()
        encoder.write(length)
        let bytes = encoder.bytes
        #expect(throws: JuteError.lengthOutOfBounds(length)) { try decode(bytes) { try $0.readBuffer() } }
        #expect(throws: JuteError.lengthOutOfBounds(length)) { try decode(bytes) { try $0.readString() } }
        #expect(throws: JuteError.lengthOutOfBounds(length)) { try GetChildrenResponse(decoding: bytes) }
    }

    /// A count that the rest cannot hold is refused before memory is reserved for it.
    @Test(arguments: [1, 1000, Int32.max]) func lengthsBeyondTheEnd(_ length: Int32) {
        var encoder = JuteEncoder()
        encoder.write(length)
        encoder.write(Int8(0))
        let bytes = encoder.bytes
        #expect(throws: JuteError.truncated) { try WhoAmIResponse(decoding: bytes) }
        #expect(throws: JuteError.truncated) { try GetChildrenResponse(decoding: bytes) }
        if length > 1 { #expect(throws: JuteError.truncated) { try GetSASLRequest(decoding: bytes) } }
    }

    @Test func anyByteButZeroIsTrue() throws {
        #expect(try decode([2]) { try $0.readBool() })
        #expect(try decode([0xff]) { try $0.readBool() })
        #expect(try !decode([0]) { try $0.readBool() })
    }

    @Test func bigEndian() throws {
        var encoder = JuteEncoder(capacity: 1)
        encoder.write(0x0102_0304 as Int32)
        encoder.write(0x0506_0708_090a_0b0c as Int64)
        encoder.write(true)
        #expect(encoder.bytes == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1])
        encoder.patch(-1, at: 9)
        #expect(encoder.bytes.suffix(4) == [0xff, 0xff, 0xff, 0xff])
        encoder.reset()
        #expect(encoder.bytes.isEmpty)
    }

    @Test func rawReads() throws {
        let rest = try decode([1, 2, 3, 4]) { decoder in
            try decoder.skip(1)
            #expect(try decoder.readRaw(1) == [2])
            #expect(throws: JuteError.truncated) { try decoder.skip(3) }
            #expect(decoder.offset == 2 && decoder.remaining == 2)
            return decoder.readRest()
        }
        #expect(rest == [3, 4])
    }

    @Test func operationNumbers() {
        #expect(Set(OpCode.allCases.map(\.rawValue)).count == OpCode.allCases.count)
        #expect(OpCode.multiRead.kind == .read && OpCode.multi.kind == .write && OpCode.check.kind == .refused)
        #expect(Zxid(epoch: Epoch(7), counter: 9).rawValue == 0x7_0000_0009)
        #expect(Zxid(0x7_ffff_ffff).counter == .max && Zxid(0x7_ffff_ffff).epoch == Epoch(7))
        #expect(Epoch(3).start == Zxid(0x3_0000_0000))
    }

    @Test(arguments: [0, 1, 1019, 1020, 1021, 1024, 5000])
    func manyBytesOutgrowTheScratch(count: Int) throws {
        let text = [UInt8](repeating: 9, count: count)
        let bytes = JuteEncoder.bytes { encoder in
            encoder.write(text)
            encoder.write(7 as Int32)
        }
        var decoder = JuteDecoder(bytes.span)
        #expect(try decoder.readBuffer() == text)
        #expect(try decoder.readInt32() == 7)
        let rest = decoder.remaining
        #expect(rest == 0)
    }
}
