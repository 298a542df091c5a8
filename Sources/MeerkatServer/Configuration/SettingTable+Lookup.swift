// Finding a row of the settings table, and printing the whole of it for the documentation.

extension SettingTable {
    /// The row for a key of zoo.cfg: the exact name first, else the longest `…*` row it falls under.
    public static func setting(key: String) -> Setting? {
        byName[key] ?? patterns.first { key.hasPrefix($0.beginning) }?.setting
    }

    /// The row for a `-D` property.
    static func setting(property: String) -> Setting? {
        if let exact = byProperty[property] { return exact }
        guard property.hasPrefix("zookeeper.") else { return nil }
        let key = String(property.dropFirst("zookeeper.".count))
        return patterns.first { key.hasPrefix($0.beginning) && $0.setting.property == .prefixed }?.setting
    }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    private static let byProperty = Dictionary(
        uniqueKeysWithValues: all.flatMap { setting in setting.propertyNames.map { ($0, setting) } })

    private static let patterns: [(beginning: String, setting: Setting)] =
        all.filter { $0.name.hasSuffix("*") }
        .map { (String($0.name.dropLast()), $0) }
        .sorted { $0.0.utf8.count > $1.0.utf8.count }

    /// The table as Markdown, for the README and the documentation catalogue.
    public static var markdown: String {
        var text = "| key | default | expected | scope | meaning |\n|---|---|---|---|---|\n"
        for setting in all where setting.status == .supported {
            text += "| `\(setting.name)` | \(cell(setting.defaultText)) | \(cell(setting.expectation)) "
            text += "| \(setting.scope.rawValue) | \(cell(setting.meaning)) |\n"
        }
        text += "\nKnown, without effect (a warning is printed):\n\n| key | why |\n|---|---|\n"
        for setting in all {
            if case .warned(let reason) = setting.status { text += "| `\(setting.name)` | \(cell(reason)) |\n" }
        }
        text += "\nRefused unless at its default:\n\n| key | default | why |\n|---|---|---|\n"
        for setting in all {
            guard case .refused(let reason) = setting.status else { continue }
            text += "| `\(setting.name)` | \(cell(setting.defaultText)) | \(cell(reason)) |\n"
        }
        return text
    }

    private static func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
