// The loop of the reference servers, straight on libevent's raw events. It deliberately shares nothing with the
// Libevent module: it is the yardstick for what that module costs.
import CLibevent
import Glibc

/// Why a reference server cannot start.
struct RawServerError: Error, CustomStringConvertible {
    let description: String
}

/// One thread, one base, level-triggered; one receive and one send per wake-up. Subclasses answer batches.
@safe class RawServer {
    private let base: OpaquePointer
    private var listenerEvent: UnsafeMutablePointer<event>?
    private var listenerFd: Int32 = -1
    private let input: UnsafeMutableRawPointer
    private let output: UnsafeMutableRawPointer
    private var lastSession: Int64 = 0
    /// Room for a handshake answer, a full batch of requests, and the tail of one left from before.
    private static let inputBytes = 128 * 1024
    private static let receiveBytes = 64 * 1024
    private let outputBytes: Int

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

    /// Answers complete requests at the front of `requests` while replies fit in `replies`.
    ///
    /// - Returns: bytes taken and bytes written, and whether closeSession was among the requests. Taking nothing means
    ///   that no complete request is there.
    func answer(
        _ requests: UnsafeRawBufferPointer, into replies: UnsafeMutableRawBufferPointer
    ) -> (taken: Int, written: Int, isClosing: Bool) {
        preconditionFailure("a reference server must know how to answer")
    }

    // MARK: Life

    func listen(port: UInt16) throws(RawServerError) {
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard fd >= 0 else { throw RawServerError(description: "no socket (errno \(errno))") }
        var on: Int32 = 1
        unsafe setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
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
        while true {
            let fd = accept(listenerFd, nil, nil)
            if fd < 0 { return }
            evutil_make_socket_nonblocking(fd)
            var on: Int32 = 1
            unsafe setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            let connection = UnsafeMutablePointer<RawConnection>.allocate(capacity: 1)
            unsafe connection.initialize(to: RawConnection(server: self, fd: fd))
            unsafe arm(connection, EV_READ)
        }
    }

    private func arm(_ connection: UnsafeMutablePointer<RawConnection>, _ direction: Int32) {
        if let event = unsafe connection.pointee.event { unsafe event_free(event) }
        unsafe connection.pointee.event = event_new(
            base, connection.pointee.fd, Int16(direction | EV_PERSIST),
            { _, what, argument in
                guard let connection = unsafe argument?.assumingMemoryBound(to: RawConnection.self) else { return }
                if Int32(what) & EV_READ != 0 {
                    unsafe connection.pointee.server.readable(connection)
                } else {
                    unsafe connection.pointee.server.writable(connection)
                }
            }, connection)
        unsafe event_add(connection.pointee.event, nil)
    }

    private func close(_ connection: UnsafeMutablePointer<RawConnection>) {
        unsafe event_free(connection.pointee.event)
        _ = unsafe Glibc.close(connection.pointee.fd)
        unsafe connection.pointee.partial?.deallocate()
        unsafe connection.pointee.unsent?.deallocate()
        unsafe connection.deallocate()
    }

    // MARK: Bytes

    private func readable(_ connection: UnsafeMutablePointer<RawConnection>) {
        let held = unsafe connection.pointee.partialCount
        if held > 0, let partial = unsafe connection.pointee.partial {
            unsafe input.copyMemory(from: partial, byteCount: held)
        }
        let room = min(Self.receiveBytes, Self.inputBytes - held)
        let count = unsafe recv(connection.pointee.fd, input + held, room, 0)
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count > 0 else { return unsafe close(connection) }
        if held > 0 {
            unsafe connection.pointee.partial?.deallocate()
            unsafe connection.pointee.partial = nil
            unsafe connection.pointee.partialCount = 0
        }
        unsafe serve(connection, UnsafeRawBufferPointer(start: input, count: held + count))
    }

