// Requests that are answered from this server's state and are rarer than plain reads: identities, watches, listings.
import Jute
import Libevent
import Tree

extension ClientWorker {
    /// Answers one request into the reply arena. The lock is held.
    func serveLocal(_ opCode: OpCode, _ connection: ClientConnection, _ xid: Int32, _ body: [UInt8], _ view: ReadView) {
        do throws(ErrorCode) {
            switch opCode {
            case .ping:
                replies.writeHeader(xid: Xid.ping.rawValue, zxid: lastZxid, error: 0, bodyBytes: 0)
            case .auth: authenticate(connection, xid, body)
            case .sasl: refuseSASL(connection, xid, body)
            case .whoAmI: reply(xid, WhoAmIResponse(clientInfo: clientInfo(connection)).encoded())
            case .getACL: reply(xid, try acl(decode(body), connection, view))
            case .getEphemerals: reply(xid, try ephemerals(decode(body), connection, view))
            case .getAllChildrenNumber: reply(xid, try descendants(decode(body), connection, view))
            case .multiRead: multiRead(connection, xid, body, view)
            case .addWatch: reply(xid, try addWatch(decode(body), connection))
            case .checkWatches: reply(xid, try checkWatches(decode(body), connection))
            case .removeWatches: reply(xid, try removeWatches(decode(body), connection))
            case .setWatches: restoreWatches(try WatchRestore(body, [.data, .exist, .child]), connection, xid, view)
            case .setWatches2: restoreWatches(try WatchRestore(body, RestoredWatch.allCases), connection, xid, view)
            case .exists, .getData, .getChildren, .getChildren2, .create, .delete, .setData, .setACL, .sync, .check,
                .multi, .create2, .reconfig, .createContainer, .deleteContainer, .createTTL, .createSession,
                .closeSession, .error, .notification:
                preconditionFailure("\(opCode) is no local request")
            }
        } catch {
            writeError(error, xid)
        }
    }

    private func decode<Record: JuteRecord>(_ body: [UInt8]) throws(ErrorCode) -> Record {
        do throws(JuteError) { return try Record(decoding: body) } catch { throw .marshallingError }
    }

    func reply(_ xid: Int32, zxid: Zxid? = nil, error: ErrorCode = .ok, _ body: [UInt8]) {
        replies.writeHeader(xid: xid, zxid: zxid ?? lastZxid, error: error.rawValue, bodyBytes: body.count)
        replies.append(body)
    }

    // MARK: - Identities

    private func authenticate(_ connection: ClientConnection, _ xid: Int32, _ body: [UInt8]) {
        guard let packet = try? AuthPacket(decoding: body) else { return doom(connection, .authenticationFailed) }
        do throws(ErrorCode) {
            let address = UString(connection.peer.hostText)
            let proven = try terms.rules.authenticate(scheme: packet.scheme, data: packet.auth, address: address)
            for identity in proven { connection.prove(identity) }
            replies.writeHeader(xid: xid, zxid: .zero, error: 0, bodyBytes: 0)
        } catch {
            counters.authenticationFailures += 1
            replies.writeHeader(xid: xid, zxid: .zero, error: error.rawValue, bodyBytes: 0)
            end(connection, .authenticationFailed)
        }
    }

    /// Without a login section every step is answered by a null token and changes nothing (client protocol, SASL).
    private func refuseSASL(_ connection: ClientConnection, _ xid: Int32, _ body: [UInt8]) {
        guard let request = try? GetSASLRequest(decoding: body), request.token != nil else {
            return doom(connection, .authenticationFailed)
        }
        reply(xid, zxid: .zero, SetSASLResponse(token: nil).encoded())
    }

    private func clientInfo(_ connection: ClientConnection) -> [ClientInfo] {
        connection.identities.map { ClientInfo(authScheme: $0.scheme, user: ACLRules.user(of: $0)) }
    }

    // MARK: - Listings

    /// The znode a request names, if this client has one of the rights.
    private func node(
        _ path: UString, _ rights: Permission, _ connection: ClientConnection, _ view: ReadView
    ) throws(ErrorCode) -> NodeRef {
        if path.isNull { throw .marshallingError }
        guard let node = unsafe path.bytes.withUnsafeBytes({ unsafe view.lookup(path: $0) }) else { throw .noNode }
        if view.isReadableByAll(node) && rights.contains(.read) { return node }
        let acl = view.acl(at: node.aclIndex)
        guard terms.rules.allows(rights, acl: acl, identities: connection.identities) else { throw .noAuth }
        return node
    }

