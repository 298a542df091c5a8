// Address space without memory: what the allocators of blocks stand on.

import Glibc

/// Reserved addresses, private to the process; the system gives pages, zeroed, as they are touched.
@safe
struct AddressRange: ~Copyable {
    let base: UnsafeMutableRawPointer
    let count: Int

    /// Less than `maximum` if a limit on address space is in force, but at least 16 MiB.
    init(maximum: Int) {
        var count = maximum
        while true {
            let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
            let mapped = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, flags, -1, 0)
            if let mapped = unsafe mapped, unsafe mapped != UnsafeMutableRawPointer(bitPattern: -1) {
                unsafe base = mapped
                self.count = count
                return
            }
            count /= 2
            precondition(count >= 1 << 24, "no address space for blocks: errno \(errno)")
        }
    }

    deinit { _ = unsafe munmap(base, count) }
}
