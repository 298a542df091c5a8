// What a server's disk holds, kept beside the disk: what recovery must find again, and what quorums stand on.

import Jute
import Replica
import Zab

/// The account of one server's log and current epoch. It survives a crash, as the disk does.
struct LogAccount {
    /// The histories the log may hold after a crash, newest last: truncations and snapshots begin another.
    private var possible: [[HistoryEntry]] = [[]]
    /// The history that is in the log whatever happens.
    private(set) var durable: [HistoryEntry] = []
    /// The current epoch that is on the disk whatever happens.
    private(set) var durableEpoch = Epoch.none
    private var acceptedEpoch = Epoch.none
    /// The highest current epoch that may be on the disk.
    private var queuedEpoch = Epoch.none
    /// The end of the history that stood before that epoch in the queue.
    private var claim: (epoch: Epoch, end: HistoryEntry?)?
    /// Truncations and installations the disk has not reported as done.
    private var openCuts = 0
    /// The last transaction each snapshot of the own tree may show.
    private var shownBySnapshot: [Zxid: Zxid] = [:]

    /// An operation entered the disk's queue. Returns the entry of an append, or what is wrong.
    mutating func enqueue(_ operation: DiskOperation, snapshot: [HistoryEntry]?) -> Result<HistoryEntry?, Wrong> {
        switch operation {
        case .append(let proposal):
            let last = possible.count - 1
            let entry = HistoryEntry.next(
                after: possible[last].last, zxid: proposal.zxid, payload: proposal.payload)
            possible[last].append(entry)
            return .success(entry)
        case .truncate(let zxid):
            guard let held = possible.last!.prefix(through: zxid) else {
                return .failure(Wrong("is to truncate to \(zxid), not in its log"))
            }
            begin(held)
        case .installSnapshot: begin(snapshot!)
        case .setCurrentEpoch(let epoch) where epoch > queuedEpoch:
            queuedEpoch = epoch
            claim = (epoch, possible.last!.last)
        case .setCurrentEpoch: break
        case .setAcceptedEpoch(let epoch):
            // Who has promised an epoch never joins an older one (I4).
            if epoch < acceptedEpoch { return .failure(Wrong("accepts epoch \(epoch) after \(acceptedEpoch) (I4)")) }
            acceptedEpoch = epoch
        }
        return .success(nil)
    }

    private mutating func begin(_ history: [HistoryEntry]) {
        possible.append(history)
        openCuts += 1
        // What an epoch claims may be cut off by a later leader.
        claim = nil
    }

    /// The disk has reported an operation as done. `entry` is that of an append, `snapshot` what was installed.
    mutating func complete(_ operation: DiskOperation, entry: HistoryEntry?, snapshot: [HistoryEntry]?) {
        switch operation {
        case .append: durable.append(entry!)
        case .truncate(let zxid):
            durable = durable.prefix(through: zxid) ?? []
            shownBySnapshot = shownBySnapshot.filter { $0.key <= zxid }
            openCuts -= 1
        case .installSnapshot:
            shownBySnapshot = [:]
            durable = snapshot!
            openCuts -= 1
        case .setCurrentEpoch(let epoch): durableEpoch = epoch
        case .setAcceptedEpoch: break
        }
    }

    /// The disk has refused the oldest truncation it was handed and keeps the history from before.
    mutating func refuseCut() {
        possible.remove(at: possible.count - openCuts)
        openCuts -= 1
    }

    /// The server has started with the history that ends at `end`. Returns that history, or what is wrong.
    mutating func recover(endingAt end: Zxid, epoch: Epoch, accepted: Epoch) -> Result<[HistoryEntry], Wrong> {
        guard let held = possible.reversed().lazy.compactMap({ $0.prefix(through: end) }).first else {
            return .failure(Wrong("recovered \(end), which was never the end of its log"))
        }
        // What was reported durable survives every crash (I1).
        if openCuts == 0, let last = durable.last, !held.contains(last, at: durable.count - 1) {
            return .failure(Wrong("recovered \(end), \(last.zxid) was durable (I1)"))
        }
        // An epoch on disk has its history on disk (I2). That of the last transaction claims nothing more: recovery
        // falls back to it when the crash came before the epoch was written.
        if let claim, epoch >= claim.epoch, epoch > end.epoch, let last = claim.end,
            held.prefix(through: last.zxid)?.last != last
        {
            return .failure(Wrong("recovered epoch \(epoch) without \(last.zxid), which it claims (I2)"))
        }
        possible = [held]
        durable = held
        durableEpoch = epoch
        queuedEpoch = epoch
        acceptedEpoch = accepted
        claim = nil
        openCuts = 0
        return .success(held)
    }

    /// What is wrong with a snapshot that shows this history and gets its name now: once named it may stand for the log,
    /// so the log must hold all it shows (I1).
    func problem(ofSnapshotShowing shown: [HistoryEntry]) -> Wrong? {
        guard let last = shown.last, !durable.contains(last, at: shown.count - 1) else { return nil }
        return Wrong("names a snapshot that shows \(last.zxid), not durable (I1)")
    }

    mutating func named(_ zxid: Zxid, shown: [HistoryEntry]) { shownBySnapshot[zxid] = shown.last?.zxid ?? .zero }

    /// What is wrong with cutting the history after `zxid`: a snapshot that stays must show nothing of what goes, or
    /// recovery brings it back (I13).
    func problem(ofCutAfter zxid: Zxid) -> Wrong? {
        let names = shownBySnapshot.keys.sorted()
        guard let name = names.first(where: { $0 <= zxid && shownBySnapshot[$0]! > zxid }) else { return nil }
        return Wrong("cuts after \(zxid), snapshot \(name) shows up to \(shownBySnapshot[name]!) (I13)")
    }

    /// Why a server's account does not add up.
    struct Wrong: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }
}

extension [HistoryEntry] {
    func contains(_ entry: HistoryEntry, at index: Int) -> Bool { index < count && self[index] == entry }
}
