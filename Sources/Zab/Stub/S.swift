package import Jute
package struct QuorumVerifier: Equatable, Sendable { package var voters: Set<ServerID>; package func isQuorum(_ s: Set<ServerID>) -> Bool { s.count > voters.count/2 } }
package struct Membership: Equatable, Sendable { package var verifier: QuorumVerifier; package var version: Int64; package var text: [UInt8] }
package struct Vote: Equatable, Sendable { package var leader: ServerID; package var zxid: Zxid; package var peerEpoch: Epoch
 package init(leader: ServerID, zxid: Zxid, peerEpoch: Epoch) { self.leader = leader; self.zxid = zxid; self.peerEpoch = peerEpoch } }
package enum ElectionAction: Equatable, Sendable { case send(Notification, to: ServerID); case elected(Vote) }
package struct Election: Equatable, Sendable {
 package var round: Int64 = 0
 package init(id: ServerID, membership: Membership, notificationIntervalMs: ClosedRange<Int64>) {}
 package mutating func start(vote: Vote?, now: Int64) -> [ElectionAction] { [] }
 package mutating func receive(_ n: Notification, from: ServerID, now: Int64) -> [ElectionAction] { [] }
 package mutating func tick(now: Int64) -> [ElectionAction] { [] }
 package mutating func becameEstablished(epoch: Epoch) {}
}
