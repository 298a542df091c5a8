// Whether a request may speak for a session, and the listing of the `dump` word.

public import Jute

extension SessionExpiry {
    /// Whether a request that came by `owner` may act for the session. The first owner to ask becomes the owner.
    /// - Throws: `sessionExpired` if unknown or closing, `sessionMoved` if another owner has it.
    public mutating func check(_ id: SessionID, owner: SessionOwner) throws(ErrorCode) {
        switch standing(of: id, askedBy: owner) {
        case .owned: break
        case .moved: throw .sessionMoved
        case .closing: throw .sessionExpired
        case nil: if !isForeign(id) { throw .sessionExpired }
        }
    }

    /// As `check`, and the session must be known to the whole ensemble.
    ///
    /// A session that another server issued and that is unknown here is local there. (ZooKeeper's leader takes it for
    /// expired; its learners then tell their clients the error that is thrown here, but for a multi.)
    /// - Throws: also `ephemeralOnLocalSession`.
    public mutating func checkGlobal(_ id: SessionID, owner: SessionOwner) throws(ErrorCode) {
        guard contains(id) else { throw isForeign(id) ? .ephemeralOnLocalSession : .sessionExpired }
        try check(id, owner: owner)
        if isLocal(id) { throw .ephemeralOnLocalSession }
    }

    /// A client re-attached through `owner`: the session is touched and moves there. False if unknown or closing.
    public mutating func revalidate(_ id: SessionID, timeout: Int32, owner: SessionOwner, now: Int64) -> Bool {
        guard touch(id, timeout: timeout, now: now) else { return false }
        assign(owner, to: id)
        return true
    }

    /// Deadlines with their local or their global sessions, both ascending; for the `dump` word.
    public func deadlines(local: Bool) -> [SessionDeadline] {
        var sets: [Int64: [SessionID]] = [:]
        forEachSession { id, deadline, isClosing, isLocal in
            if !isClosing, isLocal == local { sets[deadline, default: []].append(id) }
        }
        return sets.keys.sorted().map { SessionDeadline(deadline: $0, sessions: (sets[$0] ?? []).sorted()) }
    }
}

/// Sessions that expire at the same moment, unless they are heard from.
public struct SessionDeadline: Equatable, Sendable {
    /// Milliseconds of the clock that the sessions are tracked by.
    public let deadline: Int64
    public let sessions: [SessionID]
}
