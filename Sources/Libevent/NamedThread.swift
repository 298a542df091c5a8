// A named operating-system thread. Separate because it is the only place that starts threads.
import CKernel
import Glibc
import Synchronization

/// A thread that runs one closure. The closure is handed over whole (`sending`): what it captures belongs to the
/// thread. `Sendable`: the only mutable state is the handle, behind its mutex.
public final class NamedThread: Sendable {
    /// Nil once joined.
    private let handle: Guarded<pthread_t?>
    public let name: String

    /// Starts at once. Linux shows the first 15 bytes of `name`.
    public init(name: String, _ body: sending @escaping () -> Void) {
        self.name = name
        let work = unsafe Unmanaged.passRetained(ThreadWork(name: name, body: body)).toOpaque()
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { preconditionFailure("a thread started without its work") }
                let work = unsafe Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue()
                work.run()
                return nil
            }, work)
        precondition(result == 0, "cannot start thread \(name): \(SocketError.text(errno: result))")
        handle = Guarded(thread)
    }

    deinit {
        if let thread = handle.withLock({ $0 }) { pthread_detach(thread) }
    }

    /// Waits for the closure to return. Idempotent; not from the thread itself.
    public func join() {
        let thread = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        guard let thread else { return }
        let result = pthread_join(thread, nil)
        precondition(result == 0, "cannot join thread \(name): \(SocketError.text(errno: result))")
    }
}

private final class ThreadWork {
    private let name: String
    private let body: () -> Void

    init(name: String, body: @escaping () -> Void) {
        self.name = name
        self.body = body
    }

    func run() {
        let short = String(decoding: name.utf8.prefix(15), as: UTF8.self)
        unsafe short.withCString { unsafe ckernel_name_thread($0) }
        body()
    }
}
