// The end of the process when going on would be worse. Exit codes are upstream's, operators' scripts know them.

import Glibc
public import Logging

/// Ends the process with a message on the log and on standard error.
public enum Fatal {
    /// Process exit codes (ZooKeeper, `ExitCode`).
    public enum Code: Int32, Sendable {
        case unexpected = 1
        case invalidInvocation = 2
        case dataDirectory = 3
        case storage = 10
        case quorumPacket = 13
        case quorumPortBind = 14
    }

    public static func exit(_ code: Code, _ message: String, log: Logger) -> Never {
        log.critical("\(message)")
        // Standard handlers have been flushed by the log; nothing here is worth the risk of running destructors.
        Glibc._exit(code.rawValue)
    }
}
