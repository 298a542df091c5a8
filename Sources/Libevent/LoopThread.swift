// A thread that owns an event loop. Separate from `EventLoop` because this is the part other threads may hold.

/// Runs one `EventLoop` on one named thread until stopped. `Sendable`: it holds only a thread handle and a mailbox.
public final class LoopThread: Sendable {
    private enum Command: Sendable { case stop }

    private let thread: NamedThread
    private let commands: Mailbox<Command>

    /// Starts the thread, creates its loop there, runs `start` on it, and returns when `start` has: so a port that
    /// cannot be bound is known here. When `start` throws, the thread has ended.
    ///
    /// - Parameter start: builds everything that lives on the loop and returns its root, which is kept until the loop
    ///   ends and released on the loop's thread.
    public init<Failure: Error>(
        name: String, start: sending @escaping (EventLoop) throws(Failure) -> AnyObject
    ) throws(Failure) {
        let commands = Mailbox<Command>(capacity: 16)
        let outcome = BlockingMailbox<Result<Void, Failure>>(capacity: 1)
        let thread = NamedThread(name: name) {
            let loop = EventLoop()
            let reader = commands.receive(on: loop) { [unowned loop] _ in loop.stop() }
            do throws(Failure) {
                let root = try start(loop)
                _ = outcome.post(.success(()))
                loop.run()
                withExtendedLifetime((root, reader)) {}
            } catch {
                _ = outcome.post(.failure(error))
            }
        }
        self.commands = commands
        self.thread = thread
        guard let result = outcome.takeAll(waitingUpToMs: nil)?.first else {
            preconditionFailure("thread \(name) ended without saying how its start went")
        }
        if case .failure(let failure) = result {
            thread.join()
            throw failure
        }
    }

    /// Asks the loop to end after its current turn. Any thread; idempotent.
    public func stop() {
        // A full mailbox already holds a stop.
        _ = commands.post(.stop)
    }

    /// Waits until the loop has ended and its root is released. Not from the loop itself.
    public func join() { thread.join() }
}
