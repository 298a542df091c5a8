// The end of a log on a real file system: a hole behind the records, zeros that were written, and data behind a hole.

import Glibc
import Jute
import Storage
import Testing

@Suite struct LogEndTests {
    /// A directory of its own, removed afterwards.
    private func withDisk(_ body: (PosixDisk) throws -> Void) throws {
        var template = Array("/tmp/meerkat-log-end-XXXXXX".utf8CString)
        let path = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!).map { String(cString: $0) } }
        let disk = try PosixDisk(path: try #require(path))
        defer {
            for name in (try? disk.list()) ?? [] { try? disk.remove(name) }
            rmdir(disk.path)
        }
        try body(disk)
    }

    private let all = zxids(1, 1...5)

    /// Writes a log that grows as a hole; returns the file, and where its records end.
    private func write(_ disk: PosixDisk, preallocation: Int) throws -> (file: PosixFile, end: Int) {
        var options = TxnLogOptions()
        options.preallocation = LogPreallocation(bytes: preallocation)
        var writer = TxnLogWriter(disk: disk, options: options)
        for zxid in all { try writer.append(zxid, payload(zxid)) }
        try writer.sync()
        return (try disk.open(LogFileName(all[0]).text, .update), 16 + writer.bytesInFile)
    }

    private func read(_ disk: PosixDisk) throws(StorageError) -> (read: [Zxid], tears: Int) {
        var reader = try TxnLogReader(disk: disk, from: .zero)
        var read: [Zxid] = []
        while let txn = try reader.next() { read.append(txn.zxid) }
        return (read, reader.tears.count)
    }

    @Test func aHoleBehindTheRecordsIsTheEnd() throws {
        try withDisk { disk in
            let (file, end) = try write(disk, preallocation: 64 << 20)
            #expect(try file.size() >= 64 << 20)
            let found = try read(disk)
            #expect(found.read == all && found.tears == 0)
            // Whether the file system has holes or not: nothing but zeros may be passed over.
            let next = try file.nextData(from: end) ?? file.size()
            #expect(next >= end)
            #expect(try file.nextData(from: file.size()) == nil || next == end)
        }
    }

    @Test func writtenZerosAreTheEnd() throws {
        try withDisk { disk in
            let (file, end) = try write(disk, preallocation: 0)
            try file.write([UInt8](repeating: 0, count: 3 << 20).span, at: end)
            let found = try read(disk)
            #expect(found.read == all && found.tears == 0)
        }
    }

    @Test(arguments: [100, 300_000, (64 << 20) - 1]) func dataBehindAHoleAreDamage(_ distance: Int) throws {
        try withDisk { disk in
            let (file, end) = try write(disk, preallocation: 64 << 20)
            let byte: [UInt8] = [1]
            try file.write(byte.span, at: end + distance)
            #expect(throws: StorageError.self) { _ = try read(disk) }
        }
    }

    @Test func aTornRecordBeforeAHoleIsCut() throws {
        try withDisk { disk in
            let (file, end) = try write(disk, preallocation: 64 << 20)
            let torn: [UInt8] = [0, 0, 0, 0, 9, 9, 9, 9, 0, 0, 0, 60, 1, 2, 3]
            try file.write(torn.span, at: end)
            let found = try read(disk)
            #expect(found.read == all && found.tears == 1)
        }
    }
}
