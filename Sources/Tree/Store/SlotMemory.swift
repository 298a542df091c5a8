// The memory of a hash table of any number of slots. Apart from the table, which decides what stands where.

import CKernel
import Glibc

/// Eight-byte slots straight from the system, zeros at first, pages only where they were touched. Trivial to copy; freed
/// by its owner.
@safe
struct SlotMemory {
    private let start: UnsafeMutablePointer<UInt64>
    let count: Int

    /// The memory given back at a time, in slots: little enough that no write waits for it.
    private static let returnedSlots = 8 << 10

    init(count: Int) {
        precondition(count > 0 && count <= 1 << 32, "a table of \(count) slots")
        let memory = unsafe mmap(nil, count * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory = unsafe memory, unsafe memory != UnsafeMutableRawPointer(bitPattern: -1) else {
            preconditionFailure("no memory for a table of \(count) slots: errno \(errno)")
        }
        unsafe start = memory.bindMemory(to: UInt64.self, capacity: count)
        self.count = count
    }

    func free() { _ = unsafe munmap(start, count * 8) }

    /// Three quarters of the slots may be taken: a look-up then passes two or three of them.
    func holds(_ links: Int) -> Bool { links * 4 <= count * 3 }

    /// The least count that holds so many links.
    static func slots(for links: Int) -> Int { (links * 4 + 2) / 3 }

    @inline(__always)
    subscript(index: Int) -> UInt64 {
        get { unsafe start[index] }
        nonmutating set { unsafe start[index] = newValue }
    }

    /// Where the probe for a hash begins: in the order of hashes, so that growing goes through both tables in step.
    @inline(__always)
    func home(_ hash: UInt32) -> Int {
        Int(truncatingIfNeeded: (UInt64(hash) &* UInt64(truncatingIfNeeded: count)) >> 32)
    }

    @inline(__always)
    func after(_ index: Int) -> Int { index + 1 == count ? 0 : index + 1 }

    /// Steps forward from one slot to another.
    func distance(from: Int, to: Int) -> Int { to >= from ? to - from : to - from + count }

    @inline(__always)
    func prefetch(_ index: Int) { unsafe ckernel_prefetch(start + index) }

    /// Gives the memory of the slots before `end`, all empty, back to the system, a piece whenever one is complete.
    func returnPages(before end: Int) {
        if end & (Self.returnedSlots - 1) != 0 { return }
        _ = unsafe madvise(start + end - Self.returnedSlots, Self.returnedSlots * 8, MADV_DONTNEED)
    }
}
