// Every form of the INITIAL message, and its bounds.

import Jute
import Testing

@Suite struct ElectionInitialTests {
    @Test func oneAddressUnlessToldOtherwise() {
        let initial = ElectionInitial(sid: ServerID(3), addressText: "h:1")
        #expect(initial.version == .oneAddress)
        let version: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0]
        #expect(initial.encoded() == version + [0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 3] + Array("h:1".utf8))
    }

    @Test func theOtherForms() throws {
        let idOnly = try ElectionInitial(decoding: [0, 0, 0, 0, 0, 0, 0, 5])
        #expect(idOnly.version == .idOnly && idOnly.sid == ServerID(5) && idOnly.addresses.isEmpty)
        let many = ElectionInitial(sid: ServerID(2), addressText: "a:1|[::1]:2", version: .manyAddresses)
        #expect(many.encoded()[7] == 1)
        #expect(try ElectionInitial(decoding: many.encoded()).addresses == ["a:1", "[::1]:2"])
    }

    @Test(arguments: [-65_534, -1, -65_537, Int64.min]) func unknownVersions(_ version: Int64) {
        var encoder = JuteEncoder()
        encoder.write(version)
        let bytes = encoder.bytes
        #expect(throws: JuteError.unknownValue(Int32(clamping: version))) { try ElectionInitial(decoding: bytes) }
    }

    /// A bad length is told before its bytes are awaited.
    @Test(arguments: [Int32.min, -1, 0, 2049, .max]) func addressLengths(_ length: Int32) {
        let full = ElectionInitial(sid: ServerID(1), addressText: "a").encoded()
        var encoder = JuteEncoder()
        encoder.writeRaw(Array(full.prefix(16)))
        encoder.write(length)
        let bytes = encoder.bytes
        #expect(throws: JuteError.lengthOutOfBounds(length)) { try ElectionInitial(decoding: bytes) }
    }

    @Test func longestAddress() throws {
        let longest = ElectionInitial(sid: ServerID(1), addressText: UString(String(repeating: "a", count: 2048)))
        #expect(longest.encoded().count == ElectionInitial.maximumSize)
        #expect(try ElectionInitial(decoding: longest.encoded()) == longest)
    }
}
