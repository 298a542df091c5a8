// A conversation recorded between a client and Apache ZooKeeper: reading the file, and what in it differs from run to
// run.
import Foundation
import Jute

/// One line of a recording.
struct RecordedLine {
    enum Kind: Equatable { case frame, text, end, note, unread }
    let number: Int
    let connection: Int
    let isFromClient: Bool
    let operation: String
    private(set) var kind: Kind
    let bytes: [UInt8]

    /// Received, and not compared.
    var unread: RecordedLine {
        var line = self
        line.kind = .unread
        return line
    }

    static func load(_ name: String) throws -> [RecordedLine] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Vectors/client")
        let text = try String(contentsOf: folder.appendingPathComponent(name + ".jsonl"), encoding: .utf8)
        return try text.split(separator: "\n").enumerated().map { try RecordedLine(number: $0 + 1, json: String($1)) }
    }

    private init(number: Int, json: String) throws {
        let fields = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any] ?? [:]
        self.number = number
        connection = fields["conn"] as? Int ?? 0
        isFromClient = fields["dir"] as? String == "c2s"
        operation = fields["op"] as? String ?? ""
        bytes = Self.unhex(fields["hex"] as? String ?? "")
        kind =
            if fields["note"] != nil { .note } else if operation == "EOF" { .end } else if operation.hasPrefix("4lw") {
                .text
            } else { .frame }
    }

    private static func unhex(_ text: String) -> [UInt8] {
        let digits = text.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

/// What stands for what: sessions and zxids of the recording, and those of this run.
struct Correspondence {
    private(set) var sessions: [SessionID: SessionID] = [:]
    private var reverse: [SessionID: SessionID] = [:]
    /// Zxid here minus zxid there; nil before the first transaction of the recording is known.
    var zxidOffset: Int64?

    mutating func note(recorded: SessionID, here: SessionID) {
        sessions[recorded] = here
        reverse[here] = recorded
    }

    func here(_ zxid: Zxid) -> Zxid {
        guard let zxidOffset, zxid.rawValue > 0, zxid.rawValue < Int64.max / 2 else { return zxid }
        return Zxid(zxid.rawValue + zxidOffset)
    }

    /// As the recording would have it.
    func recorded(_ zxid: Zxid) -> Zxid {
        guard let zxidOffset, zxid.rawValue > 0 else { return zxid }
        return Zxid(zxid.rawValue - zxidOffset)
    }

    func recorded(_ session: SessionID) -> SessionID { reverse[session] ?? session }
}

/// A reply in words, without what differs from run to run.
struct ReplyText {
    private var decoder: JuteDecoderBox
    private let correspondence: Correspondence?
    private(set) var words: [String] = []

    /// - Parameter correspondence: nil for the recording's own bytes.
    static func words(_ operation: String, _ payload: [UInt8], _ correspondence: Correspondence?) throws -> [String] {
        var text = ReplyText(decoder: JuteDecoderBox(payload), correspondence: correspondence)
        try text.reply(operation)
        return text.words
    }

    private mutating func add(_ word: String) { words.append(word) }

    private mutating func reply(_ operation: String) throws {
        let header = try decoder.read(ReplyHeader.self)
        add("xid \(header.xid) zxid \(zxid(header.zxid)) err \(header.err)")
        guard !decoder.isAtEnd else { return }
        switch operation {
        case "create": add("path \(try decoder.read(CreateResponse.self).path)")
        case "create2", "createContainer", "createTTL":
            add("path \(try decoder.read(CreateResponse.self).path)")
            try stat()
        case "exists", "setData", "setACL": try stat()
        case "getData", "reconfig":
            add("data \(try decoder.data())")
            try stat()
        case "getChildren": try children()
        case "getChildren2":
            try children()
            try stat()
        case "getACL":
            let reply = try decoder.read(GetACLResponse.self)
            add("acl \((reply.acl ?? []).map { "\($0.perms) \($0.id.scheme):\($0.id.id)" }.sorted())")
            add(self.text(reply.stat))
        case "whoAmI":
            let entries = try decoder.read(WhoAmIResponse.self).clientInfo ?? []
            add("who \(entries.map { "\($0.authScheme):\($0.user)" }.sorted())")
        case "getEphemerals":
            let paths = try decoder.read(GetEphemeralsResponse.self).ephemerals ?? []
            add("ephemerals \(paths.map(\.description).sorted())")
        case "multi", "multiRead": try multi()
        default: break
        }
        if !decoder.isAtEnd { add("rest \(decoder.rest())") }
    }

    private mutating func multi() throws {
        while !decoder.isAtEnd {
            let header = try decoder.read(MultiHeader.self)
            add("result \(header.type) \(header.done) \(header.err)")
            if header.done { return }
            switch header.type {
            case -1: add("err \(try decoder.read(ErrorResponse.self).err)")
            case 1: add("path \(try decoder.read(CreateResponse.self).path)")
            case 15:
                add("path \(try decoder.read(CreateResponse.self).path)")
                try stat()
            case 5: try stat()
            case 4:
                add("data \(try decoder.data())")
                try stat()
            case 8: try children()
            default: break
            }
        }
    }

    private mutating func children() throws {
        let names = try decoder.read(GetChildrenResponse.self).children ?? []
        add("children \(names.map(\.description).sorted())")
    }

    private mutating func stat() throws { add(text(try decoder.read(Stat.self))) }

    private func text(_ stat: Stat) -> String {
        let owner = correspondence?.recorded(SessionID(stat.ephemeralOwner)) ?? SessionID(stat.ephemeralOwner)
        let zxids = "c\(zxid(stat.czxid)) m\(zxid(stat.mzxid)) p\(zxid(stat.pzxid))"
        return "stat \(zxids) v\(stat.version) cv\(stat.cversion) "
            + "av\(stat.aversion) owner \(owner) length \(stat.dataLength) children \(stat.numChildren)"
    }

    private func zxid(_ zxid: Zxid) -> Zxid { correspondence?.recorded(zxid) ?? zxid }
}

/// A decoder that owns its bytes.
struct JuteDecoderBox {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func read<Record: JuteRecord>(_: Record.Type) throws -> Record {
        let rest = Array(bytes[offset...])
        var decoder = JuteDecoder(rest.span)
        let record = try Record(from: &decoder)
        offset += decoder.offset
        return record
    }

    mutating func data() throws -> String {
        let rest = Array(bytes[offset...])
        var decoder = JuteDecoder(rest.span)
        let data = try decoder.readBuffer()
        offset += decoder.offset
        return data.map { "\($0)" } ?? "null"
    }

    mutating func rest() -> [UInt8] {
        defer { offset = bytes.count }
        return Array(bytes[offset...])
    }
}
