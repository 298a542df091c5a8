// The epoch files' rules, beyond the recorded directories.

import Jute
import Simulator
import Storage
import Testing

@Suite struct EpochFilesTests {
    private func disk(_ files: [String: String]) -> MemoryDisk {
        let disk = MemoryDrive(seed: 1).disk("epochs")
        for (name, text) in files { disk.place(name, Array(text.utf8)) }
        return disk
    }

    @Test func missingFilesAreWritten() throws {
        let disk = disk([:])
        let files = try EpochFiles.load(from: disk, lastZxid: zxid(3, 7))
        #expect(files.accepted == Epoch(3) && files.current == Epoch(3))
        #expect(disk.contents("acceptedEpoch") == Array("3".utf8))
        #expect(disk.contents("currentEpoch") == Array("3".utf8))
        #expect(try EpochFiles.load(from: self.disk([:]), lastZxid: .none).current == Epoch(0))
    }

    @Test func unreadableFilesAreRefused() {
        for text in ["", "\n", "x", "1 ", "99999999999999999999", "-2"] {
            for name in ["acceptedEpoch", "currentEpoch"] {
                var files = ["acceptedEpoch": "1", "currentEpoch": "1"]
                files[name] = text
                let disk = disk(files)
                #expect(throws: StorageError.self) { try EpochFiles.load(from: disk, lastZxid: zxid(1, 1)) }
            }
        }
    }

    @Test func theTemporaryFileCountsOnlyWhenItReachesTheLog() throws {
        let behind = disk(["acceptedEpoch": "5", "currentEpoch": "1", "currentEpoch.tmp": "2"])
        #expect(throws: StorageError.currentEpochBehindLog(current: Epoch(1), last: zxid(3, 1))) {
            try EpochFiles.load(from: behind, lastZxid: zxid(3, 1))
        }
        let enough = disk(["acceptedEpoch": "5", "currentEpoch": "1", "currentEpoch.tmp": "4"])
        let files = try EpochFiles.load(from: enough, lastZxid: zxid(3, 1))
        #expect(files.current == Epoch(4))
        #expect(files.report.count == 1)
        #expect(enough.contents("currentEpoch") == Array("4".utf8))
    }

    @Test func anInterruptedJoinClaimsNoMoreThanTheLogHolds() throws {
        let disk = disk(["acceptedEpoch": "1", "currentEpoch": "1"])
        var files = try EpochFiles.load(from: disk, lastZxid: zxid(1, 1))
        try files.setAccepted(Epoch(5))
        let loaded = try EpochFiles.load(from: disk, lastZxid: zxid(3, 1))
        #expect(loaded.accepted == Epoch(5) && loaded.current == Epoch(3))
        let beyond = self.disk(["acceptedEpoch": "5", "currentEpoch": "1", "joiningEpoch": "2"])
        #expect(throws: StorageError.self) { try EpochFiles.load(from: beyond, lastZxid: zxid(3, 1)) }
    }
}
