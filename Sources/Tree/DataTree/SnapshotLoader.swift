// Building a tree from a snapshot's stream, fed in pieces of any size. The stream comes from a file or from a leader
// and is believed in nothing.

import Jute

/// Why a stream is no snapshot. Whoever loads tries an older file, or leaves the leader.
public enum SnapshotError: Error, Equatable, Sendable {
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

/// Makes a new tree of one snapshot stream: of its bytes (`consume`), or of batches that its `parser` has read
/// elsewhere (`insert`), not of both.
///
/// Znodes go straight into the store. What a cut-off entry holds back is bounded by what was fed.
public struct SnapshotLoader: ~Copyable {
    private let tree: DataTree
    /// Reads the stream from its beginning. Where batches are inserted, a copy of it does.
    public private(set) var parser: SnapshotParser
    /// Room for what `consume` reads.
    private var entries = SnapshotEntries()
    private var aclIndexes: [Int64: Int32] = [:]
    /// The beginning of an entry whose rest has not come yet.
    private var pending: [UInt8] = []
    /// Siblings mostly follow one another.
    private var lastParent: NodeRef?
    /// Znodes in their places that cannot be found by path yet.
    private var staged = StagedNodes()
    /// Of the whole stream, 0 if unknown.
    private var expectedBytes: Int
    /// Of the znodes inserted, in the stream.
    private var nodeBytes = 0
    /// True once everything up to the end mark is in the tree.
    public private(set) var isComplete = false

    /// After so many znodes their mean size tells how many there will be.
    private static let sampledNodes = 4096
    /// Bytes of a znode in the stream, but for path and data.
    private static let smallestNode = 16 + StatPersisted.encodedSize

    /// `maximumLength` bounds one path and one znode's data, `expectedBytes` is about the length of the whole stream, or
    /// 0: memory for look-ups is then taken at once.
    public init(
        seed: UInt64, digestEnabled: Bool = true, extendedTypes: Bool = true, maximumLength: Int = 1 << 27,
        expectedBytes: Int = 0
    ) {
        precondition(maximumLength <= BlockLayout.maximumPathLength, "bound of \(maximumLength) bytes")
        tree = DataTree(withoutNodes: seed, digestEnabled: digestEnabled, extendedTypes: extendedTypes)
        parser = SnapshotParser(
            hasher: tree.store.hasher, digestEnabled: digestEnabled, extendedTypes: extendedTypes,
            maximumLength: maximumLength)
        self.expectedBytes = expectedBytes
    }

    /// What the tree's blocks will need, for a thread that has time.
    public var memoryAhead: MemoryAhead { tree.memoryAhead }

    // MARK: Bytes

    /// Takes in the next bytes of the stream. Returns how many of them belong to it: all, until the end mark is found.
    public mutating func consume(_ bytes: [UInt8]) throws(SnapshotError) -> Int {
        let outcome: Result<Int, SnapshotError> = unsafe bytes.withUnsafeBytes { chunk in
            do throws(SnapshotError) { return .success(try unsafe consume(chunk)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    @unsafe
    public mutating func consume(_ chunk: UnsafeRawBufferPointer) throws(SnapshotError) -> Int {
        var offset = 0
        while offset < chunk.count && !isComplete {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: chunk[offset...])
            if pending.isEmpty {
                offset += try unsafe read(rest)
                if !isComplete {
                    unsafe pending.append(contentsOf: chunk[offset...])
                    return chunk.count
                }
            } else {
                offset += try unsafe complete(rest)
            }
        }
        return offset
    }

    /// Feeds the entry in `pending`; returns how many bytes of `chunk` are dealt with.
    private mutating func complete(_ chunk: UnsafeRawBufferPointer) throws(SnapshotError) -> Int {
        let carried = pending.count
        let taken = min(chunk.count, max(parser.needed - carried, 1))
        unsafe pending.append(contentsOf: chunk[..<taken])
        if pending.count < parser.needed { return taken }
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

    /// Takes in the whole entries at the beginning of `bytes`; returns the bytes they took.
    private mutating func read(_ bytes: UnsafeRawBufferPointer) throws(SnapshotError) -> Int {
        entries.removeAll()
        let used = unsafe parser.parse(bytes, into: &entries)
        try unsafe insert(entries, bytes)
        try parser.check()
        if parser.isComplete { try complete() }
        return used
    }

    // MARK: Entries

    /// Takes in a batch that a copy of `parser` has read, the next in the stream.
    public mutating func insert(_ batch: SnapshotBatch) throws(SnapshotError) {
        let outcome: Result<Void, SnapshotError> = unsafe batch.bytes.withUnsafeBytes { bytes in
            do throws(SnapshotError) {
                return .success(try unsafe insert(batch.entries, bytes))
            } catch { return .failure(error) }
        }
        try outcome.get()
        if batch.isLast { try complete() }
    }

    private mutating func complete() throws(SnapshotError) {
        try settle()
        isComplete = true
    }

    private mutating func insert(
        _ entries: SnapshotEntries, _ bytes: UnsafeRawBufferPointer
    ) throws(SnapshotError) {
        for (id, timeout) in entries.sessions { tree.sessions[id] = timeout }
        for (id, acl) in entries.lists { aclIndexes[id] = tree.aclTable.load(id: id, acl) }
        for node in entries.nodes { try unsafe insert(node, bytes) }
        tree.digest &+= entries.digest
    }

    private mutating func insert(_ node: SnapshotNode, _ bytes: UnsafeRawBufferPointer) throws(SnapshotError) {
        let reader = unsafe SnapshotReader(bytes)
        let path = unsafe reader.slice(node.pathOffset, node.pathLength)
        let parent = node.isSibling ? lastParent : try unsafe parent(of: path)
        if parent == nil && path.count > 0 { throw .orphan(unsafe [UInt8](path)) }
        let index = try aclIndex(reader.int64(node.aclOffset)!)
        tree.aclTable.retain(index)
        let data = node.dataLength < 0 ? nil : unsafe reader.slice(node.dataOffset, node.dataLength)
        let placed = unsafe tree.store.place(
            path: path, parent: parent, data: data, stat: reader.stat(node.statOffset), kind: node.kind,
            aclIndex: index)
        tree.didPlace(placed)
        nodeBytes += Self.smallestNode + node.pathLength + max(0, node.dataLength)
        tree.store.stage(placed, node.hash, in: &staged)
        if staged.isFull { try settle() }
    }

    /// Makes the staged znodes known by their paths.
    private mutating func settle() throws(SnapshotError) {
        if let duplicate = tree.store.settle(&staged) { throw .duplicatePath(unsafe [UInt8](duplicate.path)) }
        if expectedBytes > 0, tree.store.count >= Self.sampledNodes {
            tree.store.reserve(tree.store.count * expectedBytes / nodeBytes)
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
        if id < 0 || id > SnapshotParser.maximumACLID { throw .unusableACLID(id) }
        // A znode newer than the table: replay will bring its list (ZOOKEEPER-3306).
        let index = tree.aclTable.loadUnresolved(id: id)
        aclIndexes[id] = index
        return index
    }

    /// The loaded tree. Its `lastProcessedZxid` is for the caller to set; `unresolvedACLCount` must be 0 after replay.
    public consuming func finish() throws(SnapshotError) -> DataTree {
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
