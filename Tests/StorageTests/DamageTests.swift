// Damaged directories: each is handled as Apache ZooKeeper 3.9 handles it, or refused where that would lose records.

import Jute
import Simulator
import Storage
import Testing

@Suite struct DamageTests {
    enum Expected: Sendable {
        /// Starts with the last zxid given.
        case starts(UInt32)
        case refuses
        /// Refused here; upstream starts without the records behind the damage.
        case refusesUnlikeUpstream
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        let name: String
        let expected: Expected
        var trusting = false
        var testDescription: String { name }
    }

    static let table: [Damage] = [
        Damage(name: "log-cut-in-last-payload", expected: .starts(0x30)),
        Damage(name: "log-cut-in-last-crc", expected: .starts(0x30)),
        Damage(name: "log-cut-before-last-trailer", expected: .starts(0x30)),
        Damage(name: "log-last-payload-half-zero", expected: .refuses),
        Damage(name: "log-last-tail-zero-with-trailer", expected: .starts(0x30)),
        Damage(name: "log-mid-bad-crc", expected: .refuses),
        Damage(name: "log-mid-no-trailer", expected: .refusesUnlikeUpstream),
        Damage(name: "log-mid-length-zero", expected: .refusesUnlikeUpstream),
        Damage(name: "log-mid-length-huge", expected: .refuses),
        Damage(name: "log-bad-magic", expected: .refuses),
        Damage(name: "log-header-only", expected: .starts(0)),
        Damage(name: "log-header-cut", expected: .refuses),
        Damage(name: "log-extra-empty", expected: .starts(0x31)),
        Damage(name: "log-empty-not-last", expected: .refuses),
        Damage(name: "log-trimmed", expected: .starts(0x31)),
        Damage(name: "log-odd-padding", expected: .starts(0x31)),
        Damage(name: "snap-none", expected: .refuses),
        Damage(name: "snap-none-trusted", expected: .starts(0x31), trusting: true),
        Damage(name: "snap-only-cut", expected: .refuses),
        Damage(name: "snap-only-zero-length", expected: .refuses),
        Damage(name: "snap-only-bad-byte", expected: .refuses),
        Damage(name: "snap-newer-zero-length", expected: .starts(0x31)),
        Damage(name: "snap-newer-cut", expected: .starts(0x31)),
        Damage(name: "snap-newer-bad-byte", expected: .starts(0x31)),
        Damage(name: "snap-newer-bad-magic", expected: .starts(0x31)),
        Damage(name: "snap-newer-cut-gz", expected: .starts(0x31)),
        Damage(name: "snap-newer-cut-snappy", expected: .starts(0x31)),
        Damage(name: "epoch-current-missing", expected: .starts(0x31)),
        Damage(name: "epoch-accepted-missing", expected: .starts(0x31)),
        Damage(name: "epoch-current-behind-log", expected: .refuses),
        Damage(name: "epoch-current-behind-log-tmp", expected: .starts(0x31)),
        Damage(name: "epoch-accepted-behind-current", expected: .refuses),
        Damage(name: "epoch-current-empty", expected: .refuses),
        Damage(name: "epoch-newline", expected: .starts(0x31)),
    ]

