// The protocol's numbers, each a type of its own so that none can stand in for another.

/// A transaction's place in the one history: epoch in the high 32 bits, counter in the low 32.
public struct Zxid: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable public init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// The zxid with this counter in `epoch`; counter 0 is the number of the epoch's NEWLEADER, never a transaction.
    @inlinable public init(epoch: Epoch, counter: UInt32) {
        rawValue = epoch.rawValue << 32 | Int64(counter)
    }

    public static let zero = Zxid(0)
    /// A server without any database (ZooKeeper reports -1 as its last zxid).
    public static let none = Zxid(-1)

    /// Arithmetic shift, as upstream obtains it.
    @inlinable public var epoch: Epoch { Epoch(rawValue >> 32) }
    @inlinable public var counter: UInt32 { UInt32(truncatingIfNeeded: rawValue) }

    /// The zxid of the next transaction of the same epoch. The counter must not be at its end.
    @inlinable public var next: Zxid {
        precondition(counter < .max, "counter of epoch \(epoch) is used up")
        return Zxid(rawValue + 1)
    }

    @inlinable public static func == (a: Zxid, b: Zxid) -> Bool { a.rawValue == b.rawValue }
    // All of them: what Comparable would add is a call for each comparison.
    @inlinable public static func < (a: Zxid, b: Zxid) -> Bool { a.rawValue < b.rawValue }
    @inlinable public static func <= (a: Zxid, b: Zxid) -> Bool { a.rawValue <= b.rawValue }
    @inlinable public static func > (a: Zxid, b: Zxid) -> Bool { a.rawValue > b.rawValue }
    @inlinable public static func >= (a: Zxid, b: Zxid) -> Bool { a.rawValue >= b.rawValue }
    public var description: String { "0x" + String(UInt64(bitPattern: rawValue), radix: 16) }
}

/// The reign of one leader. 32 bits are used on the wire; kept in 64, -1 meaning none.
public struct Epoch: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable public init(_ rawValue: Int64) { self.rawValue = rawValue }
    public static let none = Epoch(-1)
    /// The zxid of this epoch's NEWLEADER.
    @inlinable public var start: Zxid { Zxid(epoch: self, counter: 0) }
    @inlinable public static func == (a: Epoch, b: Epoch) -> Bool { a.rawValue == b.rawValue }
    @inlinable public static func < (a: Epoch, b: Epoch) -> Bool { a.rawValue < b.rawValue }
    public var description: String { String(rawValue) }
}

/// A client session. The top byte is the id of the server that created it.
public struct SessionID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable public init(_ rawValue: Int64) { self.rawValue = rawValue }
    public static let none = SessionID(0)
    @inlinable public static func == (a: SessionID, b: SessionID) -> Bool { a.rawValue == b.rawValue }
    @inlinable public static func < (a: SessionID, b: SessionID) -> Bool { a.rawValue < b.rawValue }
    public var description: String { "0x" + String(UInt64(bitPattern: rawValue), radix: 16) }
}

/// A server of the ensemble (`myid`, sid).
public struct ServerID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int64
    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable public init(_ rawValue: Int64) { self.rawValue = rawValue }
    @inlinable public static func == (a: ServerID, b: ServerID) -> Bool { a.rawValue == b.rawValue }
    @inlinable public static func < (a: ServerID, b: ServerID) -> Bool { a.rawValue < b.rawValue }
    public var description: String { String(rawValue) }
}

/// A client's number for one request, echoed in the reply.
public struct Xid: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int32
    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
    @inlinable public init(_ rawValue: Int32) { self.rawValue = rawValue }
    public static let notification = Xid(-1)
    public static let ping = Xid(-2)
    public static let auth = Xid(-4)
    public static let setWatches = Xid(-8)
    public var description: String { String(rawValue) }
}
