// What a server may refuse by itself, before a write travels to the leader.

public import Jute

public enum RequestValidation {
    /// Whether the leader can read the body, or fails in a way that uses up a zxid. If not, the server that holds the
    /// client answers `marshallingError` at once with its last applied zxid: nothing is proposed.
    public static func isDecodable(_ request: WriteRequest) -> Bool {
        if request.opCode == OpCode.setData.rawValue { return isSetData(request.body) }
        do throws(ErrorCode) {
            _ = try TxnPreparer.Decoded(request)
            return true
        } catch {
            return error != .marshallingError
        }
    }

    /// The most frequent write is walked over, not read: path, data, version.
    private static func isSetData(_ body: [UInt8]) -> Bool {
        var decoder = JuteDecoder(body.span)
        do throws(JuteError) {
            try decoder.skipBuffer()
            try decoder.skipBuffer()
            try decoder.skip(4)
            return true
        } catch {
            return false
        }
    }

    /// Whether the write makes an ephemeral, so that a local session must become global first.
    public static func createsEphemeral(_ opCode: OpCode, body: [UInt8]) -> Bool {
        switch opCode {
        case .create, .create2:
            guard let request = try? CreateRequest(decoding: body) else { return false }
            return CreateMode(rawValue: request.flags)?.isEphemeral ?? false
        case .multi: return (try? MultiWrite(decoding: body))?.createsEphemerals ?? false
        default: return false
        }
    }

    /// The error of a null path in a read; nil where null is no error. Writes are judged when they are prepared.
    public static func nullPathError(_ opCode: OpCode) -> ErrorCode? {
        switch opCode {
        case .exists, .getData, .getChildren, .getChildren2, .getACL, .getAllChildrenNumber, .create, .delete:
            .marshallingError
        case .setData, .setACL: .badArguments
        default: nil
        }
    }
}
