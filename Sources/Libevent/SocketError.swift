// The one error of this module. Separate so that every message names what was tried, where, and the system's reason.
import CKernel
import Glibc

/// A socket operation the world refused.
public struct SocketError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Operation: String, Sendable {
        case create, configure, bind, listen, accept, connect, resolve
    }

    public let operation: Operation
    /// The endpoint as `host:port`.
    public let endpoint: String
    /// The errno; for `resolve` the negative getaddrinfo code.
    public let code: Int32

    public init(_ operation: Operation, _ endpoint: String, code: Int32) {
        self.operation = operation
        self.endpoint = endpoint
        self.code = code
    }

    /// The system's words for `code`.
    public var reason: String {
        if operation == .resolve && code < 0 { return unsafe String(cString: gai_strerror(code)) }
        return SocketError.text(errno: code)
    }

    public var description: String { "cannot \(operation.rawValue) \(endpoint): \(reason)" }

    /// The system's words for an errno, e.g. "Connection refused".
    public static func text(errno code: Int32) -> String {
        guard let words = unsafe ckernel_error_text(code) else { return "error \(code)" }
        return unsafe String(cString: words)
    }
}
