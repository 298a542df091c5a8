// The four-letter words: which exist, who may ask, and the dispatch to their texts. The texts themselves are in
// `FourLetterWord+Texts.swift`.

/// A word an operator sends as the first four bytes of a connection; the answer is text, then the connection closes.
public enum FourLetterWord: String, CaseIterable, Sendable {
    case ruok, srvr, stat, conf, cons, mntr, isro, envi, dump, dirs
    case wchs, wchc, wchp, crst, srst, gtmk, stmk, hash

    /// What the server has to do besides answering.
    public enum Effect: Sendable {
        case none, resetServerStatistics, resetConnectionStatistics, setTraceMask
    }

    /// The word in the first four bytes, read as a big-endian number, as the frame length would be. nil: it is a
    /// frame length after all.
    public init?(code: UInt32) {
        guard let word = Self.byCode[code] else { return nil }
        self = word
    }

    /// The four bytes as a big-endian number.
    public var code: UInt32 { rawValue.utf8.reduce(0) { $0 << 8 | UInt32($1) } }

    /// What telnet sends for an interrupt: the connection is closed without an answer.
    public static let telnetInterrupt: UInt32 = 0xFFF4_FFFD

    /// Bytes that follow the word: `stmk` brings the mask as a big-endian 64-bit number.
    public var argumentBytes: Int { self == .stmk ? 8 : 0 }

    public var effect: Effect {
        switch self {
        case .crst: .resetConnectionStatistics
        case .srst: .resetServerStatistics
        case .stmk: .setTraceMask
        default: .none
        }
    }

    private static let byCode = Dictionary(uniqueKeysWithValues: allCases.map { ($0.code, $0) })

    /// Whether the word is answered between roles, too.
    private var answersAlways: Bool { [.envi, .gtmk, .stmk, .ruok, .isro].contains(self) }

    /// The whole answer. Pure: effects are the caller's, and for `stmk` the report holds the new mask already.
    public func answer(_ report: ServerReport, whitelist: FourLetterWhitelist) -> String {
        guard whitelist.allows(self) else {
            return "\(rawValue) is not executed because it is not in the whitelist.\n"
        }
        guard report.isServing || answersAlways else {
            return "This ZooKeeper instance is not currently serving requests\n"
        }
        return switch self {
        case .ruok: "imok"
        case .srvr: report.serverText(listingClients: false)
        case .stat: report.serverText(listingClients: true)
        case .conf: report.configurationText
        case .cons: report.connectionsText
        case .mntr: report.monitorText
        case .isro: !report.isServing ? "null" : report.mode == .readOnly ? "ro" : "rw"
        case .envi: report.environmentText
        case .dump: report.dumpText
        case .dirs: "datadir_size: \(report.dataDirectoryBytes)\nlogdir_size: \(report.logDirectoryBytes)\n"
        case .wchs: report.watchSummaryText
        case .wchc: report.watchesBySessionText
        case .wchp: report.watchesByPathText
        case .crst: "Connection stats reset.\n"
        case .srst: "Server stats reset.\n"
        case .gtmk, .stmk: String(report.traceMask)
        case .hash: report.digestsText
        }
    }
}

/// `4lw.commands.whitelist`: which words are answered. `srvr` always is.
public struct FourLetterWhitelist: Equatable, Sendable {
    private var words: Set<FourLetterWord>

    /// - Parameter setting: words separated by commas, or `*`. Names that are no words are ignored, as in ZooKeeper.
    public init(_ setting: String) {
        let names = setting.split(separator: ",").map { String($0).trimmed }
        words = names.contains("*") ? Set(FourLetterWord.allCases) : Set(names.compactMap(FourLetterWord.init))
        words.insert(.srvr)
    }

    public func allows(_ word: FourLetterWord) -> Bool { words.contains(word) }
}
