// The bytes of a snapshot file around the tree stream, which stays opaque here (ZooKeeper 3.9, FileSnap).

public import Jute

/// Header 16 bytes; tree stream; seal; optionally a digest block and a seal; optionally the last zxid and a seal (3.9).
enum SnapshotFormat {
    static let magic: Int32 = 0x5a4b_534e  // "ZKSN"
    static let version: Int32 = 2
    static let headerSize = 16
    /// What every seal ends with, and so every file: the string "/".
    static let ending: [UInt8] = [0, 0, 0, 1, 0x2f]
    /// A checksum of everything before it, then the ending.
    static let sealSize = 13
    /// zxid, version, digest.
    static let digestBlockSize = 20
    static let zxidBlockSize = 8
    static let shortestFile = 10

    static var header: [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: magic)
        bytes.append(bigEndian: version)
        bytes.append(bigEndian: Int64(-1))
        return bytes
    }
}

/// The digest of the whole tree as it was after a transaction.
public struct SnapshotDigest: Hashable, Sendable {
    public let zxid: Zxid
    public let version: Int32
    public let digest: Int64

    public init(zxid: Zxid, version: Int32 = 2, digest: Int64) {
        self.zxid = zxid
        self.version = version
        self.digest = digest
    }
}

/// What a snapshot says behind its tree.
public struct SnapshotTrailer: Hashable, Sendable {
    /// Of the last transaction applied when the tree had been written, so usually later than the file's zxid.
    public var digest: SnapshotDigest?
    public var lastProcessed: Zxid?

    public init(digest: SnapshotDigest? = nil, lastProcessed: Zxid? = nil) {
        self.digest = digest
        self.lastProcessed = lastProcessed
    }
}
