// A listening TCP socket. Separate because accepting has its own bound per turn and its own way to survive exhaustion
// of descriptors, which no connection shares.
import CKernel
import CLibevent
import Glibc

/// What to do after an accept failed; pure, so that exhaustion can be tested without causing it.
public enum AcceptFailure: Equatable, Sendable {
    /// Nothing waits.
    case drained
    /// That one connection is lost; go on with the next.
    case next
    /// Descriptors or memory are short: stop for a moment, or level-triggered readiness would spin.
    case pause

    public init(errno code: Int32) {
        switch code {
        case EAGAIN: self = .drained
        case EMFILE, ENFILE, ENOBUFS, ENOMEM: self = .pause
        default: self = .next
        }
    }
}

/// Accepts connections on one loop. Own loop only.
public final class Listener: ReadinessDelegate {
    public struct Options: Sendable {
        /// Connections the kernel keeps for us; it caps this at its own limit.
        public var backlog: Int32 = 1024
        /// Accepted sockets send at once what they are given (TCP_NODELAY, which they inherit).
        public var noDelay = false
        /// Accepts per turn, so that a herd of connects does not starve connected clients.
        public var acceptsPerTurn = 64
        /// How long accepting rests when descriptors run out, in milliseconds.
        public var exhaustionPauseMs: Int64 = 100
        public init() {}
    }

    /// Where it listens, with the real port if 0 was asked for.
    public let address: SocketAddress
    /// Called with the errno text when accepting rests because descriptors or memory ran out.
    public var onExhausted: ((SocketError) -> Void)?
    private let options: Options
    private let onAccept: (Int32, SocketAddress) -> Void
    private let fd: Int32
    private var readiness: ReadinessEvent?
    private var rest: Timer?
    private var isPaused = false

    /// Binds and listens.
    /// - Parameters:
    ///   - host: nil for every address, IPv6 and IPv4; a numeric address; or a name, looked up here and now
    ///     (blocking, so at start-up), of which the first address is taken.
    ///   - port: 0 lets the kernel choose; read it from `address`.
    ///   - onAccept: receives a non-blocking descriptor, which it then owns, and the peer.
    public init(
        on loop: EventLoop, host: String?, port: UInt16, options: Options = Options(),
        onAccept: @escaping (_ fd: Int32, _ peer: SocketAddress) -> Void
    ) throws(SocketError) {
        precondition(options.acceptsPerTurn > 0, "a listener must accept at least one connection per turn")
        self.options = options
        self.onAccept = onAccept
        fd = try Self.open(host: host, port: port, options: options)
        address = Socket.localAddress(fd) ?? .anyIPv4(port: port)
        readiness = ReadinessEvent(on: loop, fd: fd, delegate: self)
        rest = Timer(on: loop) { [unowned self] in self.updateInterest() }
        guard readiness?.enableReading() == true else {
            throw SocketError(.listen, address.description, code: errno)
        }
    }

    deinit { close() }

    /// Leaves new connections in the kernel's backlog until `resume()`.
    public func pause() {
        isPaused = true
        updateInterest()
    }

    public func resume() {
        isPaused = false
        updateInterest()
    }

    /// Stops listening. Idempotent.
    public func close() {
        guard let open = readiness else { return }
        open.close()
        readiness = nil
        rest = nil
        Socket.close(fd)
    }

    private func updateInterest() {
        guard let readiness else { return }
        if isPaused || rest?.isRunning == true {
            readiness.disableReading()
        } else {
            readiness.enableReading()
        }
    }

    /// For the readiness event only.
    public func socketReadable() {
        for _ in 0..<options.acceptsPerTurn {
            // The callee may pause or close us.
            guard readiness != nil, !isPaused else { return }
            var storage = sockaddr_storage()
            let accepted = unsafe ckernel_accept(fd, &storage)
            if accepted >= 0 {
                onAccept(accepted, SocketAddress(storage) ?? address)
                continue
            }
            let code = errno
            switch AcceptFailure(errno: code) {
            case .drained: return
            case .next: continue
            case .pause:
                rest?.start(afterMs: options.exhaustionPauseMs)
                updateInterest()
                onExhausted?(SocketError(.accept, address.description, code: code))
                return
            }
        }
    }

    /// For the readiness event only; a listener never asks to write.
    public func socketWritable() {}
}

// MARK: - Opening

extension Listener {
    private static func open(host: String?, port: UInt16, options: Options) throws(SocketError) -> Int32 {
        guard let host else {
            do {
                return try open(.anyIPv6(port: port), options)
            } catch  where error.code == EAFNOSUPPORT || error.code == EADDRNOTAVAIL {
                // A machine without IPv6.
                return try open(.anyIPv4(port: port), options)
            }
        }
        let addresses = try Resolver.lookUp(host: host, port: port)
        return try open(addresses[0], options)
    }

    private static func open(_ address: SocketAddress, _ options: Options) throws(SocketError) -> Int32 {
        let fd = try Socket.make(for: address)
        do {
            try configure(fd, address, options)
            return fd
        } catch {
            Socket.close(fd)
            throw error
        }
    }

    private static func configure(
        _ fd: Int32, _ address: SocketAddress, _ options: Options
    ) throws(SocketError) {
        func check(_ succeeded: Bool, _ operation: SocketError.Operation) throws(SocketError) {
            if !succeeded { throw SocketError(operation, address.description, code: errno) }
        }
        try check(Socket.setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1), .configure)
        if options.noDelay { try check(Socket.setNoDelay(fd), .configure) }
        if address.family == AF_INET6 {
            let only: Int32 = address.isWildcardIPv6 ? 0 : 1
            try check(Socket.setOption(fd, Int32(IPPROTO_IPV6), IPV6_V6ONLY, only), .configure)
        }
        try check(unsafe address.withSockaddr { unsafe bind(fd, $0, $1) } == 0, .bind)
        try check(listen(fd, options.backlog) == 0, .listen)
    }
}

@available(*, unavailable)
extension Listener: Sendable {}
