// Outbound connections. Separate because a connect passes through three waits (name, handshake, time limit) that
// nothing else has.
import Glibc

/// Opens TCP connections from one loop. Own loop only; dropping it ends every attempt silently.
public final class Connector {
    private let loop: EventLoop
    private let resolver: Resolver
    private let answers: Mailbox<Resolver.Answer>
    private var reader: MailboxReader?
    private var attempts: [UInt64: ConnectAttempt] = [:]
    private var lastID: UInt64 = 0

    public init(on loop: EventLoop, resolver: Resolver) {
        self.loop = loop
        self.resolver = resolver
        answers = Mailbox(capacity: 1024)
        reader = answers.receive(on: loop) { [weak self] batch in
            // A completion may drop us.
            for answer in batch { self?.attempts[answer.id]?.resolved(answer.result) }
        }
    }

    deinit {
        for attempt in attempts.values { attempt.cancel() }
    }

    /// Tries the addresses of `host` in turn until one accepts, all within `timeoutMs`.
    ///
    /// - Parameters:
    ///   - local: address to connect from; port 0 lets the kernel choose.
    ///   - completion: called once, never before this returns, not at all after `cancel()`. Success is a connected,
    ///     non-blocking descriptor with Nagle's delay off, which the callee owns. Failure is that of the last address
    ///     tried, or ETIMEDOUT.
    @discardableResult public func connect(
        host: String, port: UInt16, timeoutMs: Int64, from local: SocketAddress? = nil,
        completion: @escaping (Result<Int32, SocketError>) -> Void
    ) -> ConnectAttempt {
        loop.preconditionInLoop()
        lastID += 1
        let id = lastID
        let attempt = ConnectAttempt(loop: loop, endpoint: "\(host):\(port)", local: local) { [weak self] result in
            self?.attempts[id] = nil
            if let result { completion(result) }
        }
        attempts[id] = attempt
        attempt.begin(timeoutMs: timeoutMs)
        if let numeric = SocketAddress(numericHost: host, port: port) {
            // At the end of the turn, since even a first failure must not arrive before the caller has the attempt.
            loop.requestEndOfTurn { [weak attempt] in attempt?.resolved(.success([numeric])) }
        } else if !resolver.ask(Resolver.Request(id: id, host: host, port: port, reply: answers)) {
            let refusal = SocketError(.resolve, "\(host):\(port)", code: EAGAIN)
            loop.requestEndOfTurn { [weak attempt] in attempt?.resolved(.failure(refusal)) }
        }
        return attempt
    }
}

/// One connect on its way. Kept by its connector until it has ended.
public final class ConnectAttempt: ReadinessDelegate {
    private let loop: EventLoop
    private let endpoint: String
    private let local: SocketAddress?
    /// Nil once ended; called with nil when cancelled.
    private var completion: ((Result<Int32, SocketError>?) -> Void)?
    private var timer: Timer?
    private var remaining: ArraySlice<SocketAddress> = []
    private var current: SocketAddress?
    private var readiness: ReadinessEvent?
    private var lastError: SocketError?

    fileprivate init(
        loop: EventLoop, endpoint: String, local: SocketAddress?,
        completion: @escaping (Result<Int32, SocketError>?) -> Void
    ) {
        self.loop = loop
        self.endpoint = endpoint
        self.local = local
        self.completion = completion
    }

    deinit { abandonSocket() }

    fileprivate func begin(timeoutMs: Int64) {
        timer = Timer(on: loop) { [unowned self] in
            self.end(.failure(self.failure(.connect, code: ETIMEDOUT)))
        }
        timer?.start(afterMs: timeoutMs)
    }

    /// Ends the attempt without a completion. Idempotent; harmless after completion.
    public func cancel() { end(nil) }

    fileprivate func resolved(_ result: Result<[SocketAddress], SocketError>) {
        guard completion != nil else { return }
        switch result {
        case .success(let addresses):
            remaining = addresses[...]
            tryNext()
        case .failure(let error): end(.failure(error))
        }
    }

    private func tryNext() {
        while let address = remaining.popFirst() {
            current = address
            do throws(SocketError) {
                try dial(address)
                return
            } catch {
                lastError = error
            }
        }
        end(.failure(lastError ?? failure(.connect, code: EADDRNOTAVAIL)))
    }

    private func dial(_ address: SocketAddress) throws(SocketError) {
        let fd = try Socket.make(for: address)
        let event = ReadinessEvent(on: loop, fd: fd, delegate: self)
        readiness = event
        do throws(SocketError) {
            if let local, unsafe local.withSockaddr({ unsafe bind(fd, $0, $1) }) != 0 {
                throw SocketError(.bind, local.description, code: errno)
            }
            let result = unsafe address.withSockaddr { unsafe Glibc.connect(fd, $0, $1) }
            if result != 0 && errno != EINPROGRESS && errno != EINTR { throw failure(.connect, code: errno) }
            if !event.enableWriting() { throw failure(.connect, code: errno) }
        } catch {
            abandonSocket()
            throw error
        }
    }

    /// For the readiness event only: the connect has ended one way or the other.
    public func socketWritable() {
        guard let event = readiness else { return }
        let code = Socket.pendingError(event.fd)
        guard code == 0 else {
            lastError = failure(.connect, code: code)
            abandonSocket()
            return tryNext()
        }
        event.close()
        readiness = nil
        Socket.setNoDelay(event.fd)
        end(.success(event.fd))
    }

    /// For the readiness event only; an attempt never asks to read.
    public func socketReadable() {}

    private func end(_ result: Result<Int32, SocketError>?) {
        guard let completion else { return }
        self.completion = nil
        timer = nil
        abandonSocket()
        completion(result)
    }

    private func abandonSocket() {
        guard let event = readiness else { return }
        event.close()
        readiness = nil
        Socket.close(event.fd)
    }

    /// Names the host asked for and, where it differs, the address tried.
    private func failure(_ operation: SocketError.Operation, code: Int32) -> SocketError {
        guard let current, current.description != endpoint else { return SocketError(operation, endpoint, code: code) }
        return SocketError(operation, "\(endpoint) (\(current.hostText))", code: code)
    }
}

@available(*, unavailable)
extension Connector: Sendable {}
@available(*, unavailable)
extension ConnectAttempt: Sendable {}
