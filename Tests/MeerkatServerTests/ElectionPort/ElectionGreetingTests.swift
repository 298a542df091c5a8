// Greetings in all their forms, whole and in pieces, and what is refused.

import Jute
import MeerkatServer
import Testing

struct ElectionGreetingTests {
    private func read(_ bytes: [UInt8]) throws(ElectionWireError) -> (greeting: ElectionGreeting, used: Int)? {
        var used = 0
        let span = bytes.span
        guard let greeting = try ElectionGreeting.read(span.bytes, used: &used) else { return nil }
        return (greeting, used)
    }

    private func bytes(version: Int64, sid: Int64, length: Int32? = nil, text: String) -> [UInt8] {
        var encoder = JuteEncoder()
        encoder.write(version)
        encoder.write(sid)
        encoder.write(length ?? Int32(text.utf8.count))
        encoder.writeRaw(Array(text.utf8))
        return encoder.bytes
    }

    /// As a 3.9.4 server sent it.
    @Test func recordedGreeting() throws {
        let recorded: [UInt8] =
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 15]
            + Array("127.0.0.1:32023".utf8)
        let greeting = ElectionGreeting(
            sid: ServerID(3), addresses: [ElectionAddress(host: "127.0.0.1", port: 32023)])
        #expect(greeting.encoded() == recorded)
        let result = try #require(try read(recorded + [0, 0, 0, 1]))
        #expect(result.greeting == greeting)
        #expect(result.used == recorded.count)
        for count in 0..<recorded.count { #expect(try read(Array(recorded[..<count])) == nil) }
    }

    @Test func oldestForm() throws {
        let result = try #require(try read([0, 0, 0, 0, 0, 0, 0, 7, 9]))
        #expect(result.greeting == ElectionGreeting(sid: ServerID(7), addresses: []))
        #expect(result.used == 8)
    }

    @Test func severalAddresses() throws {
        let addresses = [ElectionAddress(host: "::1", port: 3888), ElectionAddress(host: "b", port: 3889)]
        let greeting = ElectionGreeting(sid: ServerID(2), addresses: addresses)
        #expect(try read(greeting.encoded(multiAddress: true))?.greeting == greeting)
        #expect(try read(greeting.encoded())?.greeting.addresses == [addresses[0]])
    }

    @Test func wildcardsCannotBeDialled() throws {
        for text in ["0.0.0.0:3888", "[::]:3888", "[0:0:0:0:0:0:0:0]:3888", "host:0"] {
            #expect(try read(bytes(version: -65536, sid: 1, text: text))?.greeting.usableAddresses == [])
        }
    }

    @Test func refusals() {
        #expect(throws: ElectionWireError.unknownVersion(-1)) { try read(bytes(version: -1, sid: 1, text: "a:1")) }
        #expect(throws: ElectionWireError.negativeServerID(-3)) {
            try read(bytes(version: -65536, sid: -3, text: "a:1"))
        }
        for length in [Int32(0), -1, 2049, .max] {
            #expect(throws: ElectionWireError.addressLength(length)) {
                try read(bytes(version: -65536, sid: 1, length: length, text: "a:1"))
            }
        }
        for text in ["a", "a:", ":1", "a:70000"] {
            #expect(throws: ElectionWireError.addressText) { try read(bytes(version: -65536, sid: 1, text: text)) }
        }
    }

    @Test func seededNoiseNeverTraps() {
        var state: UInt64 = 1
        for _ in 0..<2000 {
            var noise = bytes(version: -65536, sid: 1, text: "127.0.0.1:3888")
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1
                noise[Int(state >> 33) % noise.count] = UInt8(truncatingIfNeeded: state >> 25)
            }
            _ = try? read(noise)
        }
    }

    @Test func largerIdDials() {
        let (one, two) = (ServerID(1), ServerID(2))
        #expect(ElectionChannelRule.dialled(peer: one, me: two) == .keep)
        #expect(ElectionChannelRule.dialled(peer: two, me: one) == .hangUp)
        #expect(ElectionChannelRule.accepted(from: one, me: two) == .dialBack)
        #expect(ElectionChannelRule.accepted(from: two, me: one) == .keep)
        #expect(ElectionChannelRule.accepted(from: one, me: one) == .ignore)
    }
}