    private func acl(
        _ request: GetACLRequest, _ connection: ClientConnection, _ view: ReadView
    ) throws(ErrorCode) -> [UInt8] {
        let node = try node(request.path, [.read, .admin], connection, view)
        let acl = view.acl(at: node.aclIndex)
        let isAdministrator = terms.rules.allows(.admin, acl: acl, identities: connection.identities)
        return view.aclBody(node, masked: !isAdministrator)
    }

    private func ephemerals(
        _ request: GetEphemeralsRequest, _ connection: ClientConnection, _ view: ReadView
    ) throws(ErrorCode) -> [UInt8] {
        let paths = view.ephemerals(of: connection.state.session, prefix: request.prefixPath)
        return GetEphemeralsResponse(ephemerals: paths).encoded()
    }

    private func descendants(
        _ request: GetAllChildrenNumberRequest, _ connection: ClientConnection, _ view: ReadView
    ) throws(ErrorCode) -> [UInt8] {
        let node = try node(request.path, .read, connection, view)
        return GetAllChildrenNumberResponse(totalNumber: view.descendantCount(of: node)).encoded()
    }

    /// Each operation's result or error; what cannot be read at all gets an error without a body.
    private func multiRead(_ connection: ClientConnection, _ xid: Int32, _ body: [UInt8], _ view: ReadView) {
        let operations: [MultiRead.Operation]
        do throws(MultiRead.Failure) {
            operations = try MultiRead(decoding: body).operations
        } catch {
            let trailer = error == .onlyWrites ? MultiHeader.end.encoded() : []
            return reply(xid, error: .marshallingError, trailer)
        }
        var results = JuteEncoder(capacity: 256)
        var outcome = ErrorCode.ok
        for operation in operations {
            guard !operation.path.isNull else {
                outcome = .marshallingError
                break
            }
            do throws(ErrorCode) {
                let node = try node(operation.path, .read, connection, view)
                let size = operation.read == .getChildren ? view.childrenSize(node) : view.dataSize(node)
                // One small request may ask for the same large znode many thousand times.
                guard results.count + size <= terms.limits.outputLimitBytes else {
                    return doom(connection, .outputLimit)
                }
                results.write(MultiHeader(type: operation.read.rawValue, done: false, err: .ok))
                append(operation.read, node, view, to: &results)
            } catch {
                results.write(MultiHeader(type: OpCode.error.rawValue, done: false, err: error))
                results.write(ErrorResponse(err: error))
            }
        }
        results.write(MultiHeader.end)
        reply(xid, error: outcome, results.bytes)
    }

    private func append(_ read: ReadOperation, _ node: NodeRef, _ view: ReadView, to results: inout JuteEncoder) {
        guard read == .getChildren else { return unsafe results.writeRaw(node.dataAndStat) }
        let size = view.childrenSize(node)
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 8)
        defer { unsafe scratch.deallocate() }
        var cursor = unsafe OutputCursor(scratch)
        let fitted = view.writeChildren(node, into: &cursor)
        precondition(fitted, "\(node.childCount) children need more than \(size) bytes")
        unsafe results.writeRaw(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(scratch)[..<cursor.position]))
    }

    // MARK: - Watches

    private func addWatch(_ request: AddWatchRequest, _ connection: ClientConnection) throws(ErrorCode) -> [UInt8] {
        switch request.mode {
        case 0:
            addWatch(connection, request.path.bytes.span, .data, .persistent)
            addWatch(connection, request.path.bytes.span, .child, .persistent)
        case 1: addWatch(connection, request.path.bytes.span, .data, .recursive)
        default: throw .marshallingError
        }
        return ErrorResponse(err: .ok).encoded()
    }

    private func checkWatches(
        _ request: CheckWatchesRequest, _ connection: ClientConnection
    ) throws(ErrorCode) -> [UInt8] {
        guard let type = WatcherType(rawValue: request.type) else { throw .marshallingError }
        let slot = UInt32(connection.id.slot)
        guard watches.contains(request.path.bytes.span, type, connection: slot) else { throw .noWatcher }
        return []
    }

    private func removeWatches(
        _ request: RemoveWatchesRequest, _ connection: ClientConnection
    ) throws(ErrorCode) -> [UInt8] {
        guard let type = WatcherType(rawValue: request.type) else { throw .marshallingError }
        let slot = UInt32(connection.id.slot)
        guard watches.remove(request.path.bytes.span, type, connection: slot) else { throw .noWatcher }
        return []
    }
}
