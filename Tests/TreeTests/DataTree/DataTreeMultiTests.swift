// Multi transactions and the bodies of replies.

import Jute
import Testing
import Tree

@Suite struct DataTreeMultiTests {
    @Test func successAnswersOperationByOperation() {
        var history = History()
        let applied = history.commit(
            .multi([
                .create(CreateTxn(path: "/a", data: [1], acl: openACL, ephemeral: false, parentCVersion: 1)),
                .createTTL(CreateTTLTxn(path: "/t", data: [], acl: openACL, parentCVersion: 2, ttl: 10)),
                .setData(SetDataTxn(path: "/a", data: [2, 3], version: 1)),
                .check(CheckVersionTxn(path: "/a", version: 2)),
                .delete(DeleteTxn(path: "/a")),
            ]))
        guard case .multi(let results) = applied.result, case .created(_, let stat) = results[1].result,
            case .stat(let set) = results[2].result
        else {
            Issue.record("\(applied.result)")
            return
        }
        #expect(set.version == 1 && set.dataLength == 2 && stat.dataLength == 0)
        func header(_ type: OpCode) -> [UInt8] { MultiHeader(type: type.rawValue, done: false, err: .ok).encoded() }
        let pieces: [[UInt8]] = [
            header(.create), CreateResponse(path: "/a").encoded(),
            header(.create2), Create2Response(path: "/t", stat: stat).encoded(),
            header(.setData), set.encoded(), header(.check), header(.delete), MultiHeader.end.encoded(),
        ]
        #expect(applied.result.replyBody(for: .multi) == Array(pieces.joined()))
        #expect(
            applied.changes.map(\.kind) == [
                .created, .childrenChanged, .created, .childrenChanged, .dataChanged, .deleted, .childrenChanged,
            ])
        #expect(Set(applied.changes.map(\.zxid)) == [applied.zxid])
        #expect(history.tree.node(at: "/a") == nil)
    }

    @Test func failureChangesNothingAndListsErrors() {
        var history = History()
        let before = history.tree.sortedDump()
        let applied = history.commit(
            .multi([
                .error(ErrorTxn(err: .ok)), .error(ErrorTxn(err: .badVersion)),
                .error(ErrorTxn(err: .runtimeInconsistency)),
            ]))
        #expect(applied.result.error == .ok && applied.changes.isEmpty)
        #expect(history.tree.sortedDump() == before)
        let pieces = ([0, -103, -2] as [Int32]).map { code in
            MultiHeader(type: -1, done: false, err: ErrorCode(code)).encoded()
                + ErrorResponse(err: ErrorCode(code)).encoded()
        }
        #expect(applied.result.replyBody(for: .multi) == pieces.joined() + MultiHeader.end.encoded())
    }

    @Test func oneErrorAmongOthersKeepsAllFromBeingApplied() {
        var history = History()
        let applied = history.commit(
            .multi([.create(history.creation("/a")), .error(ErrorTxn(err: .noNode)), .create(history.creation("/b"))]))
        #expect(
            applied.result
                == .multi([
                    MultiResult(opCode: .error, result: .error(.ok)),
                    MultiResult(opCode: .error, result: .error(.noNode)),
                    MultiResult(opCode: .error, result: .error(.runtimeInconsistency)),
                ]))
        #expect(history.tree.nodeCount == 5)
    }

    @Test func emptyMultiIsJustTheTrailer() {
        var history = History()
        #expect(history.commit(.multi([])).result.replyBody(for: .multi) == MultiHeader.end.encoded())
    }

    @Test func typeOneAnswersWithThePathAlone() {
        var history = History()
        let result = history.create("/a").result
        guard case .created(let path, let stat) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(result.replyBody(for: .create) == CreateResponse(path: path).encoded())
        for type in [OpCode.create2, .createTTL, .createContainer] {
            #expect(result.replyBody(for: type) == Create2Response(path: path, stat: stat).encoded())
        }
        #expect(history.setData("/a", [1]).result.replyBody(for: .setData).count == Stat.encodedSize)
        #expect(history.delete("/a").result.replyBody(for: .delete).isEmpty)
        let refused = history.commit(.error(ErrorTxn(err: .noAuth))).result
        #expect(refused.error == .noAuth && refused.replyBody(for: .create).isEmpty)
    }
}
