// What a reader of the log hands out, and what it says about the end of a file that a crash cut short.

public import Jute

/// One record of the log.
public struct LoggedTxn: Hashable, Sendable {
    public let zxid: Zxid
    /// The serialised transaction: header, body, digest.
    public let payload: [UInt8]
    public let file: String
    /// Of the record's first byte, and of the byte behind its mark.
    public let offset: Int
    public let endOffset: Int
}

/// A record that was being written when the server died. It stands physically last, so nobody acknowledged it.
public struct LogTear: Hashable, Sendable, CustomStringConvertible {
    public let file: String
    /// Where the file is to be cut.
    public let offset: Int
    /// Length of the file before.
    public let fileSize: Int
    public let reason: String

    public var description: String { "\(file) ends at offset \(offset) of \(fileSize) in a torn record: \(reason)" }
}
