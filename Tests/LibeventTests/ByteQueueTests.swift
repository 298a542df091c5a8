// The byte queue against a plain array.
import Libevent
import Testing

@Suite struct ByteQueueTests {
    private func contents(_ queue: borrowing ByteQueue) -> [UInt8] { queue.withUnsafeBytes { Array($0) } }

    @Test func behavesLikeAnArray() {
        var queue = ByteQueue()
        var model: [UInt8] = []
        var random: UInt64 = 42
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((random >> 33) % UInt64(bound))
        }
        for _ in 0..<3_000 {
            if next(5) < 3 {
                let bytes = (0..<next(700)).map { _ in UInt8(next(256)) }
                queue.append(bytes)
                model += bytes
            } else {
                let count = next(min(model.count, 2_000) + 1)
                queue.consume(count)
                model.removeFirst(count)
            }
            #expect(queue.count == model.count && queue.isEmpty == model.isEmpty)
            let same = contents(queue) == model
            #expect(same)
        }
    }

    @Test func anEmptyQueueOwnsNothing() {
        var queue = ByteQueue()
        #expect(queue.storageSize == 0)
        queue.append([1, 2, 3])
        #expect(queue.storageSize > 0)
        queue.consume(3)
        #expect(queue.storageSize == 0)
        queue.append([4])
        let taken = queue.take()
        #expect(queue.isEmpty && queue.storageSize == 0)
        let bytes = contents(taken)
        #expect(bytes == [4])
    }

    @Test func storageIsKeptWhereAskedFor() {
        var queue = ByteQueue()
        queue.append([1, 2, 3])
        queue.consume(3, keeping: 4096)
        #expect(queue.isEmpty && queue.storageSize > 0)
        queue.append([4])
        let same = contents(queue) == [4]
        #expect(same)
        queue.append([UInt8](repeating: 7, count: 10_000))
        queue.consume(10_001, keeping: 4096)
        #expect(queue.isEmpty && queue.storageSize == 0)
    }

    @Test func consumedRoomIsReused() {
        var queue = ByteQueue()
        queue.append([0])
        for _ in 0..<10_000 {
            queue.append([UInt8](repeating: 7, count: 100))
            queue.consume(100)
        }
        #expect(queue.count == 1)
        #expect(queue.storageSize <= 1024)
    }
}
