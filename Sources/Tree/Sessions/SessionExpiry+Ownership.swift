// Whether a request may speak for a session, and the listing of the `dump` word.

package import Jute

extension SessionExpiry {
    /// Whether a request that came by `owner` may act for the session. The first owner to ask becomes the owner.
    /// - Throws: `sessionExpired` if unknown or closing, `sessionMoved` if another owner has it.
    package mutating func check(_ id: SessionID, owner: SessionOwner) throws(ErrorCode) {
        switch standing(of: id, askedBy: owner) {
        case .owned: break
        case .moved: throw .sessionMoved
        case .closing: throw .sessionExpired
        case nil: if !isForeign(id) { throw .sessionExpired }
        }
    }

    /// As `check`, and the session must be known to the whole ensemble.
    /// - Throws: also `ephemeralOnLocalSession`.
    package mutating func checkGlobal(_ id: SessionID, owner: SessionOwner) throws(ErrorCode) {
        guard contains(id) else { throw .sessionExpired }
        try check(id, owner: owner)
        if isLocal(id) { throw .ephemeralOnLocalSession }
    }

    /// A client re-attached through `owner`: the session is touched and moves there. False if unknown or closing.
    package mutating func revalidate(_ id: SessionID, timeout: Int32, owner: SessionOwner, now: Int64) -> Bool {
        guard touch(id, timeout: timeout, now: now) else { return false }
        assign(owner, to: id)
        return true
    }

    /// Deadlines with their sessions, both ascending; for the `dump` word.
    package var deadlines: [(deadline: Int64, sessions: [SessionID])] {
        var sets: [Int64: [SessionID]] = [:]
        forEachSession { id, deadline, isClosing in
            if !isClosing { sets[deadline, default: []].append(id) }
        }
        return sets.keys.sorted().map { (deadline: $0, sessions: (sets[$0] ?? []).sorted()) }
    }
}
