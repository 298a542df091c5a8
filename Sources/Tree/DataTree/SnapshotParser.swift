// Reading a snapshot's stream entry by entry, without the tree. Apart from the loader so that another thread can do it,
// ahead of the one that inserts.

import Jute

/// Where a znode stands in the bytes it was read from, with all that can be computed without the tree.
struct SnapshotNode {
    /// Of the path's first byte; the data follow behind its end and their length.
    let pathOffset: Int
    let pathLength: Int
    /// -1 for null.
    let dataLength: Int
    let kind: NodeKind
    let hash: PathHash
    /// True if its parent is that of the znode before it.
    let isSibling: Bool

    var dataOffset: Int { pathOffset + pathLength + 4 }
    var aclOffset: Int { dataOffset + max(0, dataLength) }
    var statOffset: Int { aclOffset + 8 }
}

/// Entries of a stream, in its order: sessions before lists, lists before znodes.
struct SnapshotEntries {
    var sessions: [(id: SessionID, timeout: Int32)] = []
    var lists: [(id: Int64, acl: [ACL])] = []
    var nodes: [SnapshotNode] = []
    /// Sum of the znodes' digests.
    var digest: UInt64 = 0

    mutating func removeAll() {
        sessions.removeAll(keepingCapacity: true)
        lists.removeAll(keepingCapacity: true)
        nodes.removeAll(keepingCapacity: true)
        digest = 0
    }
}

/// Whole entries with their bytes, on the way to a `SnapshotLoader`.
public struct SnapshotBatch {
    let entries: SnapshotEntries
    let bytes: [UInt8]
    /// Whether the end mark is in it.
    let isLast: Bool

    /// Bytes of the stream.
    public var count: Int { bytes.count }
}

/// Reads one snapshot stream (storage format, tree stream). Made by a loader, for which it reads.
public struct SnapshotParser {
    private let hasher: PathHasher
    private let digestEnabled: Bool
    private let extendedTypes: Bool
    private let maximumLength: Int
    private var stage = Stage.sessionCount
    /// The least number of bytes after which reading the next entry can get further, 0 if unknown.
    public private(set) var needed = 0
    /// Why what stands behind the entries read is no entry. Told once these are inserted: they may be wrong before.
    private var failure: SnapshotError?

    private enum Stage {
        case sessionCount
        case sessions(left: Int32)
        case listCount
        case lists(left: Int32)
        case nodes
        case complete
    }

    /// Ids are counted up from 1: nobody has come near.
    static let maximumACLID: Int64 = 1 << 62

    init(hasher: PathHasher, digestEnabled: Bool, extendedTypes: Bool, maximumLength: Int) {
        self.hasher = hasher
        self.digestEnabled = digestEnabled
        self.extendedTypes = extendedTypes
        self.maximumLength = maximumLength
    }

    /// True once the end mark was read.
    public var isComplete: Bool { if case .complete = stage { true } else { false } }

    /// The whole entries at the beginning of `bytes`; nil if there is none yet.
    public mutating func batch(_ bytes: Span<UInt8>) throws(SnapshotError) -> SnapshotBatch? {
        try check()
        var entries = SnapshotEntries()
        let batch = unsafe bytes.withUnsafeBytes { bytes in
            let used = unsafe parse(bytes, into: &entries)
            return SnapshotBatch(entries: entries, bytes: unsafe [UInt8](bytes[..<used]), isLast: isComplete)
        }
        if batch.count == 0 { try check() }
        return batch.count == 0 ? nil : batch
    }

    /// Throws if what stands behind the entries read so far is none.
    func check() throws(SnapshotError) { if let failure { throw failure } }

