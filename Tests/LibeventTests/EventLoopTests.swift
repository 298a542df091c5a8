// Turns, timers and threads that own a loop.
import Glibc
import Libevent
import Synchronization
import Testing

@Suite struct EventLoopTests {
    @Test func workAtTheEndOfATurnRunsOnce() {
        let loop = EventLoop()
        var order: [String] = []
        let timer = Timer(on: loop) { [unowned loop] in
            loop.requestEndOfTurn { order.append("end") }
            order.append("event")
        }
        timer.start(afterMs: 0)
        loop.turn()
        #expect(order == ["event", "end"])
        loop.turn(wait: false)
        #expect(order == ["event", "end"])
    }

    @Test func workAskedForAtTheEndComesNextTurnWithoutWaiting() {
        let loop = EventLoop()
        var order: [Int] = []
        loop.requestEndOfTurn {
            order.append(1)
            loop.requestEndOfTurn { order.append(2) }
        }
        loop.turn()
        #expect(order == [1])
        loop.turn()
        #expect(order == [1, 2])
    }

    @Test func stopCompletesTheTurn() {
        let loop = EventLoop()
        var ended = false
        let timer = Timer(on: loop) {
            loop.stop()
            loop.requestEndOfTurn { ended = true }
        }
        timer.start(afterMs: 1)
        loop.run()
        #expect(ended)
    }

    @Test func timersFireInOrderOfTheirDeadlines() {
        let loop = EventLoop()
        var fired: [Int] = []
        let timers = [30, 10, 20].map { delay in
            let timer = Timer(on: loop) {
                fired.append(delay)
                if delay == 30 { loop.stop() }
            }
            timer.start(afterMs: Int64(delay))
            return timer
        }
        let cancelled = Timer(on: loop) { Issue.record("cancelled timers do not fire") }
        cancelled.start(afterMs: 5)
        cancelled.cancel()
        var dropped: Timer? = Timer(on: loop) { Issue.record("dropped timers do not fire") }
        dropped?.start(everyMs: 5)
        dropped = nil
        loop.run()
        #expect(fired == [10, 20, 30])
        #expect(timers.allSatisfy { !$0.isRunning })
    }

    @Test func aShortTimerFiresOnceForItsLastStart() {
        let loop = EventLoop()
        var fired = 0
        let timer = ShortTimer(on: loop) { fired += 1 }
        timer.start(afterNs: 60_000_000_000)
        #expect(timer.isRunning)
        timer.start(afterNs: 1)
        while fired == 0 { loop.turn() }
        #expect(!timer.isRunning)

        let cancelled = ShortTimer(on: loop) { Issue.record("cancelled timers do not fire") }
        cancelled.start(afterNs: 1)
        cancelled.cancel()
        var dropped: ShortTimer? = ShortTimer(on: loop) { Issue.record("dropped timers do not fire") }
        dropped?.start(afterNs: 1)
        dropped = nil
        timer.start(afterNs: 5_000_000)
        while fired == 1 { loop.turn() }
        #expect(fired == 2)
    }

    /// Both have run out when the loop looks; what the first to be called does counts for the other.
    @Test func aShortTimerDoesNotFireForAStartThatWasReplaced() {
        let loop = EventLoop()
        var fired = 0
        var timers: [ShortTimer] = []
        for other in [1, 0] {
            timers.append(
                ShortTimer(on: loop) {
                    fired += 1
                    timers[other].start(afterNs: 60_000_000_000)
                })
        }
        for timer in timers { timer.start(afterNs: 1) }
        usleep(1000)
        loop.turn()
        #expect(fired == 1)
        #expect(timers.count(where: \.isRunning) == 1)
        // They hold each other through their actions.
        timers = []
    }

    @Test func aRepeatingTimerMayCancelItself() {
        let loop = EventLoop()
        var count = 0
        var timer: Timer?
        timer = Timer(on: loop) {
            count += 1
            if count == 3 {
                timer = nil
                loop.stop()
            }
        }
        timer?.start(everyMs: 1)
        loop.run()
        #expect(count == 3)
    }

    @Test func aSignalReachesTheLoop() {
        let loop = EventLoop()
        var received = 0
        loop.onSignal(SIGUSR2) {
            received += 1
            loop.stop()
        }
        raise(SIGUSR2)
        loop.run()
        #expect(received == 1)
    }

    @Test func aLoopThreadKeepsItsRootUntilItStops() {
        final class Root {
            let loop: EventLoop
            let released: Mailbox<Bool>
            init(_ loop: EventLoop, _ released: Mailbox<Bool>) {
                self.loop = loop
                self.released = released
            }
            deinit {
                loop.preconditionInLoop()
                _ = released.post(true)
            }
        }
        let released = Mailbox<Bool>(capacity: 1)
        let thread = LoopThread(name: "a-very-long-thread-name") { loop in Root(loop, released) }
        #expect(released.count == 0)
        thread.stop()
        thread.stop()
        thread.join()
        thread.join()
        #expect(released.count == 1)
    }

    @Test func aFailedStartIsKnownToTheStarter() {
        #expect(throws: SocketError(.bind, "nowhere:1", code: EACCES)) {
            _ = try LoopThread(name: "fails") { _ throws(SocketError) in
                throw SocketError(.bind, "nowhere:1", code: EACCES)
            }
        }
    }

    @Test func clocksMove() {
        let before = MonotonicClock.nowNs
        #expect(before > 0 && MonotonicClock.nowNs >= before)
        #expect(WallClock.nowMs > 1_700_000_000_000)
    }
}
