// Looking at a port of this machine from outside: is it free, does somebody answer, and what.
import Glibc

/// Blocking, bounded calls to 127.0.0.1.
enum Loopback {
    /// Below the range from which the kernel takes ports for outgoing connections.
    private static let candidates: ClosedRange<UInt16> = 11_000...31_999

    /// A port nobody listens on and that is not among `taken`.
    static func freePort(besides taken: inout Set<UInt16>) throws(LabError) -> UInt16 {
        for _ in 0..<1000 {
            let port = UInt16.random(in: candidates)
            if !taken.contains(port), isFree(port) {
                taken.insert(port)
                return port
            }
        }
        throw LabError("no free port among \(candidates) on 127.0.0.1")
    }

    private static func isFree(_ port: UInt16) -> Bool {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard fd >= 0 else { return false }
        defer { close(fd) }
        var on: Int32 = 1
        unsafe setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        return unsafe withAddress(port) { unsafe bind(fd, $0, $1) == 0 }
    }

    /// Whether a connect succeeds.
    static func listens(_ port: UInt16) -> Bool {
        guard let fd = connected(port) else { return false }
        close(fd)
        return true
    }

    /// The answer to a four-letter word, nil when there is none within two seconds.
    static func ask(_ word: String, _ port: UInt16) -> String? {
        guard let fd = connected(port) else { return nil }
        defer { close(fd) }
        let request = Array(word.utf8)
        guard unsafe send(fd, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return nil }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while answer.count < 65_536 {
            let count = unsafe recv(fd, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            answer += chunk[..<count]
        }
        return answer.isEmpty ? nil : String(decoding: answer, as: UTF8.self)
    }

    private static func connected(_ port: UInt16) -> Int32? {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard fd >= 0 else { return nil }
        var patience = timeval(tv_sec: 2, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        unsafe setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        if unsafe withAddress(port, { unsafe connect(fd, $0, $1) == 0 }) { return fd }
        close(fd)
        return nil
    }

    private static func withAddress(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
