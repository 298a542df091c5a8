// Appends records to the log. Nothing is durable before `sync` returns; a thrown error leaves the log unusable.

public import Jute

/// What an operator may set about the log.
public struct TxnLogOptions: Hashable, Sendable {
    /// `zookeeper.preAllocSize`.
    public var preallocation = LogPreallocation.standard
    /// `zookeeper.txnLogSizeLimitInKb`, in bytes: a file larger than this after a sync is rolled; nil for no limit.
    public var fileSizeLimit: Int?
    /// `zookeeper.forceSync`: false trades every promise of durability for speed.
    public var forceSync = true

    public init() {}
}

/// The one writer of a log directory. Every run starts a new file at its first append, as upstream does, named by that
/// record; an older file is never appended to.
public struct TxnLogWriter<D: Disk> {
    /// Bytes gathered before they are handed to the disk in one call.
    private static var coalescingLimit: Int { 1 << 20 }
    /// No log for anyone who reads names, Apache included, until it is renamed.
    static var unborn: String { "tmp.log" }

    private let disk: D
    private let options: TxnLogOptions
    private var file: D.File?
    private var pending: [UInt8] = []
    /// Where `pending` belongs.
    private var flushedPosition = 0
    /// The size preallocation asks for, and the one the file has got.
    private var wantedSize = 0
    private var grownSize = 0
    private var directoryNeedsSync = false
    private var needsSync = false

    /// The last zxid appended; `.none` before the first.
    public private(set) var lastAppended = Zxid.none
    /// Records whose zxid was not above the one before: written all the same, as upstream does, and worth a warning.
    public private(set) var outOfOrder = 0
    /// Bytes of records, heads and marks appended to the current file.
    public private(set) var bytesInFile = 0

    public init(disk: D, options: TxnLogOptions = TxnLogOptions()) {
        self.disk = disk
        self.options = options
    }

    /// Adds one record. `payload` is a serialised transaction carrying `zxid`.
    @specialized(where D == PosixDisk)
    public mutating func append(_ zxid: Zxid, _ payload: [UInt8]) throws(StorageError) {
        precondition(
            payload.count >= LogFormat.smallestPayload && payload.count <= LogFormat.largestPayload,
            "a transaction of \(payload.count) bytes")
        precondition(LogFormat.zxid(ofPayload: payload.span) == zxid, "the transaction is not \(zxid)")
        if file == nil { try startFile(zxid) }
        if zxid <= lastAppended { outOfOrder += 1 }
        wantedSize = options.preallocation.size(before: flushedPosition + pending.count, size: wantedSize)
        pending.append(bigEndian: Adler32.of(payload.span))
        pending.append(bigEndian: Int32(payload.count))
        pending.append(contentsOf: payload)
        pending.append(LogFormat.mark)
        bytesInFile += payload.count + LogFormat.recordHeadSize + 1
        lastAppended = zxid
        needsSync = true
        if pending.count >= Self.coalescingLimit { try flush() }
    }

    /// Makes every record appended so far durable: one `fdatasync`, and one of the directory after a new file.
    public mutating func sync() throws(StorageError) {
        try makeDurable()
        if let limit = options.fileSizeLimit, file != nil, flushedPosition > limit { end() }
    }

    /// Ends the current file; the next append starts another. What was appended is durable afterwards: a later file
    /// must never survive a crash that an earlier one did not.
    public mutating func roll() throws(StorageError) {
        try makeDurable()
        end()
    }

    private mutating func end() {
        file = nil
        bytesInFile = 0
    }

    private mutating func makeDurable() throws(StorageError) {
        try flush()
        if needsSync, options.forceSync, let file { try file.sync() }
        needsSync = false
        if directoryNeedsSync, options.forceSync { try disk.syncDirectory() }
        directoryNeedsSync = false
    }

    /// The file appears under its name only with a complete header, so a header cut short is always damage.
    private mutating func startFile(_ zxid: Zxid) throws(StorageError) {
        let name = LogFileName(zxid).text
        if try disk.size(of: name) != nil, try TxnLogReader(disk: disk, files: [LogFileName(zxid)]).holdsRecord() {
            throw .logFileInUse(file: name)
        }
        let fresh = try disk.open(Self.unborn, .create)
        try fresh.write(LogFormat.header.span, at: 0)
        if options.forceSync { try fresh.sync() }
        try disk.rename(Self.unborn, to: name)
        directoryNeedsSync = true
        file = fresh
        flushedPosition = LogFormat.headerSize
        wantedSize = LogFormat.headerSize
        grownSize = LogFormat.headerSize
        bytesInFile = 0
    }

    /// Hands gathered records to the disk, then grows the file if the records did not reach the wanted size themselves.
    /// They then survive the end of the process, but not yet that of the machine.
    public mutating func flush() throws(StorageError) {
        guard !pending.isEmpty, let file else { return }
        try file.write(pending.span, at: flushedPosition)
        flushedPosition += pending.count
        pending.removeAll(keepingCapacity: true)
        if wantedSize > grownSize, wantedSize > flushedPosition {
            let zero: [UInt8] = [0]
            try file.write(zero.span, at: wantedSize - 1)
        }
        grownSize = wantedSize
    }
}
