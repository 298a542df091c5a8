// Writes one snapshot: under a temporary name until it is whole and durable.

public import Jute

/// A snapshot being written. Give it the tree stream in pieces, then `finish` or `finishTemporary`; drop it to abandon,
/// which leaves a `.tmp` file that the next start removes.
public struct SnapshotWriter<D: Disk> {
    private static var coalescingLimit: Int { 1 << 20 }

    private let disk: D
    private let file: D.File
    private let packer: any SnapshotPacker
    private var sum = Adler32()
    private var pending: [UInt8] = []
    private var position = 0

    public let name: SnapshotFileName
    /// Bytes of the snapshot so far, before packing.
    public private(set) var unpackedSize = 0

    /// - Parameter zxid: the last one applied when the snapshot begins.
    public init(disk: D, zxid: Zxid, compression: SnapshotCompression = .none) throws(StorageError) {
        self.disk = disk
        name = SnapshotFileName(zxid, compression)
        file = try disk.open(name.temporary, .create)
        packer = compression.packer
        try write(SnapshotFormat.header)
    }

    /// A piece of the tree stream.
    public mutating func write(_ bytes: [UInt8]) throws(StorageError) { try write(bytes.span) }

    public mutating func write(_ bytes: Span<UInt8>) throws(StorageError) {
        sum.update(bytes)
        unpackedSize += bytes.count
        packer.pack(bytes, into: &pending)
        if pending.count >= Self.coalescingLimit { try flush() }
    }

    /// Seals the file, makes it durable and gives it its name, replacing a snapshot of the same name.
    public consuming func finish(_ trailer: SnapshotTrailer = SnapshotTrailer()) throws(StorageError)
        -> SnapshotFileName
    {
        let disk = disk
        let name = try finishTemporary(trailer)
        try disk.rename(name.temporary, to: name.text)
        try disk.syncDirectory()
        return name
    }

    /// Seals the file and makes it durable, but leaves it under its temporary name, for `History.install`.
    public consuming func finishTemporary(
        _ trailer: SnapshotTrailer = SnapshotTrailer()
    ) throws(StorageError) -> SnapshotFileName {
        try seal()
        if let digest = trailer.digest {
            precondition(digest.version >= 2, "digest version \(digest.version) has another layout")
            var block: [UInt8] = []
            block.append(bigEndian: digest.zxid.rawValue)
            block.append(bigEndian: digest.version)
            block.append(bigEndian: digest.digest)
            try write(block)
            try seal()
        }
        if let zxid = trailer.lastProcessed {
            var block: [UInt8] = []
            block.append(bigEndian: zxid.rawValue)
            try write(block)
            try seal()
        }
        packer.finish(into: &pending)
        try flush()
        try file.sync()
        try disk.syncDirectory()
        return name
    }

    /// The sum runs on over the seal itself.
    private mutating func seal() throws(StorageError) {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: sum.fileValue)
        bytes.append(contentsOf: SnapshotFormat.ending)
        try write(bytes)
    }

    private mutating func flush() throws(StorageError) {
        try file.write(pending.span, at: position)
        position += pending.count
        pending.removeAll(keepingCapacity: true)
    }
}
