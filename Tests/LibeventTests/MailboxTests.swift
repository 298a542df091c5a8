// The doors between threads: order, bound, and one wake-up per batch.
import Libevent
import Synchronization
import Testing

private struct Note: Sendable, Equatable {
    let producer: Int
    let number: Int
}

@Suite struct MailboxTests {
    @Test func severalProducersKeepTheirOrder() {
        let producers = 4
        let each = 5_000
        let mailbox = Mailbox<Note>(capacity: 512)
        let loop = EventLoop()
        var next = Array(repeating: 0, count: producers)
        var received = 0
        let reader = mailbox.receive(on: loop) { notes in
            #expect(!notes.isEmpty && notes.count <= 512)
            for note in notes {
                #expect(note.number == next[note.producer])
                next[note.producer] += 1
            }
            received += notes.count
            if received == producers * each { loop.stop() }
        }
        let threads = (0..<producers).map { producer in
            NamedThread(name: "producer") {
                for number in 0..<each {
                    while !mailbox.post(Note(producer: producer, number: number)) {}
                }
            }
        }
        loop.run()
        for thread in threads { thread.join() }
        #expect(received == producers * each)
        #expect(mailbox.count == 0)
        reader.close()
    }

    @Test func aFullMailboxRefuses() {
        let mailbox = Mailbox<Int>(capacity: 3)
        #expect(mailbox.postBatch([1, 2]))
        #expect(!mailbox.postBatch([3, 4]))
        #expect(mailbox.post(3))
        #expect(!mailbox.post(4))
        let loop = EventLoop()
        var batches: [[Int]] = []
        let reader = mailbox.receive(on: loop) { batches.append($0) }
        loop.turn()
        #expect(batches == [[1, 2, 3]])
        #expect(mailbox.post(5))
        loop.turn()
        #expect(batches == [[1, 2, 3], [5]])
        reader.close()
    }

    @Test func quietMessagesWakeNobodyWhileTheLoopWantsItSo() {
        let mailbox = Mailbox<Int>(capacity: 10)
        let loop = EventLoop()
        var batches: [[Int]] = []
        let reader = mailbox.receive(on: loop) { batches.append($0) }
        func turn() -> [[Int]] {
            loop.turn(wait: false)
            defer { batches = [] }
            return batches
        }
        var quiet: [Int] = []
        #expect(mailbox.post(1, isQuiet: true) && turn() == [[1]])
        mailbox.setQuiet(true)
        #expect(mailbox.post(2, isQuiet: true) && turn().isEmpty)
        mailbox.takeQuiet(into: &quiet)
        #expect(quiet == [2])
        quiet = []
        // A wake-up brings what is there, in order.
        #expect(mailbox.post(3, isQuiet: true) && mailbox.post(4) && mailbox.post(5, isQuiet: true))
        mailbox.takeQuiet(into: &quiet)
        #expect(quiet.isEmpty)
        #expect(turn() == [[3, 4, 5]])
        // What was posted quietly is told when the loop changes its mind.
        #expect(mailbox.post(6, isQuiet: true) && turn().isEmpty)
        mailbox.setQuiet(false)
        #expect(turn() == [[6]])
        reader.close()
    }

    @Test func postingWaitsForRoomUntilTheMailboxCloses() {
        let mailbox = BlockingMailbox<Int>(capacity: 2)
        let producer = NamedThread(name: "producer") {
            for number in 0..<1_000 { _ = mailbox.postWaiting(number) }
        }
        var taken: [Int] = []
        while taken.count < 1_000, let batch = mailbox.takeAll() {
            #expect(batch.count <= 2)
            taken += batch
        }
        #expect(taken == Array(0..<1_000))
        producer.join()
        #expect(mailbox.postWaiting(1) && mailbox.postWaiting(2))
        let refused = NamedThread(name: "refused") { #expect(!mailbox.postWaiting(3)) }
        mailbox.close()
        refused.join()
        #expect(mailbox.takeAll() == [1, 2])
        #expect(mailbox.takeAll() == nil)
    }

    @Test func messagesPostedWhileReceivingWaitForTheNextTurn() {
        let mailbox = Mailbox<Int>(capacity: 10)
        let loop = EventLoop()
        var batches: [[Int]] = []
        let reader = mailbox.receive(on: loop) { batch in
            batches.append(batch)
            if batches.count == 1 { #expect(mailbox.postBatch([10, 11])) }
        }
        #expect(mailbox.post(1))
        loop.turn()
        #expect(batches == [[1]])
        loop.turn()
        #expect(batches == [[1], [10, 11]])
        loop.turn(wait: false)
        #expect(batches.count == 2)
        reader.close()
    }

    @Test func messagesOutliveTheirReader() {
        let mailbox = Mailbox<Int>(capacity: 10)
        let loop = EventLoop()
        let first = mailbox.receive(on: loop) { _ in Issue.record("closed readers receive nothing") }
        first.close()
        #expect(mailbox.post(1))
        loop.turn(wait: false)
        var got: [Int] = []
        let second = mailbox.receive(on: loop) { got += $0 }
        loop.turn()
        #expect(got == [1])
        second.close()
    }

    @Test func aPlainThreadTakesBatches() {
        let mailbox = BlockingMailbox<Int>(capacity: 64)
        let sum = Mutex(0)
        let thread = NamedThread(name: "taker") {
            while let batch = mailbox.takeAll() {
                sum.withLock { $0 += batch.reduce(0, +) }
            }
        }
        for number in 1...10_000 {
            while !mailbox.post(number) {}
        }
        mailbox.close()
        thread.join()
        #expect(sum.withLock { $0 } == 50_005_000)
        #expect(!mailbox.post(1))
    }

    @Test func waitingForNothingEnds() {
        let mailbox = BlockingMailbox<Int>(capacity: 2)
        #expect(mailbox.takeAll(waitingUpToMs: 1) == [])
        #expect(mailbox.postBatch([1, 2]))
        #expect(!mailbox.post(3))
        #expect(mailbox.takeAll(waitingUpToMs: 0) == [1, 2])
        mailbox.close()
        #expect(mailbox.takeAll(waitingUpToMs: 1) == nil)
    }
}
