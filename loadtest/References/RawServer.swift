// The loop of the reference servers, straight on libevent's raw events. It deliberately shares nothing with the
// Libevent module: it is the yardstick for what that module costs. What happens to bytes stands in
// `RawServer+Bytes.swift`.
import CKernel
import CLibevent
import Glibc

/// Why a reference server cannot start.
struct RawServerError: Error, CustomStringConvertible {
    let description: String
}

/// What became of a batch of requests.
struct BatchAnswer {
    /// Bytes of the requests answered; none means that no complete request is there.
    var taken = 0
    /// Bytes of replies in the output.
    var written = 0
    /// closeSession was among the requests.
    var isClosing = false
}

/// One thread, one base, level-triggered; one receive and one send per wake-up. Subclasses answer batches.
@safe class RawServer {
    private let base: OpaquePointer
    private var listenerEvent: UnsafeMutablePointer<event>?
    private var listenerFd: Int32 = -1
    /// Room for a handshake answer, a full batch of requests, and the tail of one left from before.
    static let inputBytes = 128 * 1024
    static let receiveBytes = 64 * 1024
    let input: UnsafeMutableRawPointer
    let output: UnsafeMutableRawPointer
    let outputBytes: Int
    var lastSession: Int64 = 0

    /// - Parameter largestReply: bytes of the largest frame that `answer` produces.
    init(largestReply: Int) {
        DescriptorLimit.raise()
        guard let configuration = unsafe event_config_new() else { preconditionFailure("no memory for an event base") }
        unsafe event_config_set_flag(configuration, Int32(EVENT_BASE_FLAG_NOLOCK.rawValue))
        guard let made = unsafe event_base_new_with_config(configuration) else {
            preconditionFailure("no event base (errno \(errno))")
        }
        unsafe event_config_free(configuration)
        unsafe base = made
        unsafe input = .allocate(byteCount: Self.inputBytes, alignment: 64)
        outputBytes = 256 * 1024 + largestReply
        unsafe output = .allocate(byteCount: outputBytes, alignment: 64)
    }

    // MARK: For subclasses

    /// Answers complete requests at the front of `requests` while replies fit in `replies`.
    func answer(
        _ requests: UnsafeRawBufferPointer, into replies: UnsafeMutableRawBufferPointer,
        for connection: UnsafeMutablePointer<RawConnection>
    ) -> BatchAnswer {
        preconditionFailure("a reference server must know how to answer")
    }

    /// The requests of one receive have been answered and their replies sent.
    func batchEnded() {}

    /// The connection is about to be closed.
    func willClose(_ connection: UnsafeMutablePointer<RawConnection>) {}

    // MARK: Life

    func listen(port: UInt16) throws(RawServerError) {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard fd >= 0 else { throw RawServerError(description: "no socket (errno \(errno))") }
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        unsafe setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, size)
        // Accepted sockets inherit it.
        unsafe setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        evutil_make_socket_nonblocking(fd)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0, Glibc.listen(fd, 1024) == 0 else {
            throw RawServerError(description: "cannot listen on 127.0.0.1:\(port) (errno \(errno))")
        }
        listenerFd = fd
        let argument = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe listenerEvent = event_new(
            base, fd, Int16(EV_READ | EV_PERSIST),
            { _, _, argument in
                guard let argument = unsafe argument else { return }
                unsafe Unmanaged<RawServer>.fromOpaque(argument).takeUnretainedValue().acceptAll()
            }, argument)
        unsafe event_add(listenerEvent, nil)
    }

    /// Serves until killed, or for this long. The process is expected to end afterwards.
    func run(seconds: Double?) {
        if let seconds {
            var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(seconds.truncatingRemainder(dividingBy: 1) * 1e6))
            unsafe event_base_loopexit(base, &limit)
        }
        unsafe event_base_dispatch(base)
    }

    private func acceptAll() {
        var peer = sockaddr_storage()
        while true {
            let fd = unsafe ckernel_accept(listenerFd, &peer)
            if fd < 0 { return }
            let connection = UnsafeMutablePointer<RawConnection>.allocate(capacity: 1)
            unsafe connection.initialize(to: RawConnection(server: self, fd: fd))
            unsafe arm(connection, EV_READ)
        }
    }

    /// Waits for this direction alone from now on.
    private func arm(_ connection: UnsafeMutablePointer<RawConnection>, _ direction: Int32) {
        unsafe event_assign(
            &connection.pointee.event, base, connection.pointee.fd, Int16(direction | EV_PERSIST),
            { _, what, argument in
                guard let connection = unsafe argument?.assumingMemoryBound(to: RawConnection.self) else { return }
                if Int32(what) & EV_READ != 0 {
                    unsafe connection.pointee.server.readable(connection)
                } else {
                    unsafe connection.pointee.server.writable(connection)
                }
            }, connection)
        unsafe event_add(&connection.pointee.event, nil)
    }

    func turn(_ connection: UnsafeMutablePointer<RawConnection>, to direction: Int32) {
        unsafe event_del(&connection.pointee.event)
        unsafe arm(connection, direction)
    }

    func close(_ connection: UnsafeMutablePointer<RawConnection>) {
        unsafe willClose(connection)
        unsafe event_del(&connection.pointee.event)
        _ = unsafe Glibc.close(connection.pointee.fd)
        unsafe connection.pointee.partial?.deallocate()
        unsafe connection.pointee.unsent?.deallocate()
        unsafe connection.deallocate()
    }
}

@available(*, unavailable)
extension RawServer: Sendable {}