    @Test(arguments: table) func isHandled(_ damage: Damage) throws {
        let drive = try Vectors.drive("damaged/" + damage.name)
        var options = RecoveryOptions.small
        options.trustsMissingSnapshot = damage.trusting
        switch damage.expected {
        case .starts(let counter):
            let first = try drive.recover(options)
            let last = counter == 0 ? Zxid.zero : zxid(1, counter)
            #expect(first.state.lastZxid == last)
            #expect(first.epochs.current == Epoch(1) && first.epochs.accepted == Epoch(1) || counter == 0)
            // What was repaired stays so, and the log can be continued.
            var writer = first.writer
            let next = counter == 0 ? zxid(1, 1) : last.next
            try writer.append(next, payload(next))
            try writer.sync()
            #expect(try drive.recover(options).state.lastZxid == next)
        case .refuses, .refusesUnlikeUpstream:
            let before = try drive.version.list().map { ($0, drive.version.contents($0)) }
            #expect(throws: StorageError.self) { try drive.recover(options) }
            // Nothing has been touched that an operator may want to look at.
            for (name, content) in before { #expect(drive.version.contents(name) == content, "\(name)") }
        }
    }

    @Test func theTableIsComplete() throws {
        let names = try Vectors.disk("damaged").list().filter { !$0.hasSuffix(".json") }
        #expect(Set(names) == Set(Self.table.map(\.name)))
    }

    @Test func tornTailAtEveryOffsetLeavesExactlyThePrefix() throws {
        let all = zxids(1, 1...5)
        let original = MemoryDrive(seed: 1)
        try original.begin()
        try original.writeLog(all)
        let name = LogFileName(all[0]).text
        let bytes = try #require(original.version.contents(name))
        var ends: [Int] = []
        var reader = try TxnLogReader(disk: original.version, from: .zero)
        while let txn = try reader.next() { ends.append(txn.endOffset) }

        for offset in 1..<ends[4] + 5 {
            for zeroFilled in [false, true] {
                let drive = MemoryDrive(seed: 1)
                try drive.begin()
                var torn = Array(bytes[..<offset])
                if zeroFilled { torn += [UInt8](repeating: 0, count: bytes.count - offset) }
                drive.version.place(name, torn)
                guard offset >= 16 else {
                    if zeroFilled, torn[..<16] == bytes[..<16] { continue }
                    #expect(throws: StorageError.self) { try drive.recover() }
                    continue
                }
                let recovered = try drive.recover()
                #expect(recovered.state.history == Array(all.prefix(ends.count { $0 <= offset })), "cut at \(offset)")
                let again = try drive.recover()
                #expect(again.state.history == recovered.state.history)
                #expect(!again.report.contains { $0.contains("torn") })
                var writer = again.writer
                let next = zxid(1, UInt32(again.state.history.count) + 1)
                try writer.append(next, payload(next))
                try writer.sync()
                #expect(try drive.recover().state.lastZxid == next)
            }
        }
    }

    @Test func noFlippedByteLosesARecord() throws {
        let all = zxids(1, 1...4)
        let original = MemoryDrive(seed: 1)
        try original.begin()
        try original.writeLog(all)
        let name = LogFileName(all[0]).text
        let bytes = try #require(original.version.contents(name))
        let used = (bytes.lastIndex { $0 != 0 } ?? 0) + 1
        for index in 0..<used + 20 {
            for value: UInt8 in [0, 0x01, 0x42, 0x7f, 0xff] where bytes[index] != value {
                let drive = MemoryDrive(seed: 1)
                try drive.begin()
                var bad = bytes
                bad[index] = value
                drive.version.place(name, bad)
                guard let recovered = try? drive.recover() else { continue }
                // A lost mark of the last record cannot be told from a torn write.
                #expect(recovered.state.history == all || index == used - 1 && value == 0, "byte \(index) := \(value)")
            }
        }
    }

    @Test func upstreamsTornTailIsAcceptedWhenTheNextFileTakesItsPlace() throws {
        for (next, accepted) in [(zxid(1, 3), true), (zxid(1, 4), false), (zxid(2, 1), false)] {
            let drive = MemoryDrive(seed: 1)
            try drive.begin()
            try drive.writeLog(zxids(1, 1...3))
            let name = LogFileName(zxid(1, 1)).text
            let bytes = try #require(drive.version.contents(name))
            let used = (bytes.lastIndex { $0 != 0 } ?? 0) + 1
            drive.version.place(name, Array(bytes[..<(used - 5)]))
            try drive.writeLog([next])
            if accepted {
                #expect(try drive.recover().state.history == zxids(1, 1...3))
                #expect(try drive.recover().state.history == zxids(1, 1...3))
            } else {
                #expect(throws: StorageError.self) { try drive.recover() }
            }
        }
    }

    @Test func missingRecordsAreRefused() throws {
        let drive = MemoryDrive(seed: 1)
        try drive.begin()
        try drive.writeLog(zxids(1, 1...3))
        try drive.writeLog([zxid(1, 5)])
        #expect(throws: StorageError.missingRecords(after: zxid(1, 3), found: zxid(1, 5), file: "log.100000005")) {
            try drive.recover()
        }
    }

    @Test func noFallBackAcrossAGap() throws {
        // The log was given up when snapshot 2 was received; without it there is no way from 1 to what follows.
        let drive = MemoryDrive(seed: 1)
        try drive.writeSnapshot(zxids(1, 1...3), at: zxid(1, 3))
        try drive.writeSnapshot(zxids(1, 1...9), at: zxid(2, 0))
        drive.version.place(
            "snapshot.200000000", Array(try #require(drive.version.contents("snapshot.200000000")).dropLast(9)))
        #expect(throws: StorageError.historyLost(through: zxid(2, 0), recovered: zxid(1, 3))) { try drive.recover() }
        try drive.writeLog(zxids(2, 1...2))
        #expect(throws: StorageError.historyLost(through: zxid(2, 0), recovered: zxid(2, 2))) { try drive.recover() }
    }

    @Test func aLostSnapshotIsNotReplacedByAnEmptyDatabase() throws {
        let drive = MemoryDrive(seed: 1)
        drive.version.place("snapshot.100000005", [1, 2, 3])
        #expect(throws: StorageError.noValidSnapshot(tried: 1)) { try drive.recover() }
    }
}
