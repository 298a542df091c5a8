// Every form of notification that was ever sent, and the bounds of the newest.

import Jute
import Testing

@Suite struct NotificationTests {
    private let newest = Notification(
        state: .leading, leader: ServerID(3), zxid: Zxid(0x2_0000_0005), electionEpoch: 4, peerEpoch: Epoch(9),
        config: Array("server.1=a:1:2:participant\nversion=0".utf8))

    @Test func formOf28Bytes() throws {
        let old = try Notification(decoding: Array(newest.encoded().prefix(28)))
        #expect(old.leader == newest.leader && old.electionEpoch == 4)
        #expect(old.peerEpoch == Epoch(2) && old.version == 0 && old.config.isEmpty)
    }

    @Test func formOf40BytesHasNoVersion() throws {
        let old = try Notification(decoding: Array(newest.encoded().prefix(40)))
        #expect(old.peerEpoch == Epoch(9) && old.version == 0 && old.config.isEmpty)
    }

    @Test func formWithConfiguration() throws {
        #expect(newest.encoded().count == 44 + newest.config.count)
        #expect(try Notification(decoding: newest.encoded()) == newest)
        // Bytes behind the configuration are ignored; below version 2 everything is.
        #expect(try Notification(decoding: newest.encoded() + [1, 2, 3]) == newest)
        var first = newest.encoded()
        first[39] = 1
        #expect(try Notification(decoding: first).version == 1)
        #expect(try Notification(decoding: first).config.isEmpty)
    }

    @Test func refused() {
        let bytes = newest.encoded()
        for count in [0, 4, 27, 29, 39, 41, 43] {
            #expect(throws: JuteError.truncated) { try Notification(decoding: Array(bytes.prefix(count))) }
        }
        var strange = bytes
        strange[3] = 4
        #expect(throws: JuteError.unknownValue(4)) { try Notification(decoding: strange) }
        for length in [-1, Int32(newest.config.count + 1), .max] {
            var bent = bytes
            withUnsafeBytes(of: length.bigEndian) { bent.replaceSubrange(40..<44, with: $0) }
            #expect(throws: JuteError.lengthOutOfBounds(length)) { try Notification(decoding: bent) }
        }
    }
}
