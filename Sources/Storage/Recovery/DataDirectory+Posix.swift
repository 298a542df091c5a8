// Opening the real directories: made when missing, and held against a second server.

import Glibc

/// Keeps directories locked until it is dropped. `flock` on the directory itself leaves no file behind and does not
/// disturb Apache's tools.
public final class DirectoryLock: Sendable {
    private let descriptors: [Int32]

    private static let pauseMs = 20

    fileprivate init(_ paths: [String], patienceMs: Int) throws(StorageError) {
        var remainingMs = patienceMs
        var held: [Int32] = []
        for path in paths {
            let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            if descriptor >= 0 { held.append(descriptor) }
            var isLocked = descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0
            while !isLocked, descriptor >= 0, remainingMs > 0 {
                usleep(UInt32(Self.pauseMs * 1000))
                remainingMs -= Self.pauseMs
                isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
            }
            guard isLocked else {
                held.forEach { close($0) }
                throw descriptor < 0 ? .directoryMissing(path) : .directoryInUse(path)
            }
        }
        descriptors = held
    }

    deinit { descriptors.forEach { close($0) } }
}

extension DataDirectory where D == PosixDisk {
    private static var versionDirectory: String { "/version-2" }

    /// - Parameters:
    ///   - dataLogDir: nil for the same as `dataDir`.
    ///   - create: `zookeeper.datadir.autocreate`.
    ///   - lockPatienceMs: how long a lock is waited for, milliseconds. A server that was killed still holds its own
    ///     while the system closes its connections, which takes seconds where they are many.
    /// - Returns: the directories, and the lock to keep for as long as they are used.
    public static func open(
        dataDir: String, dataLogDir: String? = nil, create: Bool = true, lockPatienceMs: Int = 5_000
    ) throws(StorageError) -> (directory: DataDirectory, lock: DirectoryLock) {
        let snapshots = dataDir + versionDirectory
        let logs = (dataLogDir ?? dataDir) + versionDirectory
        if create {
            try makeDirectories(snapshots)
            try makeDirectories(logs)
        }
        let root = try PosixDisk(path: dataDir)
        let snapshotDisk = try PosixDisk(path: snapshots)
        let logDisk = sameDirectory(snapshots, logs) ? snapshotDisk : try PosixDisk(path: logs)
        let lock = try DirectoryLock(
            logDisk.path == snapshotDisk.path ? [snapshots] : [snapshots, logs], patienceMs: lockPatienceMs)
        let directory = DataDirectory(root: root, snapshots: snapshotDisk, logs: logDisk)
        try directory.checkPlacement()
        return (directory, lock)
    }

    /// Two spellings, or a link, may lead to one place.
    private static func sameDirectory(_ a: String, _ b: String) -> Bool {
        var first = stat()
        var second = stat()
        guard unsafe stat(a, &first) == 0, unsafe stat(b, &second) == 0 else { return a == b }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    /// Like `mkdir -p`; every new entry is made durable.
    private static func makeDirectories(_ path: String) throws(StorageError) {
        var prefix = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            let parent = prefix.isEmpty ? "/" : prefix
            prefix += "/" + part
            if unsafe mkdir(prefix, 0o755) == 0 {
                try PosixDisk(path: parent).syncDirectory()
            } else if errno != EEXIST {
                throw .disk(operation: "mkdir", file: prefix, errno: errno)
            }
        }
    }
}
