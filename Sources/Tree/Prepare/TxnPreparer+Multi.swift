// All or nothing: several operations under one zxid. And the two transactions that concern sessions.

import Jute

extension TxnPreparer {
    /// The transaction of a multi. If an operation fails nothing is noted: the ones before it keep their form, it
    /// becomes its error, the rest `runtimeInconsistency`. A `marshallingError` spoils the whole request.
    mutating func multi(
        _ request: MultiWrite?, _ turn: Turn, _ tree: some TreeReader, _ sessions: inout SessionExpiry
    ) throws(ErrorCode) -> TxnBody {
        guard let request else { throw .marshallingError }
        var bodies: [TxnBody] = []
        bodies.reserveCapacity(request.operations.count)
        for operation in request.operations {
            do throws(ErrorCode) {
                bodies.append(try change(prepared(operation), turn, tree, &sessions))
            } catch {
                if error == .marshallingError { throw error }
                changes.rollBack()
                let rest = request.operations.count - bodies.count - 1
                bodies.append(.error(ErrorTxn(err: error)))
                bodies += [TxnBody](repeating: .error(ErrorTxn(err: .runtimeInconsistency)), count: rest)
                break
            }
        }
        return .multi(bodies)
    }

    private func prepared(_ operation: MultiWrite.Operation) -> Operation {
        switch operation {
        case .create(let create): .create(create, form(create.kind))
        case .delete(let request): .delete(request)
        case .setData(let request): .setData(request)
        case .check(let request): .check(request)
        }
    }

    private func form(_ kind: CreateOperation.Kind) -> TxnBody.CreateForm {
        switch kind {
        case .plain: .create
        case .plainWithStat: options.writesCreate2InMulti ? .create2 : .create
        case .container: .container
        case .ttl(let milliseconds): .ttl(milliseconds)
        }
    }

    /// A new session: its time runs from now on, though it exists only when the transaction is applied.
    func createSession(
        _ turn: Turn, _ now: Int64, _ sessions: inout SessionExpiry
    ) throws(ErrorCode) -> TxnBody {
        guard let txn = try? CreateSessionTxn(decoding: turn.request.body) else { throw .marshallingError }
        sessions.track(turn.request.session, timeout: txn.timeOut, now: now)
        sessions.assign(turn.owner, to: turn.request.session)
        return .createSession(txn)
    }

    /// The end of a session, asked for by its client or by its expiry; whoever asks, it ends.
    mutating func closeSession(
        _ turn: Turn, _ tree: some TreeReader, _ sessions: inout SessionExpiry
    ) -> TxnBody {
        let paths = changes.ephemerals(of: turn.request.session, in: tree)
        for path in paths {
            guard let parentPath = ZnodePath.parent(of: path), let parent = changes.node(at: parentPath, in: tree)
            else { continue }
            noteDelete(of: path, parent, at: parentPath, turn, tree)
        }
        sessions.markClosing(turn.request.session)
        return .closeSession(options.namesClosedPaths ? CloseSessionTxn(paths2Delete: paths) : nil)
    }
}
