// The memory of one worker's watches: a block per watched path and one per watch, each named by 32 bits. The only file
// of this folder that touches raw memory.

import CKernel

/// One connection's watch on one path: in the chain of the path and in the chain of the connection.
struct WatchEntry {
    var path: UInt32
    /// Slot in the low 28 bits, above it list and modes.
    var tagged: UInt32
    var nextOfPath: UInt32 = WatchBlocks.none
    var previousOfPath: UInt32 = WatchBlocks.none
    var nextOfConnection: UInt32 = WatchBlocks.none
    var previousOfConnection: UInt32 = WatchBlocks.none

    init(path: UInt32, connection: UInt32, list: WatchList) {
        self.path = path
        tagged = connection | UInt32(list.rawValue) << 28
    }

    var connection: UInt32 { tagged & 0x0fff_ffff }
    var list: WatchList { tagged & 1 << 28 == 0 ? .data : .child }
    var modes: WatchMode {
        get { WatchMode(rawValue: UInt8(tagged >> 29)) }
        set { tagged = tagged & 0x1fff_ffff | UInt32(newValue.rawValue) << 29 }
    }
}

/// What stands before the bytes of a watched path.
struct WatchedPath {
    let length: UInt32
    /// Where each list begins; what the numbers mean is the table's business.
    var data: UInt32 = WatchBlocks.none
    var child: UInt32 = WatchBlocks.none

    subscript(list: WatchList) -> UInt32 {
        get { list == .data ? data : child }
        set { if list == .data { data = newValue } else { child = newValue } }
    }
}

/// Blocks are reused by size and never move: nothing is copied when there are more watches, or fewer.
@safe
final class WatchBlocks {
    static let none: UInt32 = 0
    /// Blocks are named below this, which bounds one worker's watches to 16 GiB.
    static let maximumReference: UInt32 = 1 << 31

    private let slab = WatchSlab(maximumBytes: Int(maximumReference) * 8)
    private static let entrySize = MemoryLayout<WatchEntry>.stride
    private static let headerSize = MemoryLayout<WatchedPath>.stride

    /// Bytes of all blocks in use.
    var bytesInUse: Int { slab.bytesInUse }

    private func allocate(_ bytes: Int) -> UInt32 {
        let reference = slab.allocate(bytes: bytes)
        precondition(reference < Self.maximumReference, "\(slab.bytesInUse) bytes of watches on one worker")
        return reference
    }

    // MARK: Entries

    subscript(reference: UInt32) -> WatchEntry {
        get { unsafe slab.address(reference).load(as: WatchEntry.self) }
        set { unsafe slab.address(reference).storeBytes(of: newValue, as: WatchEntry.self) }
    }

    /// Asks for an entry, or for nothing.
    func prefetch(_ reference: UInt32) { unsafe ckernel_prefetch(slab.address(reference)) }

    func add(_ entry: WatchEntry) -> UInt32 {
        let reference = allocate(Self.entrySize)
        self[reference] = entry
        return reference
    }

    func removeEntry(_ reference: UInt32) { slab.release(reference, bytes: Self.entrySize) }

    // MARK: Paths

    subscript(path reference: UInt32) -> WatchedPath {
        get { unsafe slab.address(reference).load(as: WatchedPath.self) }
        set { unsafe slab.address(reference).storeBytes(of: newValue, as: WatchedPath.self) }
    }

    /// Valid until the path is removed.
    func bytes(ofPath reference: UInt32) -> UnsafeRawBufferPointer {
        let length = Int(self[path: reference].length)
        return unsafe UnsafeRawBufferPointer(start: slab.address(reference) + Self.headerSize, count: length)
    }

    func addPath(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let reference = allocate(Self.headerSize + bytes.count)
        self[path: reference] = WatchedPath(length: UInt32(bytes.count))
        if let start = bytes.baseAddress {
            unsafe (slab.address(reference) + Self.headerSize).copyMemory(from: start, byteCount: bytes.count)
        }
        return reference
    }

    func removePath(_ reference: UInt32) {
        slab.release(reference, bytes: Self.headerSize + Int(self[path: reference].length))
    }
}
