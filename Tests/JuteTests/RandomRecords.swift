// Random values of the composite types, whose elements carry their own kind.

import Jute

/// A random record of the type that is asked for.
private func record<Record: JuteRecord & Hashable>(_ random: inout SeededRandom) -> Record {
    let shape = RecordShape.all.last { $0.type == Record.self }
    guard let shape, let record = try? Record(decoding: shape.bytes(&random)) else {
        preconditionFailure("\(Record.self) has no shape, or a wrong one")
    }
    return record
}

private func many<Element>(_ random: inout SeededRandom, _ element: (inout SeededRandom) -> Element) -> [Element] {
    (0..<Int.random(in: 0...6, using: &random)).map { _ in element(&random) }
}

extension TxnBody {
    static func random(_ random: inout SeededRandom, insideMulti: Bool = false) -> TxnBody {
        switch Int.random(in: 0..<(insideMulti ? 11 : 14), using: &random) {
        case 0: .create(record(&random))
        case 1: .create2(record(&random))
        case 2: .createTTL(record(&random))
        case 3: .createContainer(record(&random))
        case 4: .delete(record(&random))
        case 5: .deleteContainer(record(&random))
        case 6: .setData(record(&random))
        case 7: .setACL(record(&random))
        case 8: .error(record(&random))
        case 9: .reconfig(record(&random))
        case 10: insideMulti ? .check(record(&random)) : .createSession(record(&random))
        case 11: .multi(many(&random) { Self.random(&$0, insideMulti: true) })
        case 12: .closeSession(nil)
        default: .closeSession(CloseSessionTxn(paths2Delete: many(&random) { path(&$0) }))
        }
    }

    /// Ephemerals have a path: an empty one would not tell a list from a digest.
    private static func path(_ random: inout SeededRandom) -> UString {
        UString(bytes: [UInt8(ascii: "/")] + random.bytes(Int.random(in: 1...4, using: &random)))
    }
}

extension TxnRecord {
    static func random(_ random: inout SeededRandom) -> TxnRecord {
        let body = TxnBody.random(&random)
        var header: TxnHeader = record(&random)
        header.type = body.opCode.rawValue
        if Bool.random(using: &random) { return TxnRecord(header: header, body: body, digest: nil) }
        var digest: TxnDigest = record(&random)
        digest.version = TxnDigest.currentVersion
        return TxnRecord(header: header, body: body, digest: digest)
    }
}

extension MultiRequest {
    /// All writes or all reads.
    static func random(_ random: inout SeededRandom) -> MultiRequest {
        let reads = Bool.random(using: &random)
        return MultiRequest(operations: many(&random) { reads ? read(&$0) : write(&$0) })
    }

    private static func read(_ random: inout SeededRandom) -> Operation {
        Bool.random(using: &random) ? .getData(record(&random)) : .getChildren(record(&random))
    }

    private static func write(_ random: inout SeededRandom) -> Operation {
        switch Int.random(in: 0..<7, using: &random) {
        case 0: .create(record(&random))
        case 1: .create2(record(&random))
        case 2: .createContainer(record(&random))
        case 3: .createTTL(record(&random))
        case 4: .delete(record(&random))
        case 5: .setData(record(&random))
        default: .check(record(&random))
        }
    }
}

extension MultiResponse {
    static func random(_ random: inout SeededRandom) -> MultiResponse {
        MultiResponse(results: many(&random) { result(&$0) })
    }

    private static func result(_ random: inout SeededRandom) -> Result {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: .create(record(&random))
        case 1: .create2(record(&random))
        case 2: .delete
        case 3: .setData(record(&random))
        case 4: .check
        case 5: .getData(record(&random))
        case 6: .getChildren(record(&random))
        default: .error(ErrorCode(.random(in: -127...0, using: &random)))
        }
    }
}
