// A write becomes a transaction or an error, under the next zxid. Only the leader prepares, one write after another.

public import Jute

/// Judges writes against the tree plus all outstanding changes (ZooKeeper 3.9, `PrepRequestProcessor`).
///
/// Deviations from the reference, none visible to a client that waits for replies: pending deletes at the end of a
/// session lower the parent's child count at once; a failed multi takes back everything it had noted, whatever the
/// failure; a container or TTL node is deleted by the cleaner only if it still is one.
public struct TxnPreparer: Sendable {
    public let options: PreparerOptions
    public internal(set) var changes: OutstandingChanges

    public init(options: PreparerOptions) {
        self.options = options
        changes = OutstandingChanges(tracksDigest: options.writesDigest, extendedTypes: options.extendedTypes)
    }

    /// One write in preparation.
    struct Turn {
        let request: WriteRequest
        let owner: SessionOwner
        let zxid: Zxid
        /// The leader's wall clock, milliseconds.
        let time: Int64
    }

    /// Prepares one write.
    /// - Parameters:
    ///   - owner: the path the request came by, compared with the session's owner.
    ///   - zxid: used up by `.txn`, errors included; still free after `.refused`.
    ///   - time: the wall clock in milliseconds, written into the transaction.
    ///   - now: the clock of `sessions`, milliseconds.
    ///   - sessions: a createSession is tracked and a closeSession marked at once.
    @specialized(where Tree == DataTree)
    public mutating func prepare<Tree: TreeReader>(
        _ request: WriteRequest, from owner: SessionOwner, zxid: Zxid, time: Int64, now: Int64,
        tree: Tree, sessions: inout SessionExpiry
    ) -> Prepared {
        changes.catchUp(with: tree)
        let turn = Turn(request: request, owner: owner, zxid: zxid, time: time)
        let decoded: Decoded
        do throws(ErrorCode) {
            decoded = try Decoded(request)
        } catch {
            return .refused(error)
        }
        let body: TxnBody
        do throws(ErrorCode) {
            switch decoded {
            case .create(let opCode, let create):
                body = try change(createOperation(opCode, create), turn, tree, &sessions)
            case .createTTL(let create): body = try change(createOperation(create), turn, tree, &sessions)
            case .operation(let operation): body = try change(operation, turn, tree, &sessions)
            case .multi(let multi): body = try self.multi(multi, turn, tree, &sessions)
            case .createSession: body = try createSession(turn, now, &sessions)
            case .closeSession: body = closeSession(turn, tree, &sessions)
            case .reconfig: throw .reconfigDisabled
            }
        } catch {
            changes.rollBack()
            body = .error(ErrorTxn(err: error))
        }
        return .txn(record(body, turn))
    }

    private func record(_ body: TxnBody, _ turn: Turn) -> TxnRecord {
        let header = TxnHeader(
            clientId: turn.request.session, cxid: turn.request.cxid, zxid: turn.zxid, time: turn.time,
            type: body.opCode.rawValue)
        return TxnRecord(header: header, body: body, digest: carriesDigest(body) ? digest : nil)
    }

    private var digest: TxnDigest {
        TxnDigest(version: TxnDigest.currentVersion, treeDigest: Int64(bitPattern: changes.digest))
    }

    /// Errors carry none; a session's end without a path list must not, its readers could not tell them apart.
    private func carriesDigest(_ body: TxnBody) -> Bool {
        switch body {
        case .error, .closeSession(nil): false
        default: options.writesDigest
        }
    }

    /// One change, alone or inside a multi.
    enum Operation {
        case create(CreateOperation, TxnBody.CreateForm)
        case delete(DeleteRequest)
        case deleteContainer(UString)
        case setData(SetDataRequest)
        case setACL(SetACLRequest)
        case check(CheckVersionRequest)
    }

    mutating func change(
        _ operation: Operation, _ turn: Turn, _ tree: some TreeReader, _ sessions: inout SessionExpiry
    ) throws(ErrorCode) -> TxnBody {
        switch operation {
        case .create(let create, let form): try self.create(create, form, turn, tree, &sessions)
        case .delete(let request): try delete(request, turn, tree, &sessions)
        case .deleteContainer(let path): try deleteContainer(path, turn, tree)
        case .setData(let request): try setData(request, turn, tree, &sessions)
        case .setACL(let request): try setACL(request, turn, tree, &sessions)
        case .check(let request): try check(request, turn, tree, &sessions)
        }
    }
}
