// The buffered socket: coalescing, back-pressure, and every way to end.
import Glibc
import Libevent
import Testing

@Suite struct StreamTests {
    @Test func severalWritesOfATurnLeaveInOneSend() {
        // A sequenced-packet pair keeps send boundaries, so one receive shows what one send carried.
        var pair: [Int32] = [0, 0]
        let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        #expect(socketpair(AF_UNIX, kind, 0, &pair) == 0)
        let loop = EventLoop()
        let stream = Stream(on: loop, fd: pair[0])
        stream.start()
        stream.write([1, 2])
        stream.write([3])
        stream.write([4, 5])
        #expect(stream.pendingOutput == 5)
        #expect(receiveOnce(pair[1]) == nil)
        loop.turn(wait: false)
        #expect(receiveOnce(pair[1]) == [1, 2, 3, 4, 5])
        #expect(receiveOnce(pair[1]) == nil)
        #expect(stream.pendingOutput == 0)
        stream.close()
        Socket.close(pair[1])
    }

    @Test func unconsumedBytesAreShownAgain() {
        let pair = socketPair()
        let loop = EventLoop()
        let stream = Stream(on: loop, fd: pair[0])
        var shown: [[UInt8]] = []
        stream.onBytes = { bytes in
            shown.append(array(bytes))
            return bytes.byteCount / 4 * 4
        }
        stream.start()
        for piece: [UInt8] in [[1, 2, 3], [4, 5], [6, 7, 8, 9]] {
            _ = piece.withUnsafeBytes { Socket.send(pair[1], $0) }
            loop.turn()
        }
        #expect(shown == [[1, 2, 3], [1, 2, 3, 4, 5], [5, 6, 7, 8, 9]])
        stream.close()
        Socket.close(pair[1])
    }

    @Test func pausedReadingKeepsWholeFramesForLater() {
        let pair = socketPair()
        let loop = EventLoop()
        let stream = Stream(on: loop, fd: pair[0])
        var got: [UInt8] = []
        stream.onBytes = { [unowned stream] bytes in
            got.append(array(bytes)[0])
            stream.pauseReading()
            return 1
        }
        stream.start()
        _ = ([1, 2, 3] as [UInt8]).withUnsafeBytes { Socket.send(pair[1], $0) }
        loop.turn()
        #expect(got == [1])
        stream.resumeReading()
        #expect(got == [1])
        loop.turn()
        #expect(got == [1, 2])
        stream.resumeReading()
        loop.turn()
        #expect(got == [1, 2, 3])
        stream.close()
        Socket.close(pair[1])
    }

    @Test func waterMarksReportDraining() {
        let pair = socketPair()
        let loop = EventLoop()
        var limits = Stream.Limits()
        limits.highWater = 1_000_000
        limits.lowWater = 1_000
        let stream = Stream(on: loop, fd: pair[0], limits: limits)
        var drained = 0
        stream.onDrained = { drained += 1 }
        stream.start()
        let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        stream.write(large)
        #expect(stream.isAboveHighWater)
        var received: [UInt8] = []
        loop.turn(wait: false)
        #expect(stream.pendingOutput > 0 && drained == 0)
        while received.count < large.count {
            while let bytes = receiveOnce(pair[1]) { received += bytes }
            loop.turn(wait: false)
        }
        let same = received == large
        #expect(same)
        #expect(drained == 1 && !stream.isAboveHighWater)
        stream.close()
        Socket.close(pair[1])
    }

    @Test func closingInsideACallbackEndsOnce() {
        let pair = socketPair()
        let loop = EventLoop()
        let stream = Stream(on: loop, fd: pair[0])
        var ends: [StreamEnd] = []
        stream.onClosed = { ends.append($0) }
        stream.onBytes = { [unowned stream] _ in
            stream.write([9])
            stream.close()
            stream.close()
            return 0
        }
        stream.start()
        _ = ([1] as [UInt8]).withUnsafeBytes { Socket.send(pair[1], $0) }
        loop.turn()
        loop.turn(wait: false)
        #expect(ends == [.closedHere])
        #expect(stream.isClosed)
        Socket.close(pair[1])
    }

    @Test func droppingTheStreamInsideItsCallbackIsSafe() {
        let pair = socketPair()
        let loop = EventLoop()
        var stream: Stream? = Stream(on: loop, fd: pair[0])
        weak let watched = stream
        stream?.onBytes = { bytes in
            stream = nil
            return bytes.byteCount
        }
        stream?.start()
        _ = ([1] as [UInt8]).withUnsafeBytes { Socket.send(pair[1], $0) }
        loop.turn()
        #expect(watched == nil)
        var buffer: [UInt8] = [0]
        #expect(buffer.withUnsafeMutableBytes { Socket.receive(pair[1], into: $0) } == .closed)
        Socket.close(pair[1])
    }

    @Test func thePeersEndEndsTheStream() {
        let pair = socketPair()
        let loop = EventLoop()
        let stream = Stream(on: loop, fd: pair[0])
        var ends: [StreamEnd] = []
        stream.onClosed = { ends.append($0) }
        stream.start()
        Socket.close(pair[1])
        loop.turn()
        #expect(ends == [.endOfInput])
    }

    @Test func aHalfClosedStreamMayStillAnswer() {
        let pair = socketPair()
        let loop = EventLoop()
        let stream = Stream(on: loop, fd: pair[0])
        var ends: [StreamEnd] = []
        stream.onClosed = { ends.append($0) }
        stream.onBytes = { $0.byteCount }
        stream.onEndOfInput = { [unowned stream] in
            stream.write([7, 8])
            stream.closeAfterFlush()
        }
        stream.start()
        Socket.shutdownOutput(pair[1])
        loop.turn()
        #expect(receiveOnce(pair[1]) == [7, 8])
        #expect(ends == [.closedHere])
        Socket.close(pair[1])
    }

    @Test func sendingToAGonePeerIsAnEndNotASignal() {
        let pair = socketPair()
        let loop = EventLoop()
        let stream = Stream(on: loop, fd: pair[0])
        var ends: [StreamEnd] = []
        stream.onClosed = { ends.append($0) }
        Socket.close(pair[1])
        stream.write([1])
        loop.turn()
        #expect(ends == [.failed(EPIPE)])
    }

    @Test func inputBeyondTheLimitEndsTheStream() {
        let pair = socketPair()
        let loop = EventLoop()
        var limits = Stream.Limits()
        limits.maximumInput = 3
        let stream = Stream(on: loop, fd: pair[0], limits: limits)
        var ends: [StreamEnd] = []
        stream.onClosed = { ends.append($0) }
        stream.onBytes = { _ in 0 }
        stream.start()
        _ = ([1, 2, 3, 4] as [UInt8]).withUnsafeBytes { Socket.send(pair[1], $0) }
        loop.turn()
        #expect(ends == [.inputTooLarge])
        Socket.close(pair[1])
    }
}
