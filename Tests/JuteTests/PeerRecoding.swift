// Decodes what servers say to each other into records and encodes these again.

import Jute

/// A packet of the quorum or observer master port. Snapshot streams are not packets and come back as they are.
func recodeQuorumPacket(_ frame: RecordedFrame, _ bytes: [UInt8]) throws(JuteError) -> [UInt8] {
    switch frame.name {
    case "SNAPSHOT-STREAM": return bytes
    case "SASL": return try QuorumAuthPacket(decoding: bytes).encoded()
    default:
        var packet = try QuorumPacket(decoding: bytes)
        if let type = PacketType(rawValue: packet.type), let data = packet.data {
            packet.data = try recodePacketData(type, data)
        }
        return packet.encoded()
    }
}

private func recodePacketData(_ type: PacketType, _ data: [UInt8]) throws(JuteError) -> [UInt8] {
    switch type {
    case .request: try recodeForwarded(data)
    case .proposal, .inform: try TxnRecord(decoding: data).encoded()
    case .ping: try TouchTable(decoding: data).encoded()
    // The question is three bytes longer than the answer.
    case .revalidate where data.count >= 12: try SessionTouch(decoding: data).encoded()
    case .revalidate: try RevalidateAnswer(decoding: data).encoded()
    case .commitAndActivate: try Activation(decoding: data).encoded()
    case .informAndActivate: try recodeActivation(data)
    case .followerInfo, .observerInfo: try LearnerInfo(decoding: data).encoded()
    case .leaderInfo, .ackEpoch: try recodeNumber(data)
    // The configuration's text is bytes to Jute.
    case .newLeader: data
    case .ack, .commit, .sync, .upToDate, .diff, .trunc, .snap: []
    }
}

private func recodeForwarded(_ data: [UInt8]) throws(JuteError) -> [UInt8] {
    var request = try ForwardedRequest(decoding: data)
    var decoder = JuteDecoder(request.body.span)
    var encoder = JuteEncoder()
    try recodeRequestBody(request.type, &decoder, &encoder)
    request.body = encoder.bytes
    return request.encoded()
}

private func recodeActivation(_ data: [UInt8]) throws(JuteError) -> [UInt8] {
    var activation = try Activation(decoding: data)
    activation.txn = try TxnRecord(decoding: activation.txn).encoded()
    return activation.encoded()
}

private func recodeNumber(_ data: [UInt8]) throws(JuteError) -> [UInt8] {
    var decoder = JuteDecoder(data.span)
    var encoder = JuteEncoder()
    encoder.write(try decoder.readInt32())
    return encoder.bytes
}

/// A message of the election port; notifications come with their length.
func recodeElectionMessage(_ frame: RecordedFrame, _ bytes: [UInt8]) throws(JuteError) -> [UInt8] {
    switch frame.name {
    case "INITIAL": return try ElectionInitial(decoding: bytes).encoded()
    case "SASL": return try QuorumAuthPacket(decoding: bytes).encoded()
    default:
        var decoder = JuteDecoder(bytes.span)
        let length = try decoder.readInt32()
        if length > Notification.maximumSize || Int(length) != decoder.remaining { throw .lengthOutOfBounds(length) }
        let message = try Notification(decoding: decoder.readRest()).encoded()
        var encoder = JuteEncoder()
        encoder.write(Int32(message.count))
        encoder.writeRaw(message)
        return encoder.bytes
    }
}
