// Finding many znodes in a row. Apart from the store because a loop over a batch keeps this in registers: through the
// store, every look-up would load it anew.

/// What look-ups need of a store, copied: good until the store changes. For a batch: hash all paths and prefetch their
/// slots, prefetch all blocks, then look at them.
@safe
struct NodeFinder {
    private let hasher: PathHasher
    private let slots: SlotMemory
    /// Present while the table grows.
    private let old: SlotMemory?
    /// Where link 0 would lead.
    private let blocks: UnsafeMutableRawPointer

    init(_ hasher: PathHasher, _ slots: SlotMemory, old: SlotMemory?, blocks: UnsafeMutableRawPointer) {
        self.hasher = hasher
        self.slots = slots
        self.old = old
        unsafe self.blocks = blocks
    }

    @inline(__always)
    func hash(of path: UnsafeRawBufferPointer) -> PathHash { unsafe hasher.hash(NodeStore.canonical(path)) }

    @inline(__always)
    func prefetchSlot(_ hash: PathHash) {
        slots.prefetch(slots.home(hash.value))
        if let old { old.prefetch(old.home(hash.value)) }
    }

    /// Second pass: brings the block itself closer. Returns where it most likely stands, 0 if that is not known at once.
    @inline(__always)
    func prefetchNode(_ hash: PathHash) -> UInt32 {
        let likely = likely(hash)
        // Where nothing is likely this asks for the start of the memory: no harm, and sooner done than a test.
        unsafe prefetchBlock(address(likely))
        return likely
    }

    /// The link in the slot where the probe for `hash` would most likely end; 0 if that is not known at once.
    @inline(__always)
    private func likely(_ hash: PathHash) -> UInt32 {
        var index = slots.home(hash.value)
        for _ in 0..<6 {
            let slot = slots[index]
            if NodeTable.hash(slot) == hash.value { return NodeTable.reference(slot) }
            if slot == 0 { break }
            index = slots.after(index)
        }
        return 0
    }

    /// The znode whose block is `likely`, as `prefetchNode` returned it; nil if it has another path. The root is not
    /// found as "/".
    @inline(__always)
    func node(_ likely: UInt32, path: UnsafeRawBufferPointer) -> NodeRef? {
        guard likely != 0 else { return nil }
        let node = unsafe NodeRef(address(likely))
        return unsafe bytesEqual(node.path, path) ? node : nil
    }

    @inline(__always)
    private func address(_ link: UInt32) -> UnsafeMutableRawPointer { unsafe blocks + Int(link) * Slab.unit }
}
