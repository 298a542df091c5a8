// Every way in which durable data can fail its owner, one case per decision a caller may have to make.

public import Jute

/// What the disk, or bytes found on it, did not allow. Each case names the file; a message is one line for the
/// operator.
public enum StorageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A system call failed. On the log path the caller ends the process.
    case disk(operation: String, file: String, errno: Int32)
    /// The log holds bytes that are no record and no torn tail: going on would drop what may have been acknowledged.
    case corruptLog(file: String, offset: Int, reason: String)
    /// Records that must have been logged are not there.
    case missingRecords(after: Zxid, found: Zxid, file: String)
    /// Appending would overwrite a log file that holds records.
    case logFileInUse(file: String)
    case corruptSnapshot(file: String, reason: String)
    /// There are snapshots, and none of them decodes.
    case noValidSnapshot(tried: Int)
    /// The log has records but no snapshot stands before them (ZooKeeper `snapshot.trust.empty`).
    case logWithoutSnapshot(lastLogged: Zxid)
    /// A snapshot does not decode, and log and older snapshots do not lead up to it.
    case historyLost(through: Zxid, recovered: Zxid)
    case unreadableEpoch(file: String, reason: String)
    case currentEpochBehindLog(current: Epoch, last: Zxid)
    case acceptedEpochBehindCurrent(accepted: Epoch, current: Epoch)
    /// Log files beside snapshots, or the reverse, although two directories are configured.
    case misplacedFile(directory: String, file: String)
    case directoryMissing(String)
    /// Another server uses the directory.
    case directoryInUse(String)
    case invalidServerID(String)
    /// TRUNC cannot be done with what is on disk; nothing has been changed.
    case cannotTruncate(to: Zxid, reason: String)
    /// The state refused bytes that passed every checksum.
    case undecodable(String)

    public var description: String {
        switch self {
        case .disk(let operation, let file, let errno): "\(operation) of \(file) failed with errno \(errno)"
        case .corruptLog(let file, let offset, let reason): "log file \(file) is damaged at offset \(offset): \(reason)"
        case .missingRecords(let after, let found, let file):
            "log file \(file) goes on with \(found) although \(after) was the last transaction before"
        case .logFileInUse(let file): "log file \(file) holds records and would be overwritten"
        case .corruptSnapshot(let file, let reason): "snapshot \(file) is damaged: \(reason)"
        case .noValidSnapshot(let tried): "none of \(tried) snapshots can be read"
        case .logWithoutSnapshot(let last): "no snapshot found, but the log has records up to \(last)"
        case .historyLost(let through, let recovered):
            "snapshot \(through) cannot be read, and older files end at \(recovered) without leading up to it"
        case .unreadableEpoch(let file, let reason): "epoch file \(file) cannot be read: \(reason)"
        case .currentEpochBehindLog(let current, let last):
            "the current epoch, \(current), is older than that of the last zxid, \(last)"
        case .acceptedEpochBehindCurrent(let accepted, let current):
            "the accepted epoch, \(accepted), is less than the current epoch, \(current)"
        case .misplacedFile(let directory, let file): "\(directory) must not hold \(file)"
        case .directoryMissing(let path): "directory \(path) does not exist"
        case .directoryInUse(let path): "another server uses \(path)"
        case .invalidServerID(let text): "myid holds \"\(text)\", which is not a server id"
        case .cannotTruncate(let zxid, let reason): "the log cannot be cut after \(zxid): \(reason)"
        case .undecodable(let reason): "checksums are right but the content is not: \(reason)"
        }
    }

    /// Whether an older snapshot may be tried instead: true for bad bytes, false for a failing disk.
    var concernsContent: Bool {
        switch self {
        case .corruptSnapshot, .undecodable: true
        default: false
        }
    }
}
