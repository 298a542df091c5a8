// What a reader of the log hands out, and what it says about the end of a file that a crash cut short.

package import Jute

/// One record of the log.
package struct LoggedTxn: Hashable, Sendable {
    package let zxid: Zxid
    /// The serialised transaction: header, body, digest.
    package let payload: [UInt8]
    package let file: String
    /// Of the record's first byte, and of the byte behind its mark.
    package let offset: Int
    package let endOffset: Int
}

/// A record that was being written when the server died. It stands physically last, so nobody acknowledged it.
package struct LogTear: Hashable, Sendable, CustomStringConvertible {
    package let file: String
    /// Where the file is to be cut.
    package let offset: Int
    /// Length of the file before.
    package let fileSize: Int
    package let reason: String

    package var description: String { "\(file) ends at offset \(offset) of \(fileSize) in a torn record: \(reason)" }
}
