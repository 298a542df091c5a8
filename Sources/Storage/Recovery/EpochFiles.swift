// The two promises a server keeps over restarts: the epoch it accepted, and the epoch whose history it has.

public import Jute

/// `acceptedEpoch` and `currentEpoch`, beside the snapshots. A set value is durable when the call returns.
public struct EpochFiles<D: Disk> {
    static var acceptedName: String { "acceptedEpoch" }
    static var currentName: String { "currentEpoch" }
    /// The epoch whose history may be in the log before `currentEpoch` says so; see `load`. Apache does not know it.
    static var joiningName: String { "joiningEpoch" }

    private let disk: D
    public private(set) var accepted: Epoch
    public private(set) var current: Epoch
    /// What had to be repaired while loading, for the log.
    public private(set) var report: [String] = []

    /// Promises to follow no older epoch. A history may be logged from now on whose last zxid is of this epoch.
    public mutating func setAccepted(_ epoch: Epoch) throws(StorageError) {
        try Self.write(Self.joiningName, epoch, on: disk)
        try Self.write(Self.acceptedName, epoch, on: disk)
        accepted = epoch
    }

    /// States that the history of this epoch's leader is durable here: call it only after that is so.
    public mutating func setCurrent(_ epoch: Epoch) throws(StorageError) {
        try Self.write(Self.currentName, epoch, on: disk)
        current = epoch
    }

    /// Reads both files, and refuses what no correct order of writes can leave behind (ZooKeeper 3.9, QuorumPeer).
    ///
    /// A missing file means the epoch of `lastZxid`. A current epoch older than the last zxid's is repaired from
    /// `currentEpoch.tmp`, as upstream does, or, where this server was joining an epoch not below it when it died
    /// between logging the history and writing the epoch, by the epoch of the last zxid: a later one would claim
    /// history that may not have arrived.
    public static func load(from disk: D, lastZxid: Zxid) throws(StorageError) -> EpochFiles {
        let logged = max(lastZxid.epoch, Epoch(0))
        var files = EpochFiles(disk: disk, accepted: logged, current: logged)
        let accepted = try read(acceptedName, on: disk)
        let current = try read(currentName, on: disk)
        if let current { files.current = current }
        if files.current < logged { try files.repairCurrent(logged: logged, lastZxid: lastZxid) }
        if let accepted {
            files.accepted = accepted
        } else {
            try write(acceptedName, logged, on: disk)
        }
        if current == nil { try write(currentName, logged, on: disk) }
        guard files.accepted >= files.current else {
            throw .acceptedEpochBehindCurrent(accepted: files.accepted, current: files.current)
        }
        return files
    }

    private init(disk: D, accepted: Epoch, current: Epoch) {
        self.disk = disk
        self.accepted = accepted
        self.current = current
    }

    private mutating func repairCurrent(logged: Epoch, lastZxid: Zxid) throws(StorageError) {
        let old = current
        if let interrupted = try Self.readIntact(Self.currentName + ".tmp", on: disk), interrupted >= logged {
            try setCurrent(interrupted)
        } else if let joining = try Self.readIntact(Self.joiningName, on: disk), joining >= logged {
            try setCurrent(logged)
        } else {
            throw .currentEpochBehindLog(current: old, last: lastZxid)
        }
        report.append("current epoch \(old) was behind the log, which a crash had left; it is \(current) now")
    }

    /// Decimal on the first line; nil when the file is missing.
    private static func read(_ name: String, on disk: D) throws(StorageError) -> Epoch? {
        guard let bytes = try disk.contents(of: name) else { return nil }
        let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        guard !line.isEmpty else { throw .unreadableEpoch(file: name, reason: "it is empty") }
        guard let value = Int64(line), value >= -1 else {
            throw .unreadableEpoch(file: name, reason: "\"\(line.prefix(32))\" is no epoch")
        }
        return Epoch(value)
    }

    /// Nil also when the crash tore the file itself: then it proves nothing.
    private static func readIntact(_ name: String, on disk: D) throws(StorageError) -> Epoch? {
        do {
            return try read(name, on: disk)
        } catch {
            guard case .unreadableEpoch = error else { throw error }
            return nil
        }
    }

    private static func write(_ name: String, _ epoch: Epoch, on disk: D) throws(StorageError) {
        try disk.replace(name, with: Array(epoch.description.utf8))
    }
}
