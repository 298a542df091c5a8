package import Jute
package final class DataTree { package init() {}
 package var lastProcessedZxid = Zxid(0); package var sessions: [SessionID: Int32] = [:]; package var sessionsWithEphemerals: [SessionID] = [] }
package struct SessionIDGenerator { package init(server: ServerID, nowMs: Int64) {} ; package mutating func next() -> SessionID { SessionID(1) } }
package struct PreparationOptions: Sendable { package init() {} }
package struct WriteRequest: Sendable, Hashable { package var session: SessionID; package var cxid: Xid; package var opCode: Int32; package var body: [UInt8]; package var identities: [Id]
 package init(session: SessionID, cxid: Xid, opCode: Int32, body: [UInt8], identities: [Id]) { self.session = session; self.cxid = cxid; self.opCode = opCode; self.body = body; self.identities = identities }
 package init(decoding: [UInt8], identities: [Id]) throws(JuteError) { throw .truncated }
 package func encoded() -> [UInt8] { [] } }
package enum Prepared { case txn(TxnRecord); case refused(ErrorCode) }
package struct TxnPreparer { package init(options: PreparationOptions) {}
 package mutating func prepare(_ r: WriteRequest, zxid: Zxid, time: Int64, owner: UInt64, tree: DataTree, sessions: inout SessionExpiry, now: Int64) -> Prepared { .refused(.ok) } }
package struct SessionExpiry { package init(tickTimeMs: Int64) {}
 package mutating func reattach(_ s: SessionID, timeoutMs: Int32, owner: UInt64, now: Int64) -> Bool { true }
 package mutating func touch(_ s: SessionID, timeoutMs: Int32, now: Int64) {}
 package mutating func expire(now: Int64) -> [SessionID] { [] }
 package mutating func begin(with: [SessionID: Int32], now: Int64) {}
}
