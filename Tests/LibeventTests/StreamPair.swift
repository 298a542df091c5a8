// Two connected sockets for the tests below.
import Glibc
import Libevent

/// A non-blocking local pair; `[0]` goes to the stream under test.
func socketPair() -> [Int32] {
    var pair: [Int32] = [0, 0]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    precondition(socketpair(AF_UNIX, kind, 0, &pair) == 0, "no socket pair: errno \(errno)")
    return pair
}

/// Everything one receive yields, or nil at the end of input or when nothing waits.
func receiveOnce(_ fd: Int32) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    let outcome = buffer.withUnsafeMutableBytes { Socket.receive(fd, into: $0) }
    guard case .bytes(let count) = outcome else { return nil }
    return Array(buffer[..<count])
}

func array(_ span: RawSpan) -> [UInt8] { span.withUnsafeBytes { Array($0) } }

extension EventLoop {
    /// Turns until `done`, for at most ten thousand turns.
    func turn(until done: () -> Bool) {
        var turns = 0
        while !done() {
            turns += 1
            precondition(turns < 10_000, "the awaited state never came")
            turn()
        }
    }
}