    /// Answers what is complete, then keeps the rest.
    private func serve(_ connection: UnsafeMutablePointer<RawConnection>, _ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        if unsafe !connection.pointee.isGreeted {
            guard bytes.count >= 4, let start = bytes.baseAddress else {
                return unsafe keep(connection, bytes, from: 0)
            }
            let end = unsafe 4 + Int(Wire.int32(start))
            guard end >= 4 + 28, end <= 256 else { return unsafe close(connection) }
            guard bytes.count >= end else { return unsafe keep(connection, bytes, from: 0) }
            unsafe connection.pointee.isGreeted = true
            offset = end
            let answer = unsafe greet(timeoutMs: Wire.int32(start + 16))
            if unsafe !send(connection, answer) { return }
        }
        while unsafe connection.pointee.unsent == nil {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
            let result = unsafe answer(rest, into: UnsafeMutableRawBufferPointer(start: output, count: outputBytes))
            if result.taken == 0 { break }
            offset += result.taken
            unsafe connection.pointee.isClosing = result.isClosing
            if unsafe !send(connection, result.written) { return }
        }
        if unsafe connection.pointee.isClosing && connection.pointee.unsent == nil { return unsafe close(connection) }
        unsafe keep(connection, bytes, from: offset)
    }

    private func keep(
        _ connection: UnsafeMutablePointer<RawConnection>, _ bytes: UnsafeRawBufferPointer, from offset: Int
    ) {
        let count = bytes.count - offset
        guard count > 0, let start = bytes.baseAddress else { return }
        // What stays must leave room for a receive; a larger frame than that is none of ours.
        guard count <= Self.inputBytes - 4096 else { return unsafe close(connection) }
        let partial = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 8)
        unsafe partial.copyMemory(from: start + offset, byteCount: count)
        unsafe connection.pointee.partial = partial
        unsafe connection.pointee.partialCount = count
    }

    /// Sends the first `count` bytes of the output; false when the connection is closed.
    private func send(_ connection: UnsafeMutablePointer<RawConnection>, _ count: Int) -> Bool {
        guard count > 0 else { return true }
        var sent = unsafe Glibc.send(connection.pointee.fd, output, count, Int32(MSG_NOSIGNAL))
        if sent < 0 {
            guard errno == EAGAIN || errno == EINTR else {
                unsafe close(connection)
                return false
            }
            sent = 0
        }
        if sent < count {
            let rest = UnsafeMutableRawPointer.allocate(byteCount: count - sent, alignment: 8)
            unsafe rest.copyMemory(from: output + sent, byteCount: count - sent)
            unsafe connection.pointee.unsent = rest
            unsafe connection.pointee.unsentCount = count - sent
            unsafe connection.pointee.unsentOffset = 0
            unsafe arm(connection, EV_WRITE)
        }
        return true
    }

    private func writable(_ connection: UnsafeMutablePointer<RawConnection>) {
        guard let unsent = unsafe connection.pointee.unsent else { return }
        let offset = unsafe connection.pointee.unsentOffset, count = unsafe connection.pointee.unsentCount - offset
        let sent = unsafe Glibc.send(connection.pointee.fd, unsent + offset, count, Int32(MSG_NOSIGNAL))
        if sent < 0 {
            if errno == EAGAIN || errno == EINTR { return }
            return unsafe close(connection)
        }
        unsafe connection.pointee.unsentOffset += sent
        guard sent == count else { return }
        unsafe unsent.deallocate()
        unsafe connection.pointee.unsent = nil
        unsafe arm(connection, EV_READ)
        // Requests that were kept while the output was full.
        let held = unsafe connection.pointee.partialCount
        guard unsafe held > 0 || connection.pointee.isClosing else { return }
        if let partial = unsafe connection.pointee.partial {
            unsafe input.copyMemory(from: partial, byteCount: held)
            unsafe partial.deallocate()
            unsafe connection.pointee.partial = nil
            unsafe connection.pointee.partialCount = 0
        }
        unsafe serve(connection, UnsafeRawBufferPointer(start: input, count: held))
    }

    /// Writes a ConnectResponse with a fresh session to the output; returns its size.
    private func greet(timeoutMs: Int32) -> Int {
        lastSession += 1
        unsafe output.initializeMemory(as: UInt8.self, repeating: 0, count: 41)
        unsafe Wire.put(Int32(37), output)
        unsafe Wire.put(timeoutMs, output + 8)
        unsafe Wire.put(lastSession, output + 12)
        unsafe Wire.put(Int32(16), output + 20)
        return 41
    }
}

@available(*, unavailable)
extension RawServer: Sendable {}
