// The parts of a transaction: which bytes are body, which digest, and what no transaction may be.

import Jute
import Testing

@Suite struct TxnRecordTests {
    private let digest = TxnDigest(version: TxnDigest.currentVersion, treeDigest: 0x51c6_d660)

    private func record(_ body: TxnBody, _ digest: TxnDigest?) -> TxnRecord {
        let header = TxnHeader(
            clientId: SessionID(1), cxid: Xid(2), zxid: Zxid(3), time: 4, type: body.opCode.rawValue)
        return TxnRecord(header: header, body: body, digest: digest)
    }

    @Test func digestIsWhatFollowsTheBody() throws {
        for body in [TxnBody.delete(DeleteTxn(path: "/a")), .createSession(CreateSessionTxn(timeOut: 6000))] {
            #expect(try TxnRecord(decoding: record(body, digest).encoded()).digest == digest)
            #expect(try TxnRecord(decoding: record(body, nil).encoded()).digest == nil)
            // Too little for a digest is no digest.
            #expect(try TxnRecord(decoding: record(body, digest).encoded().dropLast()).digest == nil)
        }
    }

    @Test(arguments: [nil, [], ["/e"], ["/a", "/b"], ["/one", "/two", "/three"]] as [[UString]?])
    func closeSession(_ paths: [UString]?) throws {
        let body = TxnBody.closeSession(paths.map { CloseSessionTxn(paths2Delete: $0) })
        for digest in [nil, digest, TxnDigest(version: 2, treeDigest: 0), TxnDigest(version: 2, treeDigest: -1)] {
            let record = record(body, digest)
            #expect(try TxnRecord(decoding: record.encoded()) == record)
        }
    }

    @Test func createOfOldLogsHasNoParentVersion() throws {
        let txn = CreateTxn(path: "/a", data: nil, acl: [], ephemeral: true, parentCVersion: 7)
        let old = try TxnRecord(decoding: record(.create(txn), nil).encoded().dropLast(4))
        #expect(old.body == .create(CreateTxn(path: "/a", data: nil, acl: [], ephemeral: true, parentCVersion: -1)))
    }

    @Test func whatNoTransactionMayBe() {
        for opCode in [OpCode.check, .getData, .ping, .notification] {
            var bytes = record(.delete(DeleteTxn(path: "/a")), nil).encoded()
            withUnsafeBytes(of: opCode.rawValue.bigEndian) { bytes.replaceSubrange(28..<32, with: $0) }
            #expect(throws: JuteError.unknownValue(opCode.rawValue)) { try TxnRecord(decoding: bytes) }
        }
        // A multi inside a multi, and a multi that is null.
        let nested = record(.multi([.multi([])]), nil).encoded()
        #expect(throws: JuteError.unknownValue(OpCode.multi.rawValue)) { try TxnRecord(decoding: nested) }
        let null = record(.multi([]), nil).encoded().dropLast(4) + [0xff, 0xff, 0xff, 0xff]
        #expect(throws: JuteError.unexpectedNull) { try TxnRecord(decoding: Array(null)) }
    }
}
