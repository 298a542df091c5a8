// The leader's learners by connection. Separate because every packet and every proposal asks it: a search in a small
// sorted array costs a fraction of a hash table's.

/// In the order of their connections. Links are numbered upwards, so a new one always goes to the end.
struct LearnerTable: Equatable, Sendable {
    private(set) var links: [LearnerLinkID] = []
    private var peers: [LearnerPeer] = []

    var count: Int { links.count }
    var indices: Range<Int> { links.indices }
    var values: [LearnerPeer] { peers }

    mutating func insert(_ link: LearnerLinkID, _ peer: LearnerPeer) {
        precondition(links.last.map { $0.rawValue < link.rawValue } ?? true, "link \(link.rawValue) is used again")
        links.append(link)
        peers.append(peer)
    }

    @discardableResult
    mutating func remove(_ link: LearnerLinkID) -> LearnerPeer? {
        guard let index = index(of: link) else { return nil }
        links.remove(at: index)
        return peers.remove(at: index)
    }

    func index(of link: LearnerLinkID) -> Int? {
        var low = 0
        var high = links.count
        while low < high {
            let middle = low + (high - low) / 2
            if links[middle].rawValue < link.rawValue { low = middle + 1 } else { high = middle }
        }
        return low < links.count && links[low].rawValue == link.rawValue ? low : nil
    }

    /// By place, which holds until the next insertion or removal.
    subscript(index: Int) -> LearnerPeer {
        _read { yield peers[index] }
        _modify { yield &peers[index] }
    }

    /// A learner that is known to be connected.
    subscript(link: LearnerLinkID) -> LearnerPeer {
        _read { yield peers[place(of: link)] }
        _modify { yield &peers[place(of: link)] }
    }

    private func place(of link: LearnerLinkID) -> Int {
        guard let index = index(of: link) else { preconditionFailure("no learner on link \(link.rawValue)") }
        return index
    }
}
