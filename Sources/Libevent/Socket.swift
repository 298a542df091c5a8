// The socket calls, each with its outcomes as one value. Separate so that errno, EINTR and EAGAIN are read here only.
import CKernel
import Glibc

/// Outcome of one receive.
public enum Received: Equatable, Sendable {
    /// This many bytes, at least one, now stand at the start of the buffer.
    case bytes(Int)
    case wouldBlock
    /// The peer has ended its output.
    case closed
    /// errno
    case failed(Int32)
}

/// Outcome of one send.
public enum Sent: Equatable, Sendable {
    /// This many bytes left, possibly fewer than given.
    case bytes(Int)
    case wouldBlock
    /// errno; EPIPE and ECONNRESET when the peer is gone. Never raises SIGPIPE.
    case failed(Int32)
}

/// Calls on descriptors that the caller owns. All sockets made in this module are non-blocking and close on exec.
public enum Socket {
    /// One receive. The buffer must not be empty.
    public static func receive(_ fd: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Received {
        precondition(buffer.count > 0, "receiving into no room would look like the end of input")
        while true {
            let count = unsafe recv(fd, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .closed }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case let code: return .failed(code)
            }
        }
    }

    /// One send.
    public static func send(_ fd: Int32, _ bytes: UnsafeRawBufferPointer) -> Sent {
        while true {
            let count = unsafe Glibc.send(fd, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if let outcome = outcome(count) { return outcome }
        }
    }

    /// One send of two pieces, such as what waited from before and what this turn added.
    public static func send(_ fd: Int32, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Sent {
        while true {
            let count = unsafe ckernel_send_pieces(
                fd, first.baseAddress, first.count, second.baseAddress, second.count)
            if let outcome = outcome(count) { return outcome }
        }
    }

    /// Nil when the call was interrupted and must be repeated.
    private static func outcome(_ count: Int) -> Sent? {
        if count >= 0 { return .bytes(count) }
        switch errno {
        case EINTR: return nil
        case EAGAIN: return .wouldBlock
        case let code: return .failed(code)
        }
    }

    /// Sends small segments at once instead of waiting for acknowledgements. False when refused (errno).
    @discardableResult public static func setNoDelay(_ fd: Int32, _ on: Bool = true) -> Bool {
        setOption(fd, Int32(IPPROTO_TCP), TCP_NODELAY, on ? 1 : 0)
    }

    /// Lets the kernel probe silent peers. False when refused (errno).
    @discardableResult public static func setKeepAlive(_ fd: Int32, _ on: Bool = true) -> Bool {
        setOption(fd, SOL_SOCKET, SO_KEEPALIVE, on ? 1 : 0)
    }

    static func setOption(_ fd: Int32, _ level: Int32, _ name: Int32, _ value: Int32) -> Bool {
        var value = value
        return unsafe setsockopt(fd, level, name, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
    }

    /// The error a descriptor holds, clearing it: the outcome of a non-blocking connect. 0 is success.
    public static func pendingError(_ fd: Int32) -> Int32 {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &length) == 0 ? value : errno
    }

    /// The other end; nil when not connected.
    public static func peerAddress(_ fd: Int32) -> SocketAddress? {
        unsafe address(fd) { unsafe getpeername($0, $1, $2) }
    }

    /// This end; nil when the descriptor is not an internet socket.
    public static func localAddress(_ fd: Int32) -> SocketAddress? {
        unsafe address(fd) { unsafe getsockname($0, $1, $2) }
    }

    private static func address(
        _ fd: Int32, _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe ask(fd, $0, &length) }
        }
        return result == 0 ? SocketAddress(storage) : nil
    }

    /// Tells the peer that no more output comes; input stays open.
    public static func shutdownOutput(_ fd: Int32) { _ = shutdown(fd, Int32(SHUT_WR)) }

    /// Gives the descriptor back. Close its `ReadinessEvent` first.
    public static func close(_ fd: Int32) { _ = Glibc.close(fd) }

    /// A new non-blocking TCP socket for `address`; the caller owns it.
    static func make(for address: SocketAddress) throws(SocketError) -> Int32 {
        let fd = ckernel_tcp_socket(address.family)
        guard fd >= 0 else { throw SocketError(.create, address.description, code: errno) }
        return fd
    }
}
