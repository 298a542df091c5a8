// What was handed to the disk and what hangs on its completion.

import DequeModule
import Jute

/// Numbers the operations given to the disk and remembers what may be said once they are durable (I1, I2).
///
/// The disk works off one queue in order, so "durable through ticket t" covers everything handed over earlier, in
/// whatever role: changing roles never reorders disk operations, it only forgets what was to be said.
struct DiskLedger: Equatable, Sendable {
    /// What durability allows.
    enum Consequence: Equatable, Sendable {
        /// As follower: acknowledge the proposal. As leader: count the own acknowledgement.
        case ackProposal(Zxid)
        /// As learner: promise the epoch. `previous` is nil when it had been promised before.
        case ackEpoch(currentEpoch: Epoch?)
        /// As learner: acknowledge NEWLEADER.
        case ackNewLeader(Epoch)
        /// As leader: announce the epoch.
        case announceEpoch(Epoch)
        /// As leader: count the own NEWLEADER acknowledgement.
        case countNewLeader
    }

    private(set) var lastTicket = DiskTicket(rawValue: 0)
    private var waiting: Deque<Waiting> = []

    private struct Waiting: Equatable, Sendable {
        let ticket: DiskTicket
        let consequence: Consequence
    }

    mutating func issue(_ consequence: Consequence?) -> DiskTicket {
        lastTicket = DiskTicket(rawValue: lastTicket.rawValue + 1)
        if let consequence { waiting.append(Waiting(ticket: lastTicket, consequence: consequence)) }
        return lastTicket
    }

    /// The next of what is allowed now that everything through `ticket` is durable, in order; nil after the last.
    mutating func settle(through ticket: DiskTicket) -> Consequence? {
        guard let head = waiting.first, head.ticket <= ticket else { return nil }
        waiting.removeFirst()
        return head.consequence
    }

    /// Whether the next of what is allowed acknowledges a proposal.
    func allowsAcknowledgement(through ticket: DiskTicket) -> Bool {
        guard let head = waiting.first, head.ticket <= ticket else { return false }
        return if case .ackProposal = head.consequence { true } else { false }
    }

    /// The role that wanted to say something is over.
    mutating func forgetConsequences() { waiting.removeAll() }
}
