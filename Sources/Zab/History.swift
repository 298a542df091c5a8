// The one history as Zab sees it: transactions are bytes with a zxid.

public import DequeModule
public import Jute

/// A transaction on its way: what PROPOSAL and INFORM carry and what a log record holds.
public struct Proposal: Hashable, Sendable {
    public let zxid: Zxid
    /// Header, body and digest, encoded.
    public let payload: [UInt8]

    public init(zxid: Zxid, payload: [UInt8]) {
        self.zxid = zxid
        self.payload = payload
    }
}

/// The last committed transactions, kept in memory so that a learner that was away for a moment is brought up to
/// date by the difference alone.
///
/// Bounded in number and in bytes; the oldest go first. It holds no gap within an epoch: a transaction that does not
/// follow its predecessor empties the window first (a hole handed to a learner would be a hole in its history).
public struct CommittedWindow: Equatable, Sendable {
    private var proposals: Deque<Proposal> = []
    private var byteCount = 0
    private let maximumCount: Int
    private let maximumBytes: Int

    public init(maximumCount: Int, maximumBytes: Int) {
        precondition(maximumCount > 0 && maximumBytes > 0)
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
    }

    public var first: Zxid? { proposals.first?.zxid }
    public var last: Zxid? { proposals.last?.zxid }
    public var count: Int { proposals.count }

    public mutating func append(_ proposal: Proposal) {
        if let last, !Self.follows(proposal.zxid, last) { removeAll() }
        proposals.append(proposal)
        byteCount += proposal.payload.count
        while proposals.count > maximumCount || byteCount > maximumBytes, proposals.count > 1 {
            byteCount -= proposals.removeFirst().payload.count
        }
    }

    public mutating func removeAll() {
        proposals.removeAll()
        byteCount = 0
    }

    /// Forgets everything after `zxid`.
    public mutating func truncate(to zxid: Zxid) {
        while let last = proposals.last, last.zxid > zxid {
            byteCount -= last.payload.count
            proposals.removeLast()
        }
    }

    /// Whether a transaction numbered `next` may come right after `previous`: the next counter, or the first of a
    /// later epoch.
    public static func follows(_ next: Zxid, _ previous: Zxid) -> Bool {
        next.epoch == previous.epoch
            ? next.rawValue == previous.rawValue &+ 1
            : next.epoch > previous.epoch && next.counter == 1
    }

    /// The kept transactions in order, from the first one numbered at least `zxid`.
    public func proposals(from zxid: Zxid) -> Deque<Proposal>.SubSequence {
        var low = proposals.startIndex
        var high = proposals.endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if proposals[middle].zxid < zxid { low = middle + 1 } else { high = middle }
        }
        return proposals[low...]
    }
}
