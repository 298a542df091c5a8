// Building a tree from a snapshot's stream, fed in pieces of any size. The stream comes from a file or from a leader
// and is believed in nothing.

import Jute

/// Why a stream is no snapshot. Whoever loads tries an older file, or leaves the leader.
package enum SnapshotError: Error, Equatable, Sendable {
    /// A length or count below zero, or above the bound on one entry.
    case lengthOutOfBounds(Int32)
    /// A znode comes before its parent; the bytes are its path.
    case orphan([UInt8])
    case duplicatePath([UInt8])
    /// A list's id that could not have been given.
    case unusableACLID(Int64)
    /// An owner of a kind nobody has defined.
    case unusableOwner(Int64)
    /// The stream has ended, or `finish` was called, before the end mark.
    case incomplete
    /// There is no root, or no /zookeeper.
    case missingSystemNode
}

/// Reads one snapshot stream (storage format, tree stream) into a new tree.
///
/// Znodes go straight into the store. What a cut-off entry holds back is bounded by what was fed.
package struct SnapshotLoader: ~Copyable {
    private let tree: DataTree
    private var stage = Stage.sessionCount
    private var aclIndexes: [Int64: Int32] = [:]
    /// The beginning of an entry whose rest has not come yet.
    private var pending: [UInt8] = []
    /// The least number of bytes after which reading `pending` can get further.
    private var needed = 0
    /// Siblings mostly follow one another.
    private var lastParent: NodeRef?
    /// Znodes in their places that cannot be found by path yet.
    private var staged = StagedNodes()
    private let maximumLength: Int
    /// Of the whole stream, 0 if unknown.
    private var expectedBytes: Int
    private var consumedBytes = 0

    private enum Stage {
        case sessionCount
        case sessions(left: Int32)
        case listCount
        case lists(left: Int32)
        case nodes
        case complete
    }

    /// After so many znodes their mean size tells how many there will be.
    private static let sampledNodes = 4096
    /// Bytes of a znode in the stream, but for path and data.
    private static let smallestNode = 16 + StatPersisted.encodedSize

    /// Ids are counted up from 1: nobody has come near.
    private static let maximumACLID: Int64 = 1 << 62

    /// `maximumLength` bounds one path and one znode's data, `expectedBytes` is about the length of the whole stream, or
    /// 0: memory for look-ups is then taken at once.
    package init(
        seed: UInt64, digestEnabled: Bool = true, extendedTypes: Bool = true, maximumLength: Int = 1 << 27,
        expectedBytes: Int = 0
    ) {
        precondition(maximumLength <= BlockLayout.maximumPathLength, "bound of \(maximumLength) bytes")
        tree = DataTree(withoutNodes: seed, digestEnabled: digestEnabled, extendedTypes: extendedTypes)
        self.maximumLength = maximumLength
        self.expectedBytes = expectedBytes
    }

    /// True once the end mark was read.
    package var isComplete: Bool { if case .complete = stage { true } else { false } }

    /// Takes in the next bytes of the stream. Returns how many of them belong to it: all, until the end mark is found.
    package mutating func consume(_ bytes: [UInt8]) throws(SnapshotError) -> Int {
        let outcome: Result<Int, SnapshotError> = unsafe bytes.withUnsafeBytes { chunk in
            do throws(SnapshotError) { return .success(try unsafe consume(chunk)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    @unsafe
    package mutating func consume(_ chunk: UnsafeRawBufferPointer) throws(SnapshotError) -> Int {
        var offset = 0
        while offset < chunk.count && !isComplete {
            if pending.isEmpty {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: chunk[offset...])
                let used = try unsafe read(rest)
                offset += used
                if !isComplete {
                    unsafe pending.append(contentsOf: rest[used...])
                    return chunk.count
                }
            } else {
                offset += try unsafe complete(UnsafeRawBufferPointer(rebasing: chunk[offset...]))
            }
        }
        return offset
    }

    /// Feeds the entry in `pending`; returns how many bytes of `chunk` are dealt with.
    private mutating func complete(_ chunk: UnsafeRawBufferPointer) throws(SnapshotError) -> Int {
        let carried = pending.count
        let taken = min(chunk.count, max(needed - carried, 1))
        unsafe pending.append(contentsOf: chunk[..<taken])
        if pending.count < needed { return taken }
        let entry = pending
        let outcome: Result<Int, SnapshotError> = unsafe entry.withUnsafeBytes { bytes in
            do throws(SnapshotError) { return .success(try unsafe read(bytes)) } catch { return .failure(error) }
        }
        let used = try outcome.get()
        if used == 0 { return taken }
        precondition(used > carried || used == entry.count, "an entry of \(used) bytes was complete at \(carried)")
        pending.removeAll(keepingCapacity: true)
        return used - carried
    }

    // MARK: Entries

    /// Reads whole entries; returns the bytes they took and sets `needed` for the next one.
    private mutating func read(_ bytes: UnsafeRawBufferPointer) throws(SnapshotError) -> Int {
        var used = 0
        while !isComplete {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[used...])
            needed = 0
            let length = try unsafe readEntry(SnapshotReader(rest))
            if length == 0 { return used }
            used += length
            consumedBytes += length
        }
        return used
    }

    /// Reads one entry and returns its length, or 0 after setting `needed`.
    private mutating func readEntry(_ reader: SnapshotReader) throws(SnapshotError) -> Int {
        switch stage {
        case .sessionCount, .listCount: return try readCount(reader)
        case .sessions(let left):
            if left == 0 {
                stage = .listCount
                return try readEntry(reader)
            }
            guard let id = reader.int64(0), let timeout = reader.int32(8) else { return wait(12) }
            tree.sessions[SessionID(id)] = timeout
            stage = .sessions(left: left - 1)
            return 12
        case .lists(let left):
            if left == 0 {
                stage = .nodes
                return try readEntry(reader)
            }
            return try readList(reader, left)
        case .nodes: return try readNode(reader)
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

    private mutating func readList(_ reader: SnapshotReader, _ left: Int32) throws(SnapshotError) -> Int {
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
        aclIndexes[id] = tree.aclTable.load(id: id, acl)
        stage = .lists(left: left - 1)
        return offset
    }

    private mutating func readNode(_ reader: SnapshotReader) throws(SnapshotError) -> Int {
        guard let path = try unsafe reader.bytes(0, maximumLength) else { return wait(reader.needed(0)) }
        if path.count == 1, unsafe path[0] == UInt8(ascii: "/") {
            try settle()
            stage = .complete
            return 5
        }
        let dataAt = 4 + path.count
        guard let dataLength = reader.int32(dataAt) else { return wait(dataAt + 4) }
        if dataLength < -1 || Int(dataLength) > maximumLength { throw .lengthOutOfBounds(dataLength) }
        let aclAt = dataAt + 4 + max(0, Int(dataLength))
        let end = aclAt + 8 + StatPersisted.encodedSize
        guard reader.count >= end, let aclID = reader.int64(aclAt) else { return wait(end) }
        let data = dataLength < 0 ? nil : unsafe reader.slice(dataAt + 4, Int(dataLength))
        try unsafe insert(path, data, aclID, reader.stat(aclAt + 8))
        return end
    }

    private mutating func insert(
        _ path: UnsafeRawBufferPointer, _ data: UnsafeRawBufferPointer?, _ aclID: Int64, _ stat: StatPersisted
    ) throws(SnapshotError) {
        guard let kind = NodeKind(owner: stat.ephemeralOwner, extendedTypes: tree.extendedTypes) else {
            throw .unusableOwner(stat.ephemeralOwner)
        }
        let parent = try unsafe parent(of: path)
        if parent == nil && path.count > 0 { throw .orphan(unsafe [UInt8](path)) }
        let index = try aclIndex(aclID)
        tree.aclTable.retain(index)
        let node = unsafe tree.store.place(
            path: path, parent: parent, data: data, stat: stat, kind: kind, aclIndex: index)
        tree.didPlace(node)
        tree.store.stage(node, in: &staged)
        if staged.isFull { try settle() }
    }

    /// Makes the staged znodes known by their paths.
    private mutating func settle() throws(SnapshotError) {
        if let duplicate = tree.store.settle(&staged) { throw .duplicatePath(unsafe [UInt8](duplicate.path)) }
        if expectedBytes > 0, tree.store.count >= Self.sampledNodes {
            let least = Self.smallestNode * tree.store.count
            tree.store.reserve(tree.store.count * expectedBytes / max(consumedBytes, least))
            expectedBytes = 0
        }
    }

    private mutating func parent(of path: UnsafeRawBufferPointer) throws(SnapshotError) -> NodeRef? {
        if let last = lastParent, path.count > last.pathLength, unsafe path[last.pathLength] == UInt8(ascii: "/"),
            unsafe path[(last.pathLength + 1)...].firstIndex(of: UInt8(ascii: "/")) == nil,
            unsafe bytesEqual(last.path, UnsafeRawBufferPointer(rebasing: path[..<last.pathLength]))
        {
            return last
        }
        try settle()
        lastParent = unsafe tree.store.parent(ofPath: path).map(tree.store.withFamily)
        return lastParent
    }

    private mutating func aclIndex(_ id: Int64) throws(SnapshotError) -> Int32 {
        if id == Int64(ACLTable.open) { return ACLTable.open }
        if let index = aclIndexes[id] { return index }
        if id < 0 || id > Self.maximumACLID { throw .unusableACLID(id) }
        // A znode newer than the table: replay will bring its list (ZOOKEEPER-3306).
        let index = tree.aclTable.loadUnresolved(id: id)
        aclIndexes[id] = index
        return index
    }

    /// The loaded tree. Its `lastProcessedZxid` is for the caller to set; `unresolvedACLCount` must be 0 after replay.
    package consuming func finish() throws(SnapshotError) -> DataTree {
        try settle()
        if !isComplete { throw .incomplete }
        if tree.node(at: "") == nil || tree.node(at: ZnodePath.system) == nil { throw .missingSystemNode }
        tree.aclTable.purge()
        tree.insertConfigIfMissing()
        tree.rebuildQuotas()
        tree.awaitsFirstAgreement = true
        return tree
    }
}
