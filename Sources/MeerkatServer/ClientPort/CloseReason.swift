// Why a client's connection ends. Separate because the state machine decides it, counters count it and logs print it.

/// The end of one client connection. Unless stated, its session lives on until it expires.
public enum CloseReason: String, Sendable, CaseIterable {
    /// The client has ended its output, or the network did.
    case closedByClient
    case socketError
    /// Nothing was heard for the session's timeout, or no connect request came in time.
    case silent
    /// The first frame is no connect request.
    case malformedConnect
    /// A frame length outside 8 ... `Limits.clientFrameBytes`.
    case badFrame
    /// The client has seen a later zxid than this server (I6).
    case clientIsAhead
    case notServing
    /// The session is unknown or expired, or the password is wrong; the client was told.
    case sessionInvalid
    /// Another connection to this server holds the session now.
    case replaced
    /// The session works through another server now.
    case sessionMoved
    /// The session was closed, by this client or by expiry.
    case sessionClosed
    /// The operation number means nothing here; the client was told.
    case unknownOperation
    case authenticationFailed
    /// The outcome of a request cannot be known (I11).
    case outcomeUnknown
    /// `Limits.outputLimitBytes`
    case outputLimit
    /// `Limits.watchesPerConnection`
    case watchLimit
    /// `Limits.connections` or `Limits.connectionsPerAddress`
    case tooManyConnections
    /// A four-letter word was answered.
    case answeredWord
    case shutdown

    /// What an operator reads of it; nil for ends that are part of a client's ordinary life.
    var complaint: String? {
        switch self {
        case .malformedConnect: "its first frame is no connect request"
        case .badFrame: "it sent a frame of a length outside the bounds"
        case .outputLimit: "it does not take its replies and events"
        case .watchLimit: "it has too many watches"
        case .tooManyConnections: "there are too many connections"
        case .authenticationFailed: "it failed to authenticate"
        case .unknownOperation: "it asked for an operation that does not exist"
        case .closedByClient, .socketError, .silent, .clientIsAhead, .notServing, .sessionInvalid, .replaced,
            .sessionMoved, .sessionClosed, .outcomeUnknown, .answeredWord, .shutdown:
            nil
        }
    }
}
