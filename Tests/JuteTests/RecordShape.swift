// zookeeper.jute written down a second time, as shapes: what the fields of each record look like on the wire. The
// round-trip suite makes random bytes of every shape.

import Jute

/// The wire form of one field.
indirect enum Field {
    case bool, int, long, buffer, string
    case vector([Field])

    /// A random value of this form, encoded without the code under test.
    func bytes(_ random: inout SeededRandom) -> [UInt8] {
        switch self {
        case .bool: [UInt8.random(in: 0...1, using: &random)]
        case .int: integer(4, &random)
        case .long: integer(8, &random)
        case .buffer, .string: Self.counted(&random) { count, random in random.bytes(count) }
        case .vector(let fields):
            Self.counted(&random) { count, random in
                (0..<count).flatMap { _ in fields.flatMap { $0.bytes(&random) } }
            }
        }
    }

    /// Any bits, with small numbers and the ends of the range more often than chance would have them.
    private func integer(_ size: Int, _ random: inout SeededRandom) -> [UInt8] {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: [UInt8](repeating: 0xff, count: size)
        case 1: [UInt8](repeating: 0, count: size - 1) + random.bytes(1)
        case 2: [Bool.random(using: &random) ? 0x80 : 0x7f] + [UInt8](repeating: 0, count: size - 1)
        default: random.bytes(size)
        }
    }

    /// Null, empty or a few elements behind their count.
    private static func counted(
        _ random: inout SeededRandom, _ content: (Int, inout SeededRandom) -> [UInt8]
    ) -> [UInt8] {
        let count = Int.random(in: -1...5, using: &random)
        if count < 0 { return [0xff, 0xff, 0xff, 0xff] }
        return [0, 0, 0, UInt8(count)] + content(count, &random)
    }
}

private let acls = Field.vector([.int, .string, .string])
private let strings = Field.vector([.string])
private let stat: [Field] = [.long, .long, .long, .long, .int, .int, .int, .long, .int, .int, .long]

struct RecordShape: Sendable {
    var type: any (JuteRecord & Hashable).Type
    var fields: [Field]

    init(_ type: any (JuteRecord & Hashable).Type, _ fields: [Field]) {
        self.type = type
        self.fields = fields
    }

    func bytes(_ random: inout SeededRandom) -> [UInt8] { fields.flatMap { $0.bytes(&random) } }

    static let all = client + connect + data + quorum + txn

    private static let connect = [
        RecordShape(ConnectRequest.self, [.int, .long, .int, .long, .buffer]),
        RecordShape(ConnectRequest.self, [.int, .long, .int, .long, .buffer, .bool]),
        RecordShape(ConnectResponse.self, [.int, .int, .long, .buffer]),
        RecordShape(ConnectResponse.self, [.int, .int, .long, .buffer, .bool]),
    ]

    private static let data = [
        RecordShape(Id.self, [.string, .string]),
        RecordShape(ACL.self, [.int, .string, .string]),
        RecordShape(Stat.self, stat),
        RecordShape(StatPersisted.self, [.long, .long, .long, .long, .int, .int, .int, .long, .long]),
        RecordShape(ClientInfo.self, [.string, .string]),
    ]

