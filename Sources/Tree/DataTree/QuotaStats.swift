// The text in zookeeper_limits and zookeeper_stats. Apart from the accounting because clients write it and may write
// anything.

/// Numbers of a quota node, by key (ZooKeeper, `StatsTrack`). Keys nobody knows are kept.
struct QuotaStats: Equatable {
    private var values: [String: Int64] = [:]

    init(count: Int64, bytes: Int64) {
        self.count = count
        self.bytes = bytes
    }

    /// Nil for text upstream fails on: null, a pair without value, a value that is no number. Empty text has no keys.
    init?(parsing data: [UInt8]?) {
        guard let data else { return nil }
        if data.isEmpty { return }
        let text = String(decoding: data, as: UTF8.self)
        var pairs = Self.split(text, whereSeparator: { $0 == "," || $0 == ";" })
        // Runs of separators count once; one at the front leaves an empty pair, which is an error.
        pairs = pairs.enumerated().filter { $0.offset == 0 || !$0.element.isEmpty }.map(\.element)
        for pair in pairs {
            let parts = Self.split(String(pair), whereSeparator: { $0 == "=" })
            guard parts.count >= 2, let value = Int64(parts[1].isEmpty ? "-1" : parts[1]) else { return nil }
            values[String(parts[0])] = value
        }
    }

    /// Splits as Java does: empty parts at the end are dropped, elsewhere kept.
    private static func split(_ text: String, whereSeparator: (Character) -> Bool) -> [Substring] {
        var parts = text.split(omittingEmptySubsequences: false, whereSeparator: whereSeparator)
        while let last = parts.last, last.isEmpty, parts.count > 1 { parts.removeLast() }
        return parts
    }

    private static let countKey = "count"
    private static let bytesKey = "bytes"

    /// -1 where the text names none.
    var count: Int64 {
        get { values[Self.countKey] ?? -1 }
        set { values[Self.countKey] = newValue }
    }

    var bytes: Int64 {
        get { values[Self.bytesKey] ?? -1 }
        set { values[Self.bytesKey] = newValue }
    }

    /// The hard limit if there is one, else the soft one; -1 for none.
    var countLimit: (value: Int64, isHard: Bool) { limit(hard: "countHardLimit", soft: count) }
    var byteLimit: (value: Int64, isHard: Bool) { limit(hard: "byteHardLimit", soft: bytes) }

    private func limit(hard key: String, soft: Int64) -> (Int64, Bool) {
        if let hard = values[key], hard > -1 { return (hard, true) }
        return (soft, false)
    }

    /// The text upstream writes: soft values first, then the other keys in order.
    var text: [UInt8] {
        var text = "count=\(count),bytes=\(bytes)"
        let others = values.keys.filter { $0 != Self.countKey && $0 != Self.bytesKey }.sorted()
        if !others.isEmpty { text += "=" }
        for key in others { text += ";\(key)=\(values[key] ?? -1)" }
        return Array(text.utf8)
    }
}
