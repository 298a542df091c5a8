// How a log file grows ahead of its records, so that appending rarely changes the file's size.

/// Upstream's rule (ZooKeeper 3.9, FilePadding), in bytes. A value of 0 or less switches it off.
package struct LogPreallocation: Hashable, Sendable {
    package static let standard = LogPreallocation(bytes: 64 << 20)
    package static let off = LogPreallocation(bytes: 0)
    /// Room that must be left before the next record.
    private static let margin = 4096

    package let bytes: Int

    package init(bytes: Int) { self.bytes = bytes }

    /// The size the file must have before a record is written at `position`, given that it has `size`.
    package func size(before position: Int, size: Int) -> Int {
        guard bytes > 0, position + Self.margin >= size else { return size }
        if position > size {
            let grown = position + bytes
            return grown - grown % bytes
        }
        return size + bytes
    }
}
