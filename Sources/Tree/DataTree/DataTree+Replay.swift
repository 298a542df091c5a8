// Replaying a log: the same rules as for a live transaction, without values that nobody looks at. Apart from them because
// it reads the most frequent transaction from its bytes.

public import Jute

extension DataTree {
    /// Applies a transaction of the log, header, body and digest.
    public func replay(_ payload: Span<UInt8>) throws(JuteError) {
        let isReplayed = unsafe payload.withUnsafeBytes { bytes in
            guard let create = EncodedCreate(payload) else { return false }
            unsafe replay(create, bytes)
            return true
        }
        if !isReplayed { _ = apply(try TxnRecord(decoding: payload), listsChanges: false) }
    }

    @unsafe
    private func replay(_ create: EncodedCreate, _ bytes: UnsafeRawBufferPointer) {
        let path = unsafe UnsafeRawBufferPointer(rebasing: bytes[create.path])
        let data = unsafe create.data.map { unsafe UnsafeRawBufferPointer(rebasing: bytes[$0]) }
        let owner = create.isEphemeral ? create.header.clientId.rawValue : 0
        let new = NewNode(create.parentCVersion, owner, Self.kind(ofSession: owner))
        let creation = unsafe self.create(path, data, new, create.header) { ACLTable.open }
        if case .created = creation, unsafe concernsQuotas(path) {
            quotaDidCreate(UString(bytes: unsafe [UInt8](path)), bytes: create.data?.count ?? 0)
        }
        _ = didApply(create.header.zxid, create.digest)
    }
}

/// A create with the list that lets everybody do everything, as it stands in the bytes of its transaction.
private struct EncodedCreate {
    let header: TxnHeader
    let path: Range<Int>
    let data: Range<Int>?
    let isEphemeral: Bool
    let parentCVersion: Int32
    let digest: TxnDigest?

    /// The list as a `vector`.
    private static let openList: [UInt8] = {
        var encoder = JuteEncoder()
        encoder.writeVector([ACL.openUnsafe]) { $0.write($1) }
        return encoder.bytes
    }()

    /// Nil for any other transaction, and for anything unusual: `TxnRecord` says what it is.
    init?(_ payload: Span<UInt8>) {
        var decoder = JuteDecoder(payload)
        do throws(JuteError) {
            header = try decoder.read()
            guard header.type == OpCode.create.rawValue || header.type == OpCode.create2.rawValue else { return nil }
            guard let path = try decoder.skipBuffer() else { return nil }
            self.path = path
            data = try decoder.skipBuffer()
            let list = decoder.offset..<decoder.offset + Self.openList.count
            try decoder.skip(list.count)
            guard Self.isOpen(payload.extracting(list)) else { return nil }
            isEphemeral = try decoder.readBool()
            parentCVersion = try decoder.readInt32()
            digest = decoder.remaining >= TxnDigest.encodedSize ? try decoder.read() : nil
        } catch { return nil }
    }

    private static func isOpen(_ list: Span<UInt8>) -> Bool {
        unsafe list.withUnsafeBytes { list in
            unsafe openList.withUnsafeBytes { unsafe bytesEqual(list, $0) }
        }
    }
}
