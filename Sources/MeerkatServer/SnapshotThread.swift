// The thread that writes snapshots of the own tree, beside the log, and removes old files.

import Jute
import Libevent
import Logging
import ReplicaStore
import Storage

/// What the snapshot thread is told, in order.
enum SnapshotMessage: Sendable {
    case begin(Zxid)
    case bytes([UInt8])
    /// The log is durable through everything the snapshot may show: finish and name it.
    case end(SnapshotTrailerPiece)
    case purge
    /// Drop what is unfinished and answer: the log is about to be cut.
    case settle(BlockingMailbox<Bool>)
    case stop
}

/// Writes what it is given; knows no tree. A snapshot that cannot be written is a warning: the log still holds
/// everything (a log that cannot be written is the end, see `DiskThread`).
final class SnapshotThread: Sendable {
    private let mailbox = BlockingMailbox<SnapshotMessage>(capacity: 4096)
    private let directory: DataDirectory<PosixDisk>
    private let compression: SnapshotCompression
    private let retainCount: Int
    private let writesLastZxid: Bool
    private let log: Logger

    init(
        directory: DataDirectory<PosixDisk>, compression: SnapshotCompression, retainCount: Int, writesLastZxid: Bool,
        log: Logger
    ) {
        self.directory = directory
        self.compression = compression
        self.retainCount = retainCount
        self.writesLastZxid = writesLastZxid
        self.log = log
    }

    func post(_ message: SnapshotMessage) { while !mailbox.post(message) { Thread.pause(ms: 1) } }

    /// Pieces waiting to be written: whoever makes them rests while there are many.
    var backlog: Int { mailbox.count }

    /// What was begun before is named or dropped when this returns.
    func settle() {
        let done = BlockingMailbox<Bool>(capacity: 1)
        post(.settle(done))
        _ = done.takeAll()
    }

    func run() {
        var writer: SnapshotWriter<PosixDisk>?
        while let batch = mailbox.takeAll() {
            for message in batch {
                if case .stop = message { return }
                do throws(StorageError) {
                    try perform(message, &writer)
                } catch {
                    log.error("snapshot: \(error)")
                    writer = nil
                }
            }
        }
    }

    private func perform(
        _ message: SnapshotMessage, _ writer: inout SnapshotWriter<PosixDisk>?
    ) throws(StorageError) {
        switch message {
        case .begin(let zxid):
            writer = try SnapshotWriter(disk: directory.snapshots, zxid: zxid, compression: compression)
        case .bytes(let bytes): try writer?.write(bytes)
        case .end(let piece):
            guard let finished = writer.take() else { return }
            var trailer = SnapshotTrailer()
            trailer.digest = SnapshotDigest(zxid: piece.digestZxid, digest: piece.digest)
            if writesLastZxid { trailer.lastProcessed = piece.digestZxid }
            let size = finished.unpackedSize
            let name = try finished.finish(trailer)
            log.info("snapshot taken", metadata: ["file": "\(name.text)", "bytes": "\(size)"])
        case .purge:
            let removed = try Retention(snapshotCount: retainCount).purge(directory)
            if !removed.isEmpty { log.info("purged", metadata: ["files": "\(removed.joined(separator: " "))"]) }
        case .settle(let done):
            writer = nil
            _ = done.post(true)
        case .stop: break
        }
    }
}
