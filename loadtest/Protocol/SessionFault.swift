// Everything a server can get wrong towards one session, as values with a sentence each.

/// Why a session cannot go on. Ends its connection and fails the run.
enum SessionFault: Error, Equatable, Sendable {
    case frameLength(Int)
    case malformedHandshake
    /// The server answered the handshake of an old session with "no such session".
    case sessionExpired
    case wrongXid(got: Int32, expected: Int32)
    case unaskedReply(xid: Int32)
    case zxidWentBack(from: Int64, to: Int64)
    case errorCode(PendingRequest, Int32)
    case bodySize(PendingRequest, got: Int, expected: Int)
    case dataLength(PendingRequest, got: Int, expected: Int)
    case content(PendingRequest)
    case malformedEvent
    /// A notification of something that did not happen, or that was told before.
    case unexpectedEvent(type: Int32, path: String)
    /// A read behind a notification that does not show the change.
    case staleRead(PendingRequest)
}

extension SessionFault: CustomStringConvertible {
    var description: String {
        switch self {
        case .frameLength(let length): "a frame announces \(length) bytes"
        case .malformedHandshake: "the answer to the handshake is not a ConnectResponse"
        case .sessionExpired: "the session has expired"
        case .wrongXid(let got, let expected): "reply out of order: xid \(got) where \(expected) is due"
        case .unaskedReply(let xid): "reply with xid \(xid) while nothing was asked"
        case .zxidWentBack(let from, let to):
            "zxid went back from 0x\(String(from, radix: 16)) to 0x\(String(to, radix: 16))"
        case .errorCode(let request, let code):
            "\(request.kind) of \(Self.name(request)) answered with error \(code)"
                + (code == -101 ? " (no such znode: run 'loadtest prepare' with the same --znodes first)" : "")
        case .bodySize(let request, let got, let expected):
            "\(request.kind) of \(Self.name(request)): body of \(got) bytes instead of \(expected)"
                + " (was 'loadtest prepare' run with other --znodes or --value-bytes?)"
        case .dataLength(let request, let got, let expected):
            "\(request.kind) of \(Self.name(request)): Stat says \(got) data bytes instead of \(expected)"
                + " (was 'loadtest prepare' run with another --value-bytes?)"
        case .content(let request): "\(request.kind) of \(Self.name(request)): the value is not the one written"
        case .malformedEvent: "a watch event is not a WatcherEvent"
        case .unexpectedEvent(let type, let path): "a watch event of type \(type) for \(path) that nothing caused"
        case .staleRead(let request): "\(request.kind) of \(Self.name(request)) does not show the change told before"
        }
    }

    static func unexpectedEvent(_ event: WatchEvent) -> SessionFault {
        .unexpectedEvent(type: event.type, path: event.path)
    }

    private static func name(_ request: PendingRequest) -> String {
        switch request.kind {
        case .createBatch: "batch \(request.key)"
        case .getChildren, .createParent: "group \(request.key)"
        case .closeSession, .setWatches: "the session"
        case .getData, .exists, .setData, .create, .addWatch, .listChild: "znode \(request.key)"
        case .createChild, .deleteChild, .setChild, .getChild, .existsChild, .sync: "the child of znode \(request.key)"
        }
    }
}
