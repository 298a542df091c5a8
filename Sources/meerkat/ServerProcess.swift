// A server as a process: starts it, waits for a signal, stops it.

import Glibc
import Logging
import MeerkatServer

enum ServerProcess {
    /// Returns after SIGTERM or SIGINT, when everything has stopped.
    static func run(_ configuration: ServerConfiguration, log: Logger) throws {
        // Before any thread starts, so that all inherit the mask and only this one receives the signals.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe sigaddset(&signals, SIGINT)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        signal(SIGPIPE, SIG_IGN)
        let server = try Server.start(configuration, log: log)
        var received: Int32 = 0
        unsafe sigwait(&signals, &received)
        log.notice("signal received", metadata: ["signal": "\(received)"])
        server.stop()
    }

    /// One message on standard error.
    static func complain(_ message: String) {
        let line = Array("meerkat: \(message)\n".utf8)
        _ = unsafe write(STDERR_FILENO, line, line.count)
    }
}
