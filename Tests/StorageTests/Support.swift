// A state that remembers what was done to it, and the recorded directories.

import Glibc
import Jute
import Simulator
import Storage

/// Knows of a tree stream only where it ends. The session table serves as a list of zxids, so that a snapshot made
/// here tells which history it holds.
struct TestState: ReplicatedState {
    struct Settings {}

    var history: [Zxid] = []
    var lastZxid = Zxid.zero
    var stream: [UInt8] = []
    var trailer: SnapshotTrailer?
    var replayed: [Zxid] = []

    static func empty(_ settings: Settings) -> TestState { TestState() }

    static func restore(
        from source: inout SnapshotSource, zxid: Zxid, _ settings: Settings, _ readAhead: any ReadAhead = NoReadAhead()
    ) throws(StorageError) -> TestState {
        var state = TestState()
        try state.read(&source)
        state.lastZxid = zxid
        return state
    }

    mutating func didRestore(_ trailer: SnapshotTrailer) { self.trailer = trailer }

    mutating func replay(_ zxid: Zxid, _ payload: Span<UInt8>) throws(StorageError) {
        replayed.append(zxid)
        if !history.contains(zxid) { history.append(zxid) }
        lastZxid = max(lastZxid, zxid)
    }

    func serialize(_ write: ([UInt8]) throws(StorageError) -> Void) throws(StorageError) {
        try write(Self.stream(of: history))
    }

    static func stream(of history: [Zxid]) -> [UInt8] {
        var encoder = JuteEncoder()
        encoder.write(Int32(history.count))
        for zxid in history {
            encoder.write(zxid.rawValue)
            encoder.write(Int32(1))
        }
        encoder.write(Int32(0))
        encoder.write(Array("/".utf8))
        return encoder.withUnsafeBytes { Array($0) }
    }

    private mutating func read(_ source: inout SnapshotSource) throws(StorageError) {
        for _ in 0..<(try integer(&source)) {
            history.append(Zxid(try long(&source)))
            _ = try integer(&source)
        }
        for _ in 0..<(try integer(&source)) {
            _ = try long(&source)
            for _ in 0..<max(0, try integer(&source)) {
                _ = try integer(&source)
                _ = try string(&source)
                _ = try string(&source)
            }
        }
        while try string(&source) != Array("/".utf8) {
            _ = try string(&source)
            _ = try take(68, &source)
        }
    }

    private mutating func integer(_ source: inout SnapshotSource) throws(StorageError) -> Int32 {
        try take(4, &source).reduce(0) { $0 << 8 | Int32($1) }
    }

    private mutating func long(_ source: inout SnapshotSource) throws(StorageError) -> Int64 {
        try take(8, &source).reduce(0) { $0 << 8 | Int64($1) }
    }

    private mutating func string(_ source: inout SnapshotSource) throws(StorageError) -> [UInt8] {
        try take(max(0, Int(integer(&source))), &source)
    }

    private mutating func take(_ count: Int, _ source: inout SnapshotSource) throws(StorageError) -> [UInt8] {
        var taken: [UInt8] = []
        try source.withBytes(atLeast: count) { bytes throws(StorageError) in
            for index in 0..<count { taken.append(bytes[index]) }
            return count
        }
        stream += taken
        return taken
    }
}

/// The smallest thing that passes for a transaction, made longer by `size` bytes.
func payload(_ zxid: Zxid, size: Int = 8) -> [UInt8] {
    var encoder = JuteEncoder()
    encoder.write(Int64(7))
    encoder.write(Int32(1))
    encoder.write(zxid.rawValue)
    encoder.write(Int64(1_700_000_000_000))
    encoder.write(Int32(-10))
    encoder.writeRaw([UInt8](repeating: UInt8(truncatingIfNeeded: zxid.rawValue), count: size))
    return encoder.withUnsafeBytes { Array($0) }
}

/// Zxids of one epoch.
func zxids(_ epoch: Int64, _ counters: ClosedRange<UInt32>) -> [Zxid] {
    counters.map { Zxid(epoch: Epoch(epoch), counter: $0) }
}

func zxid(_ epoch: Int64, _ counter: UInt32) -> Zxid { Zxid(epoch: Epoch(epoch), counter: counter) }

extension MemoryDrive {
    /// Everything in one `version-2`, as most servers have it.
    var directory: DataDirectory<MemoryDisk> {
        DataDirectory(root: disk("data"), snapshots: disk("data/version-2"), logs: disk("data/version-2"))
    }

    var version: MemoryDisk { disk("data/version-2") }

    func recover(_ options: RecoveryOptions = .small) throws(StorageError) -> Recovered<MemoryDisk, TestState> {
        try Recovery(directory, settings: .init(), options: options).start()
    }

    /// An empty database of a server that is in its first epoch.
    func begin() throws(StorageError) {
        var recovered = try recover()
        try recovered.epochs.setAccepted(Epoch(1))
        try recovered.epochs.setCurrent(Epoch(1))
    }

    func writeSnapshot(_ history: [Zxid], at zxid: Zxid) throws(StorageError) {
        var writer = try SnapshotWriter(disk: version, zxid: zxid)
        try writer.write(TestState.stream(of: history))
        _ = try writer.finish()
    }

    func writeLog(_ zxids: [Zxid]) throws(StorageError) {
        var writer = TxnLogWriter(disk: version, options: .small)
        for zxid in zxids { try writer.append(zxid, payload(zxid)) }
        try writer.sync()
    }
}

extension TxnLogOptions {
    static var small: TxnLogOptions {
        var options = TxnLogOptions()
        options.preallocation = LogPreallocation(bytes: 16 << 10)
        return options
    }
}

extension RecoveryOptions {
    static var small: RecoveryOptions {
        var options = RecoveryOptions()
        options.log = .small
        return options
    }
}

/// Directories written by Apache ZooKeeper.
enum Vectors {
    static let path: String = {
        var parts = #filePath.split(separator: "/")
        parts.removeLast(2)
        return "/" + parts.joined(separator: "/") + "/Vectors/storage"
    }()

    static let sound: [String] = ["3.8.0", "3.9.4"].flatMap { release in
        ["log-only", "snap-plain", "snap-gz", "snap-snappy"].map { "\(release)/\($0)/version-2" }
    }

    static func disk(_ name: String) throws -> PosixDisk { try PosixDisk(path: path + "/" + name) }

    static func bytes(_ disk: PosixDisk, _ name: String) throws -> [UInt8] {
        let file = try disk.open(name, .read)
        var bytes = [UInt8](repeating: 0, count: try file.size())
        _ = try file.read(at: 0, into: &bytes, from: 0)
        return bytes
    }

    /// A copy that may be changed.
    static func drive(_ name: String) throws -> MemoryDrive {
        let drive = MemoryDrive(seed: 1)
        let source = try disk(name)
        for file in try source.list() { drive.version.place(file, try bytes(source, file)) }
        _ = drive.directory
        return drive
    }
}