    private static let client = [
        RecordShape(RequestHeader.self, [.int, .int]),
        RecordShape(ReplyHeader.self, [.int, .long, .int]),
        RecordShape(MultiHeader.self, [.int, .bool, .int]),
        RecordShape(WatcherEvent.self, [.int, .int, .string]),
        RecordShape(ErrorResponse.self, [.int]),
        RecordShape(CreateRequest.self, [.string, .buffer, acls, .int]),
        RecordShape(CreateTTLRequest.self, [.string, .buffer, acls, .int, .long]),
        RecordShape(CreateResponse.self, [.string]),
        RecordShape(Create2Response.self, [.string] + stat),
        RecordShape(DeleteRequest.self, [.string, .int]),
        RecordShape(DeleteContainerRequest.self, [.string]),
        RecordShape(ExistsRequest.self, [.string, .bool]),
        RecordShape(ExistsResponse.self, stat),
        RecordShape(GetDataRequest.self, [.string, .bool]),
        RecordShape(GetDataResponse.self, [.buffer] + stat),
        RecordShape(SetDataRequest.self, [.string, .buffer, .int]),
        RecordShape(SetDataResponse.self, stat),
        RecordShape(GetACLRequest.self, [.string]),
        RecordShape(GetACLResponse.self, [acls] + stat),
        RecordShape(SetACLRequest.self, [.string, acls, .int]),
        RecordShape(SetACLResponse.self, stat),
        RecordShape(GetChildrenRequest.self, [.string, .bool]),
        RecordShape(GetChildrenResponse.self, [strings]),
        RecordShape(GetChildren2Request.self, [.string, .bool]),
        RecordShape(GetChildren2Response.self, [strings] + stat),
        RecordShape(GetAllChildrenNumberRequest.self, [.string]),
        RecordShape(GetAllChildrenNumberResponse.self, [.int]),
        RecordShape(GetEphemeralsRequest.self, [.string]),
        RecordShape(GetEphemeralsResponse.self, [strings]),
        RecordShape(SyncRequest.self, [.string]),
        RecordShape(SyncResponse.self, [.string]),
        RecordShape(CheckVersionRequest.self, [.string, .int]),
        RecordShape(ReconfigRequest.self, [.string, .string, .string, .long]),
        RecordShape(CheckWatchesRequest.self, [.string, .int]),
        RecordShape(RemoveWatchesRequest.self, [.string, .int]),
        RecordShape(AddWatchRequest.self, [.string, .int]),
        RecordShape(SetWatches.self, [.long, strings, strings, strings]),
        RecordShape(SetWatches2.self, [.long, strings, strings, strings, strings, strings]),
        RecordShape(AuthPacket.self, [.int, .string, .buffer]),
        RecordShape(GetSASLRequest.self, [.buffer]),
        RecordShape(SetSASLResponse.self, [.buffer]),
        RecordShape(WhoAmIResponse.self, [.vector([.string, .string])]),
    ]

    private static let quorum = [
        RecordShape(QuorumPacket.self, [.int, .long, .buffer, .vector([.string, .string])]),
        RecordShape(QuorumAuthPacket.self, [.long, .int, .buffer]),
        RecordShape(LearnerInfo.self, [.long, .int, .long]),
        RecordShape(ForwardedRequest.self, [.long, .int, .int, .string]),
        RecordShape(SessionTouch.self, [.long, .int]),
        RecordShape(TouchTable.self, [.long, .int, .long, .int, .long, .int]),
        RecordShape(RevalidateAnswer.self, [.long, .bool]),
        RecordShape(Activation.self, [.long, .string]),
    ]

    private static let txn = [
        RecordShape(FileHeader.self, [.int, .int, .long]),
        RecordShape(TxnHeader.self, [.long, .int, .long, .long, .int]),
        RecordShape(TxnDigest.self, [.int, .long]),
        RecordShape(CreateTxn.self, [.string, .buffer, acls, .bool, .int]),
        RecordShape(CreateTTLTxn.self, [.string, .buffer, acls, .int, .long]),
        RecordShape(CreateContainerTxn.self, [.string, .buffer, acls, .int]),
        RecordShape(DeleteTxn.self, [.string]),
        RecordShape(SetDataTxn.self, [.string, .buffer, .int]),
        RecordShape(CheckVersionTxn.self, [.string, .int]),
        RecordShape(SetACLTxn.self, [.string, acls, .int]),
        RecordShape(CreateSessionTxn.self, [.int]),
        RecordShape(CloseSessionTxn.self, [strings]),
        RecordShape(ErrorTxn.self, [.int]),
        RecordShape(Txn.self, [.int, .buffer]),
        RecordShape(MultiTxn.self, [.vector([.int, .buffer])]),
    ]
}
