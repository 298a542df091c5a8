// How a log file grows ahead of its records, so that appending rarely changes the file's size.

/// Upstream's rule (ZooKeeper 3.9, FilePadding), in bytes. A value of 0 or less switches it off.
public struct LogPreallocation: Hashable, Sendable {
    public static let standard = LogPreallocation(bytes: 64 << 20)
    public static let off = LogPreallocation(bytes: 0)
    /// Room that must be left before the next record.
    private static let margin = 4096

    public let bytes: Int

    public init(bytes: Int) { self.bytes = bytes }

    /// The size the file must have before a record is written at `position`, given that it has `size`.
    public func size(before position: Int, size: Int) -> Int {
        guard bytes > 0, position + Self.margin >= size else { return size }
        if position > size {
            let grown = position + bytes
            return grown - grown % bytes
        }
        return size + bytes
    }
}
