// The names files go by. A name is the only index the directory has, so parsing it is kept in one place.

public import Jute

/// `log.<hex>`: the zxid is that of the file's first record.
public struct LogFileName: Hashable, Comparable, Sendable {
    public let text: String
    public let zxid: Zxid

    public init(_ zxid: Zxid) {
        self.zxid = zxid
        text = "log." + String(UInt64(bitPattern: zxid.rawValue), radix: 16)
    }

    /// Nil for anything else. Apache reads `log.5.bak` as a log of zxid 5 too; a copy made by hand is no part of ours.
    public init?(parsing name: String) {
        guard let (zxid, rest) = parseName(name, prefix: "log"), rest.isEmpty else { return nil }
        self.zxid = zxid
        text = name
    }

    public static func < (a: LogFileName, b: LogFileName) -> Bool { (a.zxid, a.text) < (b.zxid, b.text) }

    /// Every log file among `names`, oldest first.
    public static func sorted(_ names: [String]) -> [LogFileName] {
        names.compactMap(LogFileName.init(parsing:)).sorted()
    }
}

/// How the bytes of a snapshot file are packed; the checksums are over the unpacked ones.
public enum SnapshotCompression: String, Hashable, Sendable, CaseIterable {
    case none = ""
    case gzip = "gz"
    case snappy
}

/// `snapshot.<hex>[.gz|.snappy]`: the zxid is the last one applied when the snapshot began.
public struct SnapshotFileName: Hashable, Comparable, Sendable {
    public let text: String
    public let zxid: Zxid
    public let compression: SnapshotCompression

    public init(_ zxid: Zxid, _ compression: SnapshotCompression = .none) {
        self.zxid = zxid
        self.compression = compression
        let plain = "snapshot." + String(UInt64(bitPattern: zxid.rawValue), radix: 16)
        text = compression == .none ? plain : plain + "." + compression.rawValue
    }

    /// Nil for anything else, unfinished `.tmp` files among it.
    public init?(parsing name: String) {
        guard let (zxid, rest) = parseName(name, prefix: "snapshot") else { return nil }
        switch rest.count {
        case 0: compression = .none
        case 1:
            guard !rest[0].isEmpty, let known = SnapshotCompression(rawValue: String(rest[0])) else { return nil }
            compression = known
        default: return nil
        }
        self.zxid = zxid
        text = name
    }

    /// The name while it is being written.
    public var temporary: String { text + ".tmp" }

    public static func < (a: SnapshotFileName, b: SnapshotFileName) -> Bool { (a.zxid, a.text) < (b.zxid, b.text) }

    /// Every snapshot among `names`, newest first.
    public static func newestFirst(_ names: [String]) -> [SnapshotFileName] {
        names.compactMap(SnapshotFileName.init(parsing:)).sorted(by: >)
    }
}

/// Splits at dots: the prefix, a zxid in hex that is not negative, and what follows.
private func parseName(_ name: String, prefix: String) -> (Zxid, [Substring])? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[0] == prefix, let value = Int64(parts[1], radix: 16), value >= 0 else { return nil }
    return (Zxid(value), Array(parts[2...]))
}
