// Host names to addresses. Separate, and on a thread of its own, because getaddrinfo may block for seconds and a loop
// must not.
import CKernel
import Glibc

/// Looks names up one after another on one thread. Any number of connectors, on any loops, may share it.
public final class Resolver: Sendable {
    struct Request: Sendable {
        let id: UInt64
        let host: String
        let port: UInt16
        let reply: Mailbox<Answer>
    }

    struct Answer: Sendable {
        let id: UInt64
        let result: Result<[SocketAddress], SocketError>
    }

    private let requests: BlockingMailbox<Request>
    private let thread: NamedThread

    /// - Parameter capacity: look-ups that may wait; more are refused.
    public init(capacity: Int = 1024) {
        let requests = BlockingMailbox<Request>(capacity: capacity)
        self.requests = requests
        thread = NamedThread(name: "resolver") {
            while let batch = requests.takeAll() {
                for request in batch { Self.answer(request) }
            }
        }
    }

    /// The thread ends by itself once it has answered what was asked.
    deinit { requests.close() }

    /// False when too many look-ups wait already.
    func ask(_ request: Request) -> Bool { requests.post(request) }

    private static func answer(_ request: Request) {
        let result: Result<[SocketAddress], SocketError>
        do throws(SocketError) {
            result = .success(try lookUp(host: request.host, port: request.port))
        } catch {
            result = .failure(error)
        }
        // A full mailbox loses the answer; the attempt then ends by its time limit.
        _ = request.reply.post(Answer(id: request.id, result: result))
    }

    /// The addresses of `host`, at least one, in the system's order of preference. Blocks for a name; a numeric address
    /// costs nothing.
    public static func lookUp(host: String, port: UInt16) throws(SocketError) -> [SocketAddress] {
        if let numeric = SocketAddress(numericHost: host, port: port) { return [numeric] }
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = ckernel_stream_type()
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            let system = code == EAI_SYSTEM
            throw SocketError(.resolve, "\(host):\(port)", code: system ? errno : code)
        }
        defer { unsafe freeaddrinfo(list) }
        let found = unsafe addresses(list, port: port)
        guard !found.isEmpty else { throw SocketError(.resolve, "\(host):\(port)", code: EAI_NONAME) }
        return found
    }

    private static func addresses(_ list: UnsafeMutablePointer<addrinfo>?, port: UInt16) -> [SocketAddress] {
        var found: [SocketAddress] = []
        var entry = unsafe list
        while let current = unsafe entry {
            var storage = sockaddr_storage()
            let length = min(Int(unsafe current.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
            unsafe withUnsafeMutableBytes(of: &storage) { bytes in
                guard let address = unsafe current.pointee.ai_addr else { return }
                unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(start: address, count: length))
            }
            if let address = SocketAddress(storage)?.with(port: port), !found.contains(address) {
                found.append(address)
            }
            unsafe entry = current.pointee.ai_next
        }
        return found
    }
}
