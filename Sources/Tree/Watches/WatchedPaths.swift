// From the bytes of a watched path to its block. Apart from the watches, which know paths by number only.

/// The paths that somebody watches, each interned once. Nothing is moved at once when there are more: the table grows
/// a few slots with each new path.
struct WatchedPaths {
    private let blocks: WatchBlocks
    private let table = NodeTable()
    /// Keyed, because the paths come from clients.
    private let hasher = PathHasher(seed: .random(in: .min ... .max))

    init(_ blocks: WatchBlocks) { self.blocks = blocks }

    var count: Int { table.count }

    /// `WatchBlocks.none` if nobody watches it.
    func find(_ path: Span<UInt8>) -> UInt32 {
        unsafe path.withUnsafeBytes { unsafe find($0, hasher.hash($0)) }
    }

    private func find(_ path: UnsafeRawBufferPointer, _ hash: PathHash) -> UInt32 {
        table.find(hash) { unsafe bytesEqual(blocks.bytes(ofPath: $0), path) }
    }

    /// The path's number, a new one if it had none.
    func intern(_ path: Span<UInt8>) -> UInt32 {
        unsafe path.withUnsafeBytes { bytes in
            let hash = unsafe hasher.hash(bytes)
            let found = unsafe find(bytes, hash)
            if found != WatchBlocks.none { return found }
            let reference = unsafe blocks.addPath(bytes)
            table.insert(hash, reference)
            return reference
        }
    }

    func release(_ reference: UInt32) {
        table.remove(unsafe hasher.hash(blocks.bytes(ofPath: reference)), reference)
        blocks.removePath(reference)
    }
}
