// Readiness of a bare descriptor, as the client connections use it.
import Glibc
import Libevent
import Testing

private final class Probe: ReadinessDelegate {
    var event: ReadinessEvent?
    var readable = 0
    var writable = 0
    var onReadable: (() -> Void)?

    func socketReadable() {
        readable += 1
        onReadable?()
    }

    func socketWritable() { writable += 1 }
}

@Suite struct ReadinessEventTests {
    @Test func interestsAreSeparateAndLevelTriggered() {
        let pair = socketPair()
        let loop = EventLoop()
        let probe = Probe()
        let event = ReadinessEvent(on: loop, fd: pair[0], delegate: probe)
        event.enableReading()
        _ = ([1] as [UInt8]).withUnsafeBytes { Socket.send(pair[1], $0) }
        loop.turn()
        loop.turn()
        #expect(probe.readable == 2 && probe.writable == 0)
        event.disableReading()
        event.enableWriting()
        loop.turn()
        #expect(probe.readable == 2 && probe.writable == 1)
        event.disableWriting()
        loop.turn(wait: false)
        #expect(probe.readable == 2 && probe.writable == 1)
        event.enableReading()
        loop.turn()
        #expect(probe.readable == 3)
        event.close()
        pair.forEach(Socket.close)
    }

    @Test func closingSilencesTheOtherDirectionOfTheSameTurn() {
        let pair = socketPair()
        let loop = EventLoop()
        let probe = Probe()
        probe.event = ReadinessEvent(on: loop, fd: pair[0], delegate: probe)
        probe.onReadable = { [unowned probe] in probe.event?.close() }
        probe.event?.enableReading()
        probe.event?.enableWriting()
        _ = ([1] as [UInt8]).withUnsafeBytes { Socket.send(pair[1], $0) }
        loop.turn()
        loop.turn(wait: false)
        #expect(probe.readable == 1 && probe.writable <= 1)
        pair.forEach(Socket.close)
    }

    @Test func theDelegateMayGoAwayInsideItsCallback() {
        let pair = socketPair()
        let loop = EventLoop()
        var probe: Probe? = Probe()
        weak let watched = probe
        if let made = probe {
            made.event = ReadinessEvent(on: loop, fd: pair[0], delegate: made)
            made.event?.enableReading()
            made.onReadable = { probe = nil }
        }
        _ = ([1] as [UInt8]).withUnsafeBytes { Socket.send(pair[1], $0) }
        loop.turn()
        #expect(watched == nil)
        loop.turn(wait: false)
        pair.forEach(Socket.close)
    }

    @Test func twoPiecesLeaveInOneSend() {
        let pair = socketPair()
        let first: [UInt8] = [1, 2]
        let second: [UInt8] = [3]
        let sent = first.withUnsafeBytes { one in second.withUnsafeBytes { two in Socket.send(pair[0], one, two) } }
        #expect(sent == .bytes(3))
        #expect(receiveOnce(pair[1]) == [1, 2, 3])
        pair.forEach(Socket.close)
    }
}
