// The read path: exists, getData, getChildren. Everything here runs under the worker's lock and allocates nothing but
// what a watch needs.
import Glibc
import Jute
import Tree

extension ClientWorker {
    /// Answers one read into the reply arena.
    func serveRead(
        _ read: ReadOperation, _ connection: ClientConnection, _ xid: Int32, _ body: UnsafeRawBufferPointer,
        _ hash: PathHash?, _ view: ReadView
    ) {
        guard body.count >= 4 else { return writeError(.marshallingError, xid) }
        let length = Int(Int32(bigEndian: unsafe body.loadUnaligned(as: Int32.self)))
        // A null path is malformed in all of these; the watch flag follows the path.
        guard length >= 0, body.count - 5 >= length else { return writeError(.marshallingError, xid) }
        let path = unsafe UnsafeRawBufferPointer(rebasing: body[4..<4 + length])
        let wantsWatch = unsafe body[4 + length] != 0
        if read == .exists, unsafe containsNUL(path) { return writeError(.badArguments, xid) }
        guard let node = unsafe view.lookup(hash ?? view.hash(of: path), path: path) else {
            if read == .exists && wantsWatch { unsafe addWatch(connection, path, .data, .standard) }
            return writeError(.noNode, xid)
        }
        guard mayRead(node, connection, view) else { return writeError(.noAuth, xid) }
        if wantsWatch {
            let list: WatchList = read == .exists || read == .getData ? .data : .child
            unsafe addWatch(connection, path, list, .standard)
        }
        write(read, node, xid, view)
    }

    @inline(__always)
    private func write(_ read: ReadOperation, _ node: NodeRef, _ xid: Int32, _ view: ReadView) {
        let size: Int
        switch read {
        case .exists: size = ReadView.statSize
        case .getData: size = view.dataSize(node)
        case .getChildren: size = view.childrenSize(node)
        case .getChildren2: size = view.children2Size(node)
        }
        // A frame's length has 31 bits; such a list of children no client could take.
        guard size < Int(Int32.max) - 64 else { return writeError(.marshallingError, xid) }
        replies.writeHeader(xid: xid, zxid: lastZxid, error: 0, bodyBytes: size)
        replies.write(size) { output in
            switch read {
            case .exists: view.writeStat(node, into: &output)
            case .getData: view.writeData(node, into: &output)
            case .getChildren: view.writeChildren(node, into: &output)
            case .getChildren2: view.writeChildren2(node, into: &output)
            }
        }
    }

    /// An open node is not looked at any further.
    @inline(__always)
    func mayRead(_ node: NodeRef, _ connection: ClientConnection, _ view: ReadView) -> Bool {
        view.isReadableByAll(node)
            || terms.rules.allows(.read, acl: view.acl(at: node.aclIndex), identities: connection.identities)
    }

    func writeError(_ error: ErrorCode, _ xid: Int32) {
        replies.writeHeader(xid: xid, zxid: lastZxid, error: error.rawValue, bodyBytes: 0)
    }

    private func containsNUL(_ path: UnsafeRawBufferPointer) -> Bool {
        guard let start = path.baseAddress else { return false }
        return unsafe memchr(start, 0, path.count) != nil
    }

    func addWatch(
        _ connection: ClientConnection, _ path: UnsafeRawBufferPointer, _ list: WatchList, _ mode: WatchMode
    ) {
        let bytes = unsafe path.bindMemory(to: UInt8.self)
        addWatch(connection, unsafe Span(_unsafeElements: bytes), list, mode)
    }

    func addWatch(_ connection: ClientConnection, _ path: Span<UInt8>, _ list: WatchList, _ mode: WatchMode) {
        let slot = UInt32(connection.id.slot)
        watches.add(path, list, mode, connection: slot)
        if watches.count(of: slot) > terms.limits.watchesPerConnection { doom(connection, .watchLimit) }
    }
}
