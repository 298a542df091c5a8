// When sessions end. The leader keeps one for all global sessions, any server one for its local sessions.
// Pure: milliseconds of a monotonic clock are passed in, closing is left to the caller.

public import Jute

/// The path by which a session's requests arrive: a number the caller gives to a learner's link or to a worker.
public struct SessionOwner: Hashable, Sendable {
    public let rawValue: UInt64
    public init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// Deadlines of sessions, rounded up to whole ticks (ZooKeeper, `SessionTrackerImpl` and `ExpiryQueue`).
///
/// A session touched at `t` with timeout `s` becomes due after `t + s` and no later than `t + s + tickTime`.
/// Touching costs no search: a session stays in the bucket it was put in and moves on when that bucket is due.
public struct SessionExpiry: Equatable, Sendable {
    /// In an order that leaves no gaps: 32 bytes.
    private struct Session: Equatable {
        var owner: SessionOwner?
        var isClosing = false
        var isLocal: Bool
        var timeout: Int32
        var deadline: Int64
        /// The bucket that lists the session; entries in other buckets are stale.
        var bucket: Int64
    }

    private let tickTime: Int64
    /// Set where sessions of other servers may be unknown here: their top bytes differ from this server's id.
    private let foreignToServer: ServerID?
    private var sessions: [SessionID: Session] = [:]
    private var buckets: [Int64: [SessionID]] = [:]
    /// How many of them are local.
    public private(set) var localCount = 0

    /// - Parameters:
    ///   - tickTime: milliseconds, at least 1.
    ///   - foreignToServer: this server's id if the ensemble allows local sessions, so that unknown sessions
    ///     issued by other servers pass `check`; nil otherwise.
    public init(tickTime: Int32, foreignToServer: ServerID? = nil) {
        precondition(tickTime > 0, "tick of \(tickTime) ms")
        self.tickTime = Int64(tickTime)
        self.foreignToServer = foreignToServer
    }

    public var count: Int { sessions.count }
    public func contains(_ id: SessionID) -> Bool { sessions[id] != nil }
    public func isClosing(_ id: SessionID) -> Bool { sessions[id]?.isClosing ?? false }
    public func isLocal(_ id: SessionID) -> Bool { sessions[id]?.isLocal ?? false }
    /// Milliseconds.
    public func timeout(of id: SessionID) -> Int32? { sessions[id]?.timeout }
    public func owner(of id: SessionID) -> SessionOwner? { sessions[id]?.owner }

    private func deadline(_ now: Int64, _ timeout: Int32) -> Int64 {
        ((now + Int64(timeout)) / tickTime + 1) * tickTime
    }

    /// Starts or touches a session. A local session that is tracked as global becomes global.
    public mutating func track(_ id: SessionID, timeout: Int32, now: Int64, isLocal: Bool = false) {
        if let place = sessions.index(forKey: id) {
            guard touch(id, timeout: timeout, now: now), !isLocal, sessions.values[place].isLocal else { return }
            sessions.values[place].isLocal = false
            localCount -= 1
            return
        }
        let deadline = deadline(now, timeout)
        sessions[id] = Session(isLocal: isLocal, timeout: timeout, deadline: deadline, bucket: deadline)
        if isLocal { localCount += 1 }
        buckets[deadline, default: []].append(id)
    }

    /// A sign of life. False if the session is unknown or closing.
    @discardableResult
    public mutating func touch(_ id: SessionID, timeout: Int32? = nil, now: Int64) -> Bool {
        guard let index = sessions.index(forKey: id), !sessions.values[index].isClosing else { return false }
        if let timeout { sessions.values[index].timeout = timeout }
        let deadline = deadline(now, sessions.values[index].timeout)
        sessions.values[index].deadline = deadline
        if deadline < sessions.values[index].bucket {
            sessions.values[index].bucket = deadline
            buckets[deadline, default: []].append(id)
        }
        return true
    }

    /// Sessions whose time is over, marked closing; the caller proposes their end. Each is named once, in order of
    /// deadline.
    public mutating func expire(now: Int64) -> [SessionID] {
        var due: [SessionID] = []
        for bucket in buckets.keys.filter({ $0 <= now }).sorted() {
            for id in buckets.removeValue(forKey: bucket) ?? [] {
                guard let index = sessions.index(forKey: id), sessions.values[index].bucket == bucket,
                    !sessions.values[index].isClosing
                else { continue }
                let deadline = sessions.values[index].deadline
                if deadline <= now {
                    sessions.values[index].isClosing = true
                    due.append(id)
                } else {
                    sessions.values[index].bucket = deadline
                    buckets[deadline, default: []].append(id)
                }
            }
        }
        return due
    }

    /// From now on the session's requests fail with `sessionExpired`; its close is on the way.
    public mutating func markClosing(_ id: SessionID) { sessions[id]?.isClosing = true }

    public mutating func remove(_ id: SessionID) {
        if let removed = sessions.removeValue(forKey: id), removed.isLocal { localCount -= 1 }
    }

    public mutating func assign(_ owner: SessionOwner, to id: SessionID) { sessions[id]?.owner = owner }

    /// Whether `owner` may act for the session, asked once for every write: one search. A session without an owner is
    /// its from now on. Nil if the session is unknown.
    mutating func standing(of id: SessionID, askedBy owner: SessionOwner) -> Standing? {
        guard let index = sessions.index(forKey: id) else { return nil }
        if sessions.values[index].isClosing { return .closing }
        if let current = sessions.values[index].owner { return current == owner ? .owned : .moved }
        sessions.values[index].owner = owner
        return .owned
    }

    enum Standing { case owned, moved, closing }

    /// Whether another server issued the id and may know the session as its local one.
    func isForeign(_ id: SessionID) -> Bool {
        guard let foreignToServer else { return false }
        return UInt64(bitPattern: id.rawValue) >> 56 != UInt64(bitPattern: foreignToServer.rawValue) & 0xff
    }

    func forEachSession(
        _ body: (_ id: SessionID, _ deadline: Int64, _ isClosing: Bool, _ isLocal: Bool) -> Void
    ) {
        for (id, session) in sessions { body(id, session.deadline, session.isClosing, session.isLocal) }
    }

    /// Forgets everything and gives each session a full timeout: a new leader knows nothing of earlier signs of life.
    public mutating func reset(sessions all: some Sequence<(SessionID, Int32)>, now: Int64) {
        sessions.removeAll(keepingCapacity: true)
        buckets.removeAll(keepingCapacity: true)
        localCount = 0
        for (id, timeout) in all { track(id, timeout: timeout, now: now) }
    }
}
