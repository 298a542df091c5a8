// What clients may read: the value of every path after every committed transaction. Knows nothing of trees.

import Jute

/// The committed history as clients see it, built from the logged transactions alone.
struct CommittedModel {
    private struct State {
        let zxid: Zxid
        /// Nil where the path does not exist.
        let data: [UInt8]?
    }

    /// Each path's states in the order of the history.
    private var states: [UString: [State]] = [:]

    /// Takes the next transaction of the history. Only what the simulated clients write is understood.
    mutating func append(_ record: TxnRecord) {
        switch record.body {
        case .create(let txn), .create2(let txn): note(txn.path, record.zxid, txn.data ?? [])
        case .setData(let txn): note(txn.path, record.zxid, txn.data ?? [])
        case .delete(let txn): note(txn.path, record.zxid, nil)
        case .closeSession(let txn): for path in txn?.paths2Delete ?? [] { note(path, record.zxid, nil) }
        default: break
        }
    }

    private mutating func note(_ path: UString, _ zxid: Zxid, _ data: [UInt8]?) {
        states[path, default: []].append(State(zxid: zxid, data: data))
    }

    /// What `path` holds right after `zxid`; nil when it does not exist.
    func data(of path: UString, at zxid: Zxid) -> [UInt8]? { state(of: path, at: zxid)?.data }

    /// The last transaction up to `zxid` that changed `path`; zero when none did.
    func lastChange(of path: UString, upTo zxid: Zxid) -> Zxid { state(of: path, at: zxid)?.zxid ?? .zero }

    private func state(of path: UString, at zxid: Zxid) -> State? { states[path]?.last { $0.zxid <= zxid } }
}
