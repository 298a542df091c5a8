// Records with more than one form on the wire: which bytes mean which.

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

@Suite struct NotificationTests {
    private let newest = Notification(
        state: .leading, leader: ServerID(3), zxid: Zxid(0x2_0000_0005), electionEpoch: 4, peerEpoch: Epoch(9),
        config: Array("server.1=a:1:2:participant\nversion=0".utf8))

    @Test func formOf28Bytes() throws {
        let old = try Notification(decoding: Array(newest.encoded().prefix(28)))
        #expect(old.leader == newest.leader && old.electionEpoch == 4)
        #expect(old.peerEpoch == Epoch(2) && old.version == 0 && old.config.isEmpty)
    }

    @Test func formOf40BytesHasNoVersion() throws {
        let old = try Notification(decoding: Array(newest.encoded().prefix(40)))
        #expect(old.peerEpoch == Epoch(9) && old.version == 0 && old.config.isEmpty)
    }

    @Test func formWithConfiguration() throws {
        #expect(newest.encoded().count == 44 + newest.config.count)
        #expect(try Notification(decoding: newest.encoded()) == newest)
        // Bytes behind the configuration are ignored; below version 2 everything is.
        #expect(try Notification(decoding: newest.encoded() + [1, 2, 3]) == newest)
        var first = newest.encoded()
        first[39] = 1
        #expect(try Notification(decoding: first).version == 1)
        #expect(try Notification(decoding: first).config.isEmpty)
    }

    @Test func refused() {
        let bytes = newest.encoded()
        for count in [0, 4, 27, 29, 39, 41, 43] {
            #expect(throws: JuteError.truncated) { try Notification(decoding: Array(bytes.prefix(count))) }
        }
        var strange = bytes
        strange[3] = 4
        #expect(throws: JuteError.unknownValue(4)) { try Notification(decoding: strange) }
        for length in [-1, Int32(newest.config.count + 1), .max] {
            var bent = bytes
            withUnsafeBytes(of: length.bigEndian) { bent.replaceSubrange(40..<44, with: $0) }
            #expect(throws: JuteError.lengthOutOfBounds(length)) { try Notification(decoding: bent) }
        }
    }
}

@Suite struct ElectionInitialTests {
    @Test func oneAddressUnlessToldOtherwise() {
        let initial = ElectionInitial(sid: ServerID(3), addressText: "h:1")
        #expect(initial.version == .oneAddress)
        let version: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0]
        #expect(initial.encoded() == version + [0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 3] + Array("h:1".utf8))
    }

    @Test func theOtherForms() throws {
        let idOnly = try ElectionInitial(decoding: [0, 0, 0, 0, 0, 0, 0, 5])
        #expect(idOnly.version == .idOnly && idOnly.sid == ServerID(5) && idOnly.addresses.isEmpty)
        let many = ElectionInitial(sid: ServerID(2), addressText: "a:1|[::1]:2", version: .manyAddresses)
        #expect(many.encoded()[7] == 1)
        #expect(try ElectionInitial(decoding: many.encoded()).addresses == ["a:1", "[::1]:2"])
    }

    @Test(arguments: [-65_534, -1, -65_537, Int64.min]) func unknownVersions(_ version: Int64) {
        var encoder = JuteEncoder()
        encoder.write(version)
        let bytes = encoder.bytes
        #expect(throws: JuteError.unknownValue(Int32(clamping: version))) { try ElectionInitial(decoding: bytes) }
    }

    /// A bad length is told before its bytes are awaited.
    @Test(arguments: [Int32.min, -1, 0, 2049, .max]) func addressLengths(_ length: Int32) {
        let full = ElectionInitial(sid: ServerID(1), addressText: "a").encoded()
        var encoder = JuteEncoder()
        encoder.writeRaw(Array(full.prefix(16)))
        encoder.write(length)
        let bytes = encoder.bytes
        #expect(throws: JuteError.lengthOutOfBounds(length)) { try ElectionInitial(decoding: bytes) }
    }

    @Test func longestAddress() throws {
        let longest = ElectionInitial(sid: ServerID(1), addressText: UString(String(repeating: "a", count: 2048)))
        #expect(longest.encoded().count == ElectionInitial.maximumSize)
        #expect(try ElectionInitial(decoding: longest.encoded()) == longest)
    }
}

@Suite struct LearnerInfoTests {
    @Test func olderLearnersSayLess() throws {
        let bytes = LearnerInfo(serverid: ServerID(7), configVersion: 0x1_0000_0000).encoded()
        #expect(bytes.count == 20)
        let second = try LearnerInfo(decoding: Array(bytes.prefix(12)))
        #expect(second.protocolVersion == LearnerInfo.currentVersion && second.configVersion == 0)
        let first = try LearnerInfo(decoding: Array(bytes.prefix(8)))
        #expect(first.serverid == ServerID(7) && first.protocolVersion == 0)
        #expect(throws: JuteError.truncated) { try LearnerInfo(decoding: Array(bytes.prefix(7))) }
    }
}

@Suite struct MultiTests {
    @Test func emptyListIsItsEnd() throws {
        #expect(MultiRequest(operations: []).encoded() == [0xff, 0xff, 0xff, 0xff, 1, 0xff, 0xff, 0xff, 0xff])
        #expect(try MultiResponse(decoding: MultiRequest(operations: []).encoded()).results.isEmpty)
        // A header that says done ends the list, whatever else it says.
        #expect(try MultiRequest(decoding: [0, 0, 0, 1, 1, 0, 0, 0, 0]).operations.isEmpty)
    }

    @Test func readsAndWritesDoNotMix() {
        let mixed = MultiRequest(operations: [
            .getData(GetDataRequest(path: "/a", watch: false)), .delete(DeleteRequest(path: "/a", version: -1)),
        ])
        #expect(throws: JuteError.unknownValue(OpCode.delete.rawValue)) { try MultiRequest(decoding: mixed.encoded()) }
    }

    @Test func failure() throws {
        let failed = MultiResponse(results: [.error(.ok), .error(.noNode), .error(.runtimeInconsistency)])
        let bytes = failed.encoded()
        #expect(Array(bytes.prefix(13)) == [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(try MultiResponse(decoding: bytes) == failed)
    }
}
