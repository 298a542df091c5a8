// The rules of a start that are not about damage: first start, epochs, truncation, purge, placement, locks.

import Glibc
import Jute
import Simulator
import Storage
import Testing

@Suite struct RecoveryTests {
    @Test func emptyDirectory() throws {
        var options = RecoveryOptions.small
        let drive = MemoryDrive(seed: 1)
        #expect(try drive.recover(options).isInitialised)
        #expect(try drive.version.list() == ["acceptedEpoch", "currentEpoch", "snapshot.0"])

        options.createsDatabase = false
        let bare = MemoryDrive(seed: 1)
        let waiting = try bare.recover(options)
        #expect(!waiting.isInitialised)
        #expect(try bare.version.list() == ["acceptedEpoch", "currentEpoch"])
        bare.disk("data").place("initialize", [])
        #expect(try bare.recover(options).isInitialised)
        #expect(bare.disk("data").contents("initialize") == nil)
        #expect(try bare.recover(options).isInitialised)
    }

    @Test func logWithoutSnapshotIsTrustedOnlyOnDemand() throws {
        let drive = MemoryDrive(seed: 1)
        try drive.writeLog(zxids(1, 1...4))
        #expect(throws: StorageError.logWithoutSnapshot(lastLogged: zxid(1, 4))) { try drive.recover() }
        var options = RecoveryOptions.small
        options.trustsMissingSnapshot = true
        let recovered = try drive.recover(options)
        #expect(recovered.state.history == zxids(1, 1...4))
    }

    @Test func onlyRecordsBehindTheSnapshotAreReplayed() throws {
        let drive = MemoryDrive(seed: 1)
        try drive.writeSnapshot([], at: .zero)
        try drive.writeLog(zxids(1, 1...4))
        try drive.writeLog(zxids(1, 5...9))
        try drive.writeSnapshot(zxids(1, 1...6), at: zxid(1, 6))
        let recovered = try drive.recover()
        #expect(recovered.state.replayed == zxids(1, 7...9))
        #expect(recovered.snapshotZxid == zxid(1, 6))
        #expect(recovered.lastLoggedZxid == zxid(1, 9))
    }

    @Test func truncationRefusesWithoutTouchingAnything() throws {
        let drive = MemoryDrive(seed: 1)
        try drive.writeLog(zxids(1, 1...4))
        try drive.writeSnapshot(zxids(1, 1...4), at: zxid(1, 4))
        let before = try drive.version.list()
        let recovery = Recovery<MemoryDisk, TestState>(drive.directory, settings: .init(), options: .small)
        for target in [zxid(1, 3), zxid(1, 5), zxid(2, 1)] {
            #expect(throws: StorageError.self) { try recovery.truncate(to: target) }
            #expect(try drive.version.list() == before)
        }
        #expect(try recovery.truncate(to: zxid(1, 4)).state.lastZxid == zxid(1, 4))
    }

    @Test func truncationToTheBeginningOfAnEpoch() throws {
        let drive = MemoryDrive(seed: 1)
        try drive.writeSnapshot([], at: .zero)
        try drive.writeLog(zxids(1, 1...4) + zxids(2, 1...3))
        let recovery = Recovery<MemoryDisk, TestState>(drive.directory, settings: .init(), options: .small)
        #expect(try recovery.truncate(to: zxid(2, 0)).state.history == zxids(1, 1...4))
    }

    @Test func truncatedFileEndsBehindTheRecord() throws {
        let drive = MemoryDrive(seed: 1)
        try drive.writeSnapshot([], at: .zero)
        try drive.writeLog(zxids(1, 1...4))
        let recovery = Recovery<MemoryDisk, TestState>(drive.directory, settings: .init(), options: .small)
        var writer = try recovery.truncate(to: zxid(1, 2)).writer
        let recordSize = 12 + payload(.zero).count + 1
        #expect(try drive.version.size(of: "log.100000001") == 16 + 2 * recordSize)
        try writer.append(zxid(1, 3), payload(zxid(1, 3)))
        try writer.sync()
        #expect(try drive.version.size(of: "log.100000003") == 16400)
        #expect(try drive.recover().state.history == zxids(1, 1...3))
    }

    @Test func purgeKeepsWhatASnapshotNeeds() throws {
        let drive = MemoryDrive(seed: 1)
        for name in ["log.1", "log.5", "log.a", "log.f", "log.14", "other", "log.x"] { drive.version.place(name, [1]) }
        #expect(try Retention().purge(drive.directory) == [])
        for counter: Int64 in [0, 4, 12, 16, 19] { try drive.writeSnapshot([], at: Zxid(counter)) }
        drive.version.place("snapshot.14", [])
        // The third newest whole one is 12 (hex c): log.a may hold what follows it.
        #expect(try Set(Retention().purge(drive.directory)) == ["snapshot.0", "snapshot.4", "log.1", "log.5"])
        #expect(try Retention().purge(drive.directory) == [])
    }

