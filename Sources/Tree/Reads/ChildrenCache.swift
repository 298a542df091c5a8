// Listings of large parents, kept as they were sent. Gathering the names costs a cache miss for each child; sending the
// same list again costs copying it.

import Jute

/// The names of children of a few parents in wire form. One per reader: nothing is shared or announced.
///
/// An entry is good while its parent has the same path and the same czxid, pzxid, cversion and number of children: every
/// child that comes or goes changes pzxid, with a zxid that no other change of history has. A list is kept from its
/// second use on. Bounds: lists of at least `leastChildren` names, at most `maximumEntries` of them, together at most
/// `maximumBytes`; the one used longest ago goes first.
public struct ChildrenCache {
    private struct Entry {
        let path: UString
        let stamp: Stamp
        /// Empty until the second use.
        var body: [UInt8] = []
        var lastUse: Int
    }

    /// What changes with every child.
    private struct Stamp: Equatable {
        let czxid: Zxid
        let pzxid: Zxid
        let cversion: Int32
        let count: Int

        init(_ node: NodeRef) {
            (czxid, pzxid) = (node.czxid, node.pzxid)
            (cversion, count) = (node.storedCVersion, node.childCount)
        }
    }

    private var entries: [Entry] = []
    private var uses = 0
    public private(set) var bytes = 0
    /// How often a kept list was sent.
    public private(set) var hits = 0

    private let leastChildren: Int
    private let maximumBytes: Int
    private let maximumEntries: Int

    public init(leastChildren: Int = 32, maximumBytes: Int = 16 << 20, maximumEntries: Int = 32) {
        self.leastChildren = leastChildren
        self.maximumBytes = maximumBytes
        self.maximumEntries = maximumEntries
    }

    /// As `ReadView.writeChildren`, under the same lock.
    public mutating func writeChildren(
        _ node: NodeRef, _ view: ReadView, into output: inout OutputCursor
    ) -> Bool {
        if node.childCount < leastChildren { return view.writeChildren(node, into: &output) }
        let stamp = Stamp(node)
        uses += 1
        guard let index = index(of: node) else {
            add(Entry(path: node.pathString, stamp: stamp, lastUse: uses))
            return view.writeChildren(node, into: &output)
        }
        guard entries[index].stamp == stamp else {
            remove(index)
            add(Entry(path: node.pathString, stamp: stamp, lastUse: uses))
            return view.writeChildren(node, into: &output)
        }
        entries[index].lastUse = uses
        if entries[index].body.isEmpty {
            if view.childrenSize(node) > maximumBytes { return view.writeChildren(node, into: &output) }
            entries[index].body = view.childrenBody(node)
            bytes += entries[index].body.count
            shrink()
            return view.writeChildren(node, into: &output)
        }
        hits += 1
        return output.write(raw: entries[index].body)
    }

    /// As `ReadView.writeChildren2`; the Stat is always the present one.
    public mutating func writeChildren2(
        _ node: NodeRef, _ view: ReadView, into output: inout OutputCursor
    ) -> Bool {
        if output.remaining < view.children2Size(node) { return false }
        let start = output.position
        if writeChildren(node, view, into: &output), view.writeStat(node, into: &output) { return true }
        output.rewind(to: start)
        return false
    }

    /// Looked for by its czxid first: two parents that were created by one transaction are rare.
    private func index(of node: NodeRef) -> Int? {
        let czxid = node.czxid
        return entries.firstIndex { entry in
            guard entry.stamp.czxid == czxid else { return false }
            return unsafe entry.path.bytes.withUnsafeBytes { unsafe bytesEqual($0, node.path) }
        }
    }

    private mutating func add(_ entry: Entry) {
        if entries.count == maximumEntries, let oldest { remove(oldest) }
        entries.append(entry)
    }

    /// Within its bound alone, the list in use now stays: it was used last.
    private mutating func shrink() {
        while bytes > maximumBytes, let oldest { remove(oldest) }
    }

    /// The one used longest ago.
    private var oldest: Int? {
        entries.indices.min { entries[$0].lastUse < entries[$1].lastUse }
    }

    private mutating func remove(_ index: Int) { bytes -= entries.remove(at: index).body.count }
}

extension ReadView {
    /// getChildren's reply in memory of its own.
    fileprivate func childrenBody(_ node: NodeRef) -> [UInt8] {
        let size = childrenSize(node)
        return unsafe [UInt8](unsafeUninitializedCapacity: size) { memory, count in
            var output = unsafe OutputCursor(UnsafeMutableRawBufferPointer(memory))
            let fitted = writeChildren(node, into: &output)
            precondition(fitted, "\(node.childCount) children need more than \(size) bytes")
            count = output.position
        }
    }
}