    /// Reads whole entries; returns the bytes they took and sets `needed` for the next one. Stops in front of what is
    /// no entry, see `check`.
    mutating func parse(_ bytes: UnsafeRawBufferPointer, into entries: inout SnapshotEntries) -> Int {
        var used = 0
        do throws(SnapshotError) {
            while !isComplete {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[used...])
                needed = 0
                let length = try unsafe readEntry(SnapshotReader(rest), at: used, &entries, bytes)
                if length == 0 { break }
                used += length
            }
        } catch {
            failure = error
        }
        return used
    }

    /// Reads one entry and returns its length, or 0 after setting `needed`.
    private mutating func readEntry(
        _ reader: SnapshotReader, at offset: Int, _ entries: inout SnapshotEntries, _ bytes: UnsafeRawBufferPointer
    ) throws(SnapshotError) -> Int {
        switch stage {
        case .sessionCount, .listCount: return try readCount(reader)
        case .sessions(let left):
            if left == 0 {
                stage = .listCount
                return try unsafe readEntry(reader, at: offset, &entries, bytes)
            }
            guard let id = reader.int64(0), let timeout = reader.int32(8) else { return wait(12) }
            entries.sessions.append((SessionID(id), timeout))
            stage = .sessions(left: left - 1)
            return 12
        case .lists(let left):
            if left == 0 {
                stage = .nodes
                return try unsafe readEntry(reader, at: offset, &entries, bytes)
            }
            return try readList(reader, left, &entries)
        case .nodes: return try unsafe readNode(reader, at: offset, &entries, bytes)
        case .complete: return 0
        }
    }

    private mutating func wait(_ bytes: Int) -> Int {
        needed = bytes
        return 0
    }

    private mutating func readCount(_ reader: SnapshotReader) throws(SnapshotError) -> Int {
        guard let count = reader.int32(0) else { return wait(4) }
        if count < 0 { throw .lengthOutOfBounds(count) }
        if case .sessionCount = stage { stage = .sessions(left: count) } else { stage = .lists(left: count) }
        return 4
    }

    private mutating func readList(
        _ reader: SnapshotReader, _ left: Int32, _ entries: inout SnapshotEntries
    ) throws(SnapshotError) -> Int {
        guard let id = reader.int64(0), let count = reader.int32(8) else { return wait(12) }
        if id < 0 || id > Self.maximumACLID { throw .unusableACLID(id) }
        if count < -1 || Int(count) * 12 > maximumLength { throw .lengthOutOfBounds(count) }
        var acl: [ACL] = []
        var offset = 12
        for index in 0..<max(0, Int(count)) {
            let least = offset + (Int(count) - index) * 12
            guard let perms = reader.int32(offset) else { return wait(least) }
            guard let scheme = try reader.string(offset + 4, maximumLength) else {
                return wait(max(least, reader.needed(offset + 4)))
            }
            let next = offset + 8 + scheme.bytes.count
            guard let name = try reader.string(next, maximumLength) else {
                return wait(max(least, reader.needed(next)))
            }
            offset = next + 4 + name.bytes.count
            acl.append(ACL(perms: perms, id: Id(scheme: scheme, id: name)))
        }
        entries.lists.append((id, acl))
        stage = .lists(left: left - 1)
        return offset
    }

    private mutating func readNode(
        _ reader: SnapshotReader, at offset: Int, _ entries: inout SnapshotEntries, _ bytes: UnsafeRawBufferPointer
    ) throws(SnapshotError) -> Int {
        guard let path = try unsafe reader.bytes(0, maximumLength) else { return wait(reader.needed(0)) }
        if path.count == 1, unsafe path[0] == UInt8(ascii: "/") {
            stage = .complete
            return 5
        }
        let dataAt = 4 + path.count
        guard let dataLength = reader.int32(dataAt) else { return wait(dataAt + 4) }
        if dataLength < -1 || Int(dataLength) > maximumLength { throw .lengthOutOfBounds(dataLength) }
        let aclAt = dataAt + 4 + max(0, Int(dataLength))
        let end = aclAt + 8 + StatPersisted.encodedSize
        guard reader.count >= end else { return wait(end) }
        let stat = reader.stat(aclAt + 8)
        guard let kind = NodeKind(owner: stat.ephemeralOwner, extendedTypes: extendedTypes) else {
            throw .unusableOwner(stat.ephemeralOwner)
        }
        if digestEnabled {
            let data = unsafe reader.slice(dataAt + 4, max(0, Int(dataLength)))
            entries.digest &+= unsafe NodeDigest.of(path: path, data: data, stat)
        }
        let isSibling = entries.nodes.last.map { unsafe Self.areSiblings(path, $0, bytes) } ?? false
        entries.nodes.append(
            SnapshotNode(
                pathOffset: offset + 4, pathLength: path.count, dataLength: Int(dataLength), kind: kind,
                hash: unsafe hasher.hash(path), isSibling: isSibling))
        return end
    }

    /// Whether the part of both paths before the last '/' is the same.
    @unsafe
    private static func areSiblings(
        _ path: UnsafeRawBufferPointer, _ before: SnapshotNode, _ bytes: UnsafeRawBufferPointer
    ) -> Bool {
        let other = unsafe UnsafeRawBufferPointer(
            rebasing: bytes[before.pathOffset..<before.pathOffset + before.pathLength])
        guard let slash = unsafe path.lastIndex(of: UInt8(ascii: "/")), slash < other.count,
            unsafe bytesEqual(
                UnsafeRawBufferPointer(rebasing: path[...slash]), UnsafeRawBufferPointer(rebasing: other[...slash]))
        else { return false }
        return unsafe other[(slash + 1)...].firstIndex(of: UInt8(ascii: "/")) == nil
    }
}
