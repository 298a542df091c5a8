// Looking at servers from outside: is a port free, and what does a server say about itself.
import Foundation
import Glibc

/// What `srvr` told.
struct ServerState {
    /// nil while it does not serve.
    var mode: String?
    var zxid: String?
}

enum Probe {
    /// Whether a server could listen there.
    static func isFree(port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var yes: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        return unsafe withLoopback(port) { unsafe bind(descriptor, $0, $1) == 0 }
    }

    /// Asks with `srvr`; nil when nothing answers within a second.
    static func state(port: Int) -> ServerState? {
        guard let answer = ask("srvr", port: port) else { return nil }
        var state = ServerState()
        for line in answer.split(separator: "\n") {
            if line.hasPrefix("Mode: ") { state.mode = String(line.dropFirst(6)) }
            if line.hasPrefix("Zxid: ") { state.zxid = String(line.dropFirst(6)) }
        }
        return state
    }

    private static func ask(_ word: String, port: Int) -> String? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var second = timeval(tv_sec: 1, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &second, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &second, size)
        guard unsafe withLoopback(port, { unsafe connect(descriptor, $0, $1) == 0 }) else { return nil }
        let request = Array(word.utf8)
        guard unsafe send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return nil
        }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while answer.count < 65_536 {
            let count = unsafe recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            answer += chunk[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }

    private static func withLoopback(
        _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool
    ) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
