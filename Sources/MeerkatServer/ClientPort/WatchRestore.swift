// What a client that has reconnected watches: the bodies of setWatches and setWatches2, read where they stand, since
// one may name tens of thousands of paths.
import Jute
import Tree

/// The paths of one request, list by list. Everything is checked before the first is looked at: a request that cannot
/// be read restores nothing.
struct WatchRestore {
    let relativeZxid: Zxid
    private let body: [UInt8]
    private let kinds: [RestoredWatch]
    /// Behind the zxid.
    private static let firstList = 8

    /// - Parameter kinds: the lists the request has, in order.
    /// - Throws: `marshallingError` for what ends too early, a null list, and a null path in one of the first three.
    init(_ body: [UInt8], _ kinds: [RestoredWatch]) throws(ErrorCode) {
        self.body = body
        self.kinds = kinds
        do throws(JuteError) {
            var decoder = JuteDecoder(body.span)
            relativeZxid = Zxid(try decoder.readInt64())
            for kind in kinds {
                let count = try decoder.readInt32()
                if count < 0 { throw .lengthOutOfBounds(count) }
                for _ in 0..<count { try Self.skipPath(kind, &decoder) }
            }
        } catch {
            throw .marshallingError
        }
    }

    @_lifetime(decoder: copy decoder)
    private static func skipPath(_ kind: RestoredWatch, _ decoder: inout JuteDecoder) throws(JuteError) {
        let length = try decoder.readInt32()
        let mayBeNull = kind == .persistent || kind == .recursive
        if length < (mayBeNull ? -1 : 0) { throw .lengthOutOfBounds(length) }
        try decoder.skip(max(0, Int(length)))
    }

    /// Every path in order, a null one as empty, until `visit` returns false.
    func forEach(_ visit: (_ kind: RestoredWatch, _ path: UnsafeRawBufferPointer) -> Bool) {
        unsafe body.withUnsafeBytes { bytes in
            var offset = Self.firstList
            func readLength() -> Int {
                defer { offset += 4 }
                return Int(Int32(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
            }
            for kind in kinds {
                for _ in 0..<readLength() {
                    let length = max(0, readLength())
                    let path = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
                    guard unsafe visit(kind, path) else { return }
                    offset += length
                }
            }
        }
    }
}

extension ClientWorker {
    /// Catch-up events go out before the reply; there is no check of permissions (client protocol, setWatches).
    func restoreWatches(
        _ request: WatchRestore, _ connection: ClientConnection, _ xid: Int32, _ view: ReadView
    ) {
        unsafe request.forEach { kind, path in
            unsafe restore(kind, path, since: request.relativeZxid, connection, view)
            return !connection.isDoomed
        }
        writeError(.ok, xid)
    }

    private func restore(
        _ kind: RestoredWatch, _ path: UnsafeRawBufferPointer, since relative: Zxid, _ connection: ClientConnection,
        _ view: ReadView
    ) {
        let state = unsafe view.lookup(path: path).map { (mzxid: $0.mzxid.rawValue, pzxid: $0.pzxid.rawValue) }
        switch kind.restore(node: state, relative: relative.rawValue) {
        case .tell(let event):
            // No transaction stands behind it.
            replies.append(event.frame(zxid: .none, path: UString(bytes: unsafe [UInt8](path))))
            counters.watchEvents += 1
        case .register(let mode, let dataList, let childList):
            if dataList { unsafe addWatch(connection, path, .data, mode) }
            if childList { unsafe addWatch(connection, path, .child, mode) }
        }
    }
}
