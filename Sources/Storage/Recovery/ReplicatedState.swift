// What recovery needs of the state it rebuilds. Storage knows no znodes: to it a state is something with a last zxid.

public import Jute

/// The replicated state as recovery sees it. Errors are `StorageError.undecodable` for bytes it cannot accept, or
/// whatever reading the source threw.
public protocol ReplicatedState {
    /// What is needed to make one: hash seeds, feature switches.
    associatedtype Settings

    /// The state of a new server, last zxid 0.
    static func empty(_ settings: Settings) -> Self

    /// Reads the tree stream and nothing behind it; afterwards `lastZxid` is `zxid`. The state may still be thrown
    /// away, as the seals are checked later.
    static func restore(
        from source: inout SnapshotSource, zxid: Zxid, _ settings: Settings, _ readAhead: any ReadAhead
    ) throws(StorageError) -> Self

    /// The seals were right; this is what stood behind the tree.
    mutating func didRestore(_ trailer: SnapshotTrailer)

    /// What the log is read ahead by, given what there is: what else can be done ahead of `replay` may be added.
    func readAhead(_ given: any ReadAhead) -> any ReadAhead

    /// Applies a logged transaction, which a fuzzy snapshot may contain already.
    mutating func replay(_ zxid: Zxid, _ payload: Span<UInt8>) throws(StorageError)

    var lastZxid: Zxid { get }

    /// Gives the tree stream in pieces, for the snapshot of a new server.
    func serialize(_ write: ([UInt8]) throws(StorageError) -> Void) throws(StorageError)
}

extension ReplicatedState {
    public mutating func didRestore(_ trailer: SnapshotTrailer) {}
    public func readAhead(_ given: any ReadAhead) -> any ReadAhead { given }
}