    @Test func snapshotTriggerStaysWithinItsHalf() {
        for random: UInt64 in [0, 1, 49, 50, .max] {
            var trigger = SnapshotTrigger(count: 100, bytes: 0, random: random)
            var count = 1
            while !trigger.didAppend(1) { count += 1 }
            #expect(count == 51 + Int(random % 50))
            trigger.reset(random: 0)
            let triggered = (1...51).map { _ in trigger.didAppend(1) }
            #expect(triggered == Array(repeating: false, count: 50) + [true])
        }
        var bySize = SnapshotTrigger(count: 1000, bytes: 1000, random: 0)
        let triggered = [bySize.didAppend(500), bySize.didAppend(1)]
        #expect(triggered == [false, true])
    }

    @Test func fileNames() {
        #expect(LogFileName(parsing: "log.100000001")?.zxid == zxid(1, 1))
        #expect(LogFileName(zxid(1, 0xab)).text == "log.1000000ab")
        for name in ["log", "log.", "log.xyz", "log.-1", "log.1.bak", "snapshot.1", "log.fffffffffffffffff"] {
            #expect(LogFileName(parsing: name) == nil)
        }
        #expect(SnapshotFileName(parsing: "snapshot.a.gz")?.compression == .gzip)
        #expect(SnapshotFileName(parsing: "snapshot.a.snappy")?.text == SnapshotFileName(Zxid(10), .snappy).text)
        for name in ["snapshot.a.tmp", "snapshot.a.gz.tmp", "snapshot.a.", "snapshot"] {
            #expect(SnapshotFileName(parsing: name) == nil)
        }
    }

    @Test func aFileWithRecordsIsNeverOverwritten() throws {
        let drive = MemoryDrive(seed: 1)
        try drive.writeLog([zxid(1, 1)])
        #expect(throws: StorageError.logFileInUse(file: "log.100000001")) { try drive.writeLog([zxid(1, 1)]) }
    }

    @Test func preallocation() {
        let rule = LogPreallocation(bytes: 16 << 10)
        #expect(rule.size(before: 16, size: 16) == 16400)
        #expect(rule.size(before: 12303, size: 16400) == 16400)
        #expect(rule.size(before: 12304, size: 16400) == 32784)
        #expect(rule.size(before: 40000, size: 32784) == 49152)
        #expect(LogPreallocation.off.size(before: 40000, size: 16) == 16)
    }

    @Test func aLockThatIsLetGoIsWaitedFor() throws {
        let base = "/tmp/meerkat-storage-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        defer { for dir in ["/version-2", ""] { removeTree(base + dir) } }
        _ = try DataDirectory<PosixDisk>.open(dataDir: base)
        let holder = open(base + "/version-2", O_RDONLY | O_DIRECTORY)
        #expect(flock(holder, LOCK_EX | LOCK_NB) == 0)
        #expect(throws: StorageError.directoryInUse(base + "/version-2")) {
            try DataDirectory<PosixDisk>.open(dataDir: base, lockPatienceMs: 0)
        }
        // A thread of its own: those that tests share may all be busy.
        var thread = pthread_t()
        let argument = UnsafeMutableRawPointer(bitPattern: Int(holder))
        let created = pthread_create(
            &thread, nil,
            { argument in
                usleep(50_000)
                close(Int32(Int(bitPattern: argument)))
                return nil
            }, argument)
        #expect(created == 0)
        _ = try DataDirectory<PosixDisk>.open(dataDir: base, lockPatienceMs: 60_000)
        pthread_join(thread, nil)
    }

    @Test func realDirectories() throws {
        let base = "/tmp/meerkat-storage-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        defer { for dir in ["/a/version-2", "/l/version-2", "/a", "/l", ""] { removeTree(base + dir) } }
        do {
            let (directory, lock) = try DataDirectory<PosixDisk>.open(dataDir: base + "/a", dataLogDir: base + "/l")
            #expect(!directory.isShared)
            #expect(throws: StorageError.directoryInUse(base + "/a/version-2")) {
                try DataDirectory<PosixDisk>.open(dataDir: base + "/a", lockPatienceMs: 50)
            }
            var recovered = try Recovery<PosixDisk, TestState>(directory, settings: .init(), options: .small).start()
            try recovered.epochs.setAccepted(Epoch(1))
            try recovered.epochs.setCurrent(Epoch(1))
            try recovered.writer.append(zxid(1, 1), payload(zxid(1, 1)))
            try recovered.writer.sync()
            let again = try Recovery<PosixDisk, TestState>(directory, settings: .init(), options: .small).start()
            #expect(again.state.history == [zxid(1, 1)])
            #expect(try directory.serverID() == nil)
            let file = try directory.root.open("myid", .create)
            let text = Array("12\n".utf8)
            try file.write(text.span, at: 0)
            #expect(try directory.serverID() == ServerID(12))
            #expect(try directory.logs.size(of: "nothing") == nil)
            #expect(throws: StorageError.self) { try directory.logs.open("nothing", .read) }
            withExtendedLifetime(lock) {}
        }
        #expect(throws: StorageError.misplacedFile(directory: base + "/l/version-2", file: "log.100000001")) {
            try DataDirectory<PosixDisk>.open(dataDir: base + "/l", dataLogDir: base + "/a")
        }
        #expect(throws: StorageError.directoryMissing(base + "/none")) {
            try DataDirectory<PosixDisk>.open(dataDir: base + "/none", create: false)
        }
    }

    private func removeTree(_ path: String) {
        if let disk = try? PosixDisk(path: path), let names = try? disk.list() {
            for name in names { try? disk.remove(name) }
        }
        rmdir(path)
    }
}
