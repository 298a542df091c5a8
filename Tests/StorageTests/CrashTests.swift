// Crashes at every operation: what was acknowledged is there afterwards, and the server starts.

import Jute
import Simulator
import Storage
import Testing

@Suite struct CrashTests {
    /// Runs `scenario` on copies of the directory that `prepare` makes, with a crash at each operation in turn, and has
    /// `check` look at what recovery finds. With `anyOrder` recovery may refuse, but not lose.
    private func atEveryPoint(
        prepare: (MemoryDrive) throws -> Void,
        scenario: (MemoryDrive) throws -> Void,
        check: (MemoryDrive, Recovered<MemoryDisk, TestState>, _ point: Int) throws -> Void
    ) throws {
        for model in [CrashModel.prefix, .anyOrder] {
            for seed in UInt64(1)...10 {
                for point in 0..<1000 {
                    let drive = MemoryDrive(seed: seed &* 1000 &+ UInt64(point))
                    try prepare(drive)
                    drive.crash(afterOperations: point)
                    var finished = true
                    do { try scenario(drive) } catch is StorageError { finished = false }
                    drive.crash()
                    drive.restart(model)
                    do {
                        let recovered = try drive.recover()
                        try check(drive, recovered, point)
                    } catch let error as StorageError {
                        #expect(model == .anyOrder, "seed \(seed) point \(point): \(error)")
                    }
                    if finished { break }
                    #expect(point < 999)
                }
            }
        }
    }

    @Test func appendedAndSyncedRecordsSurvive() throws {
        var synced: [Zxid] = []
        try atEveryPoint(
            prepare: { drive in
                try drive.begin()
                synced = []
            },
            scenario: { drive in
                var options = TxnLogOptions.small
                options.fileSizeLimit = 900
                var writer = TxnLogWriter(disk: drive.version, options: options)
                var next = zxid(1, 1)
                for batch in 0..<9 {
                    var written: [Zxid] = []
                    for _ in 0...batch % 3 {
                        try writer.append(next, payload(next, size: batch == 5 ? 9000 : 40))
                        written.append(next)
                        next = next.next
                    }
                    if batch == 4 { try writer.roll() } else { try writer.sync() }
                    synced += written
                }
            },
            check: { drive, recovered, _ in
                let history = recovered.state.history
                #expect(history.starts(with: synced))
                #expect(history == Array(zxids(1, 1...30).prefix(history.count)))
                var writer = recovered.writer
                let next = zxid(1, UInt32(history.count) + 1)
                try writer.append(next, payload(next))
                try writer.sync()
                let again = try drive.recover().state.history
                #expect(again == history + [next])
            })
    }

    /// The process dies before its sync, another recovers what it left in the system's memory, then the power fails: what
    /// was recovered is there, and so is what followed it.
    @Test func whatWasRecoveredIsDurable() throws {
        for seed in UInt64(1)...40 {
            let drive = MemoryDrive(seed: seed)
            try drive.begin()
            var writer = TxnLogWriter(disk: drive.version, options: .small)
            for next in zxids(1, 1...5) { try writer.append(next, payload(next)) }
            try writer.sync()
            for next in zxids(1, 6...9) { try writer.append(next, payload(next)) }
            try writer.flush()
            var recovered = try drive.recover()
            #expect(recovered.state.history == zxids(1, 1...9))
            try recovered.writer.append(zxid(1, 10), payload(zxid(1, 10)))
            try recovered.writer.sync()
            drive.crash()
            drive.restart(.prefix)
            let history = try drive.recover().state.history
            #expect(history == zxids(1, 1...10), "seed \(seed)")
        }
    }

    @Test func firstStart() throws {
        try atEveryPoint(
            prepare: { $0.disk("data").place("initialize", []) },
            scenario: { _ = try $0.recover() },
            check: { drive, recovered, _ in
                #expect(recovered.isInitialised)
                #expect(recovered.state.lastZxid == .zero)
                let left = try drive.disk("data").list()
                #expect(left.isEmpty)
            })
    }

    @Test func truncation() throws {
        let all = zxids(1, 1...20)
        let kept = zxids(1, 1...8)
        try atEveryPoint(
            prepare: { drive in
                try drive.writeSnapshot([], at: .zero)
                try drive.writeLog(Array(all[0..<6]))
                try drive.writeLog(Array(all[6..<12]))
                try drive.writeSnapshot(Array(all[0..<10]), at: zxid(1, 10))
                try drive.writeLog(Array(all[12..<15]))
                try drive.writeLog(Array(all[15..<20]))
                try drive.writeSnapshot(all, at: zxid(1, 20))
            },
            scenario: { drive in
                let recovery = Recovery<MemoryDisk, TestState>(drive.directory, settings: .init(), options: .small)
                let truncated = try recovery.truncate(to: zxid(1, 8))
                #expect(truncated.state.history == kept)
                var epochs = truncated.epochs
                try epochs.setAccepted(Epoch(2))
            },
            check: { _, recovered, _ in
                // A beginning of what was there, and never less than what was to be kept.
                let history = recovered.state.history
                #expect(history.starts(with: kept))
                #expect(history == Array(all.prefix(history.count)))
            })
    }

