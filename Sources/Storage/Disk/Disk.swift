// The only door to durable bytes. Everything above is generic over it, so that a simulated disk can lose and tear
// exactly what a real one may.

/// How a file is opened.
public enum OpenMode: Hashable, Sendable {
    /// It must exist; only reading.
    case read
    /// It must exist; reading and writing.
    case update
    /// Made anew, or emptied if it exists.
    case create
}

/// One directory. Calls block; each is atomic in memory but *not* on the medium: bytes are durable after
/// `DiskFile.sync`, entries (made, renamed, removed) after `syncDirectory`.
///
/// A conformer may be used by several threads; each open file belongs to one.
public protocol Disk: Sendable {
    associatedtype File: DiskFile

    /// Where this is, for messages.
    var path: String { get }
    /// The names of all entries in no particular order.
    func list() throws(StorageError) -> [String]
    /// Nil when there is no such file.
    func size(of name: String) throws(StorageError) -> Int?
    func open(_ name: String, _ mode: OpenMode) throws(StorageError) -> File
    /// Replaces `to` at once if it exists.
    func rename(_ name: String, to: String) throws(StorageError)
    func remove(_ name: String) throws(StorageError)
    func syncDirectory() throws(StorageError)
}

/// An open file. Positions and sizes are in bytes. It closes when dropped.
public protocol DiskFile: AnyObject {
    var name: String { get }
    func size() throws(StorageError) -> Int
    /// Fills `buffer` from index `start` to its end with the file's bytes from `offset` on, and returns how many there
    /// were: fewer than there is room for only at the end of the file.
    func read(at offset: Int, into buffer: inout [UInt8], from start: Int) throws(StorageError) -> Int
    /// Where bytes other than zero may stand next, at `offset` or behind it; nil when only zeros follow. A disk that knows
    /// no better says `offset`.
    func nextData(from offset: Int) throws(StorageError) -> Int?
    /// Writes all of `bytes`. Bytes between the old end and `offset` read as zero.
    func write(_ bytes: Span<UInt8>, at offset: Int) throws(StorageError)
    func truncate(to size: Int) throws(StorageError)
    /// Makes content and size durable (`fdatasync`); not the name.
    func sync() throws(StorageError)
}

extension Disk {
    /// Everything in a small file; nil when it does not exist.
    func contents(of name: String) throws(StorageError) -> [UInt8]? {
        guard let size = try size(of: name) else { return nil }
        let file = try open(name, .read)
        return try file.read(at: 0, count: size)
    }

    /// Replaces a small file so that, after a crash at any point, it holds the old content or the new.
    func replace(_ name: String, with bytes: [UInt8]) throws(StorageError) {
        let temporary = name + ".tmp"
        let file = try open(temporary, .create)
        try file.write(bytes.span, at: 0)
        try file.sync()
        try rename(temporary, to: name)
        try syncDirectory()
    }
}

extension DiskFile {
    public func nextData(from offset: Int) throws(StorageError) -> Int? { offset }

    /// At most `count` bytes from `offset` on, fewer at the end of the file.
    func read(at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = try read(at: offset, into: &bytes, from: 0)
        if got < count { bytes.removeLast(count - got) }
        return bytes
    }
}
