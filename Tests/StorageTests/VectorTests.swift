// Files written by Apache ZooKeeper are read with every checksum verified, and written again to the same bytes.

import Jute
import Simulator
import Storage
import Testing

@Suite struct VectorTests {
    @Test(arguments: Vectors.sound) func logIsReadAndWrittenAgain(_ name: String) throws {
        let disk = try Vectors.disk(name)
        let names = LogFileName.sorted(try disk.list())
        #expect(names.count == 1)
        var reader = try TxnLogReader(disk: disk, from: .zero)
        let drive = MemoryDrive(seed: 1)
        var writer = TxnLogWriter(disk: drive.version, options: .small)
        var previous: Zxid?
        var count = 0
        while let txn = try reader.next() {
            if let previous {
                #expect(txn.zxid.rawValue == previous.rawValue + 1)
            } else {
                #expect(txn.zxid == names[0].zxid)
            }
            previous = txn.zxid
            count += 1
            try writer.append(txn.zxid, txn.payload)
        }
        try writer.sync()
        #expect(count >= 2)
        #expect(reader.tears.isEmpty && reader.emptyLastFile == nil)
        #expect(try drive.version.contents(names[0].text) == Vectors.bytes(disk, names[0].text))
    }

    @Test(arguments: Vectors.sound) func snapshotIsReadAndWrittenAgain(_ name: String) throws {
        let disk = try Vectors.disk(name)
        for snapshot in try SnapshotCatalog(disk: disk).candidates {
            var source = try SnapshotSource(disk: disk, snapshot)
            let state = try TestState.restore(from: &source, zxid: snapshot.zxid, .init())
            let trailer = try source.finish()
            #expect((trailer.lastProcessed != nil) == name.hasPrefix("3.9"))
            #expect(trailer.digest != nil)

            let drive = MemoryDrive(seed: 1)
            for compression in SnapshotCompression.allCases {
                var writer = try SnapshotWriter(disk: drive.version, zxid: snapshot.zxid, compression: compression)
                for part in stride(from: 0, to: state.stream.count, by: 700) {
                    try writer.write(Array(state.stream[part..<min(part + 700, state.stream.count)]))
                }
                let written = try writer.finish(trailer)
                var again = try SnapshotSource(disk: drive.version, written)
                #expect(try TestState.restore(from: &again, zxid: snapshot.zxid, .init()).stream == state.stream)
                #expect(try again.finish() == trailer)
                if compression == .none, snapshot.compression == .none {
                    #expect(try drive.version.contents(written.text) == Vectors.bytes(disk, snapshot.text))
                }
            }
        }
    }

    @Test(arguments: Vectors.sound) func directoryIsRecovered(_ name: String) throws {
        let drive = try Vectors.drive(name)
        let recovered = try drive.recover()
        #expect(recovered.state.lastZxid == (name.contains("log-only") ? zxid(1, 0x31) : zxid(2, 2)))
        #expect(recovered.state.replayed.count == recovered.replayedCount)
        #expect(recovered.isInitialised)
    }

    @Test func unknownBlocksAreIgnored() throws {
        let drive = MemoryDrive(seed: 1)
        try drive.writeSnapshot([], at: zxid(1, 5))
        let name = SnapshotFileName(zxid(1, 5)).text
        let bytes = try #require(drive.version.contents(name))
        let more: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 0, 0, 0, 0, 0, 0, 0, 1, 0x2f]
        drive.version.place(name, bytes + more)
        var source = try SnapshotSource(disk: drive.version, SnapshotFileName(zxid(1, 5)))
        _ = try TestState.restore(from: &source, zxid: .zero, .init())
        #expect(throws: StorageError.self) { try source.finish() }

        // The same, but the bytes that follow are no digest of an old version either.
        let block: [UInt8] = [UInt8](repeating: 0, count: 11) + [1] + [0, 0, 0, 1, 0x41]
        var sum: (UInt32, UInt32) = (1, 0)
        for byte in bytes + block {
            sum.0 = (sum.0 + UInt32(byte)) % 65521
            sum.1 = (sum.1 + sum.0) % 65521
        }
        let adler = sum.1 << 16 | sum.0
        let seal: [UInt8] =
            [0, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: adler >> (24 - 8 * $0)) } + [0, 0, 0, 1, 0x2f]
        drive.version.place(name, bytes + block + seal + more)
        source = try SnapshotSource(disk: drive.version, SnapshotFileName(zxid(1, 5)))
        _ = try TestState.restore(from: &source, zxid: .zero, .init())
        #expect(try source.finish() == SnapshotTrailer())
    }

    @Test func everyFlippedByteOfASnapshotIsSeen() throws {
        let drive = MemoryDrive(seed: 1)
        for compression in SnapshotCompression.allCases {
            var writer = try SnapshotWriter(disk: drive.version, zxid: zxid(1, 5), compression: compression)
            let stream = TestState.stream(of: zxids(1, 1...5))
            try writer.write(stream)
            let name = try writer.finish(
                SnapshotTrailer(digest: .init(zxid: zxid(1, 6), digest: 7), lastProcessed: zxid(1, 6)))
            let bytes = try #require(drive.version.contents(name.text))
            for index in bytes.indices {
                var bad = bytes
                bad[index] ^= 0x10
                drive.version.place(name.text, bad)
                let readable = try? {
                    var source = try SnapshotSource(disk: drive.version, name)
                    let state = try TestState.restore(from: &source, zxid: zxid(1, 5), .init())
                    _ = try source.finish()
                    return state
                }()
                // What is damaged outside the checksum may pass, but then with the right content.
                if let readable { #expect(readable.stream == stream, "byte \(index) of \(name.text)") }
            }
            for length in bytes.indices {
                drive.version.place(name.text, Array(bytes[..<length]))
                let opened = try? SnapshotSource(disk: drive.version, name)
                guard var source = opened else { continue }
                if let state = try? TestState.restore(from: &source, zxid: zxid(1, 5), .init()),
                    (try? source.finish()) != nil
                {
                    #expect(state.stream == stream)
                }
            }
            drive.version.place(name.text, [])
        }
    }
}
