// Adding many znodes at once. The slots they go to are anywhere in the table: each is asked for while others are filled.

/// Znodes in their places that are yet to stand in the table. Until `settle` nothing may be looked up or changed.
struct StagedNodes {
    private static let capacity = 24
    fileprivate var hashes: InlineArray<24, PathHash> = .init(repeating: PathHash(value: 0))
    fileprivate var references: InlineArray<24, UInt32> = .init(repeating: 0)
    fileprivate var count = 0

    var isFull: Bool { count == Self.capacity }
}

extension NodeStore {
    /// `staged` must not be full, `hash` that of the path.
    func stage(_ node: NodeRef, _ hash: PathHash, in staged: inout StagedNodes) {
        finder.prefetchSlot(hash)
        staged.hashes[staged.count] = hash
        staged.references[staged.count] = reference(node)
        staged.count += 1
    }

    /// Empties `staged` into the table. Returns a znode whose path was there before, after which the store is of no use.
    func settle(_ staged: inout StagedNodes) -> NodeRef? {
        defer { staged.count = 0 }
        for index in 0..<staged.count {
            let (hash, reference) = (staged.hashes[index], staged.references[index])
            let node = node(reference)
            let found = table.find(hash) { unsafe bytesEqual(self.node($0).path, node.path) }
            if found != 0 { return node }
            table.insert(hash, reference)
        }
        return nil
    }

    /// Expects so many znodes in all.
    func reserve(_ total: Int) { table.reserve(total) }
}
