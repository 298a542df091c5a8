// Decodes a frame of the client port into the records it is made of and encodes these again.

import Jute

/// The longest frame a server takes with the default `jute.maxbuffer`.
private let maximumFrame: Int32 = 1_048_575

/// Replies of the reference that are not what their place in the conversation calls for.
private let bareReplies: [String: any JuteRecord.Type] = [
    // A connect refused for want of local sessions gets a reply header.
    "client/read_only_no_local_sessions.jsonl:2": ReplyHeader.self,
    // A client's createSession gets a connect response without a header.
    "client/toplevel_internal_ops.jsonl:38": ConnectResponse.self,
]

/// Frame in, the same frame out, by way of typed records.
func recodeClientFrame(_ frame: RecordedFrame) throws(JuteError) -> [UInt8] {
    var decoder = JuteDecoder(frame.bytes.span)
    let length = try decoder.readInt32()
    if length > maximumFrame || Int(length) != decoder.remaining { throw .lengthOutOfBounds(length) }
    let payload = try recodeClientPayload(frame, decoder.readRest())
    var encoder = JuteEncoder()
    encoder.write(Int32(payload.count))
    encoder.writeRaw(payload)
    return encoder.bytes
}

/// As `recodeClientFrame`, without the length; `payload` need not be the recorded one.
func recodeClientPayload(_ frame: RecordedFrame, _ payload: [UInt8]) throws(JuteError) -> [UInt8] {
    var decoder = JuteDecoder(payload.span)
    var encoder = JuteEncoder()
    if let record = bareReplies[frame.place] {
        try recode(record, &decoder, &encoder)
    } else if frame.direction == "c2s" {
        try recodeRequest(frame.name, &decoder, &encoder)
    } else {
        try recodeReply(frame.name, &decoder, &encoder)
    }
    return encoder.bytes
}

private func recodeRequest(
    _ name: String, _ decoder: inout JuteDecoder, _ encoder: inout JuteEncoder
) throws(JuteError) {
    if name == "connect" { return try recode(ConnectRequest.self, &decoder, &encoder) }
    let header = try decoder.read(RequestHeader.self)
    encoder.write(header)
    try recodeRequestBody(header.type, &decoder, &encoder)
}

/// The body of a request of `type`, from a client or forwarded by a learner.
func recodeRequestBody(
    _ type: Int32, _ decoder: inout JuteDecoder, _ encoder: inout JuteEncoder
) throws(JuteError) {
    guard let opCode = OpCode(rawValue: type), let record = requestBody(of: opCode) else { return }
    try recode(record, &decoder, &encoder)
}

private func recodeReply(
    _ name: String, _ decoder: inout JuteDecoder, _ encoder: inout JuteEncoder
) throws(JuteError) {
    if name == "connect" { return try recode(ConnectResponse.self, &decoder, &encoder) }
    let header = try decoder.read(ReplyHeader.self)
    encoder.write(header)
    let opCode = OpCode.allCases.first { "\($0)" == name }
    guard let opCode, let record = replyBody(of: opCode) else { return }
    // A failed reply ends with its header, but for the two that may carry more.
    let failedWithBody = (opCode == .multiRead || opCode == .sasl) && !decoder.isAtEnd
    if header.err == .ok || failedWithBody { try recode(record, &decoder, &encoder) }
}

func recode<Record: JuteRecord>(
    _: Record.Type, _ decoder: inout JuteDecoder, _ encoder: inout JuteEncoder
) throws(JuteError) {
    encoder.write(try decoder.read(Record.self))
}

private func requestBody(of opCode: OpCode) -> (any JuteRecord.Type)? {
    switch opCode {
    case .create, .create2, .createContainer: CreateRequest.self
    case .createTTL: CreateTTLRequest.self
    case .delete: DeleteRequest.self
    case .deleteContainer: DeleteContainerRequest.self
    case .exists: ExistsRequest.self
    case .getData: GetDataRequest.self
    case .setData: SetDataRequest.self
    case .getACL: GetACLRequest.self
    case .setACL: SetACLRequest.self
    case .getChildren: GetChildrenRequest.self
    case .getChildren2: GetChildren2Request.self
    case .getAllChildrenNumber: GetAllChildrenNumberRequest.self
    case .getEphemerals: GetEphemeralsRequest.self
    case .sync: SyncRequest.self
    case .check: CheckVersionRequest.self
    case .multi, .multiRead: MultiRequest.self
    case .reconfig: ReconfigRequest.self
    case .checkWatches: CheckWatchesRequest.self
    case .removeWatches: RemoveWatchesRequest.self
    case .addWatch: AddWatchRequest.self
    case .setWatches: SetWatches.self
    case .setWatches2: SetWatches2.self
    case .auth: AuthPacket.self
    case .sasl: GetSASLRequest.self
    case .createSession: CreateSessionTxn.self
    case .notification, .ping, .whoAmI, .closeSession, .error: nil
    }
}

private func replyBody(of opCode: OpCode) -> (any JuteRecord.Type)? {
    switch opCode {
    case .notification: WatcherEvent.self
    case .create: CreateResponse.self
    case .create2, .createContainer, .createTTL: Create2Response.self
    case .exists: ExistsResponse.self
    case .getData, .reconfig: GetDataResponse.self
    case .setData: SetDataResponse.self
    case .getACL: GetACLResponse.self
    case .setACL: SetACLResponse.self
    case .getChildren: GetChildrenResponse.self
    case .getChildren2: GetChildren2Response.self
    case .getAllChildrenNumber: GetAllChildrenNumberResponse.self
    case .getEphemerals: GetEphemeralsResponse.self
    case .sync: SyncResponse.self
    case .multi, .multiRead: MultiResponse.self
    case .addWatch: ErrorResponse.self
    case .sasl: SetSASLResponse.self
    case .whoAmI: WhoAmIResponse.self
    case .delete, .deleteContainer, .check, .checkWatches, .removeWatches, .setWatches, .setWatches2, .auth, .ping,
        .createSession, .closeSession, .error:
        nil
    }
}