    @Test func installation() throws {
        let common = zxids(1, 1...6)
        let diverged = common + zxids(1, 7...12)
        let leaders = common + zxids(1, 7...8).map { Zxid($0.rawValue) } + zxids(2, 1...3)
        for onlyNewerSnapshot in [false, true] {
            try atEveryPoint(
                prepare: { drive in
                    if !onlyNewerSnapshot { try drive.writeSnapshot([], at: .zero) }
                    try drive.writeLog(Array(diverged[0..<5]))
                    try drive.writeLog(Array(diverged[5..<12]))
                    if onlyNewerSnapshot { try drive.writeSnapshot(diverged, at: zxid(1, 12)) }
                    let recovered = try drive.recover()
                    #expect(recovered.state.history == diverged)
                    var epochs = recovered.epochs
                    try epochs.setAccepted(Epoch(2))
                },
                scenario: { drive in
                    var writer = try SnapshotWriter(disk: drive.version, zxid: zxid(2, 3))
                    try writer.write(TestState.stream(of: leaders))
                    let received = try writer.finishTemporary()
                    try SnapshotInstallation(drive.directory).install(received)
                    var log = TxnLogWriter(disk: drive.version, options: .small)
                    try log.append(zxid(2, 4), payload(zxid(2, 4)))
                    try log.sync()
                },
                check: { drive, recovered, _ in
                    let history = recovered.state.history
                    let installed = history.starts(with: leaders)
                    #expect(installed || history == diverged)
                    if installed {
                        #expect(history.count <= leaders.count + 1)
                        let oldLog = drive.version.contents(LogFileName(zxid(1, 1)).text)
                        #expect(oldLog == nil)
                    }
                    let names = try drive.version.list()
                    #expect(!names.contains { $0.hasPrefix("installing") })
                    let again = try drive.recover().state.history
                    #expect(again == history)
                })
        }
    }

    @Test func olderSnapshotInstalledOverALongerTail() throws {
        // Records and snapshots above the received one were never committed.
        let drive = MemoryDrive(seed: 3)
        try drive.writeSnapshot([], at: .zero)
        try drive.writeLog(zxids(1, 1...12))
        try drive.writeSnapshot(zxids(1, 1...11), at: zxid(1, 11))
        var writer = try SnapshotWriter(disk: drive.version, zxid: zxid(1, 9))
        try writer.write(TestState.stream(of: zxids(1, 1...9)))
        try SnapshotInstallation(drive.directory).install(try writer.finishTemporary())
        let recovered = try drive.recover()
        #expect(recovered.state.history == zxids(1, 1...9))
        #expect(recovered.state.lastZxid == zxid(1, 9))
    }

    @Test func joiningAnEpoch() throws {
        // Accepted epoch, then the history of that epoch, then the current epoch; recovery finds a consistent pair.
        try atEveryPoint(
            prepare: { drive in
                try drive.begin()
                try drive.writeLog(zxids(1, 1...2))
            },
            scenario: { drive in
                var recovered = try drive.recover()
                try recovered.epochs.setAccepted(Epoch(4))
                for next in [zxid(2, 1), zxid(2, 2), zxid(3, 1)] {
                    try recovered.writer.append(next, payload(next))
                    try recovered.writer.sync()
                }
                try recovered.epochs.setCurrent(Epoch(4))
            },
            check: { _, recovered, _ in
                #expect(recovered.epochs.current >= recovered.state.lastZxid.epoch)
                #expect(
                    recovered.epochs.current == Epoch(4) || recovered.epochs.current == recovered.state.lastZxid.epoch)
                #expect(recovered.epochs.accepted >= recovered.epochs.current)
            })
    }

    @Test func purging() throws {
        let all = zxids(1, 1...20)
        try atEveryPoint(
            prepare: { drive in
                for start in stride(from: 0, to: 20, by: 4) {
                    try drive.writeSnapshot(Array(all[..<start]), at: start == 0 ? .zero : all[start - 1])
                    try drive.writeLog(Array(all[start..<start + 4]))
                }
            },
            scenario: { _ = try Retention().purge($0.directory) },
            check: { _, recovered, _ in #expect(recovered.state.history == all) })
    }
}
