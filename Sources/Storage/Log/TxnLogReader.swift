// Reads records across log files, and tells the end of a log from damage to it.

public import Jute

/// A forward reader. It changes nothing on disk; what a crash left behind is reported for recovery to remove.
///
/// Upstream (ZooKeeper 3.9) takes a missing mark or a length of 0 for the end of the file, whatever follows, and
/// thereby drops acknowledged records in silence. Here such a place is an end only if nothing but zeros follows.
public struct TxnLogReader<D: Disk> {
    private let disk: D
    private let files: [LogFileName]
    private let start: Zxid
    private var nextFile = 0
    private var window: LogWindow<D.File>?
    private var offset = 0
    /// What `next` takes its records from.
    private var run: LogRun?
    /// A tear in a file that is not the last one: harmless only if the next record takes its place.
    private var openTear: LogTear?

    /// The highest zxid of all records passed, those before the start included; `.none` when there was none.
    public private(set) var lastZxid = Zxid.none
    /// Torn ends met so far.
    public private(set) var tears: [LogTear] = []
    /// A last file of length 0, which upstream deletes (ZOOKEEPER-2332).
    public private(set) var emptyLastFile: String?

    /// Records from `start` on. Not beside a running writer: what is not durable yet would be read, too.
    public init(disk: D, from start: Zxid) throws(StorageError) {
        let all = LogFileName.sorted(try disk.list())
        // The largest name below the start may hold it too.
        let first = all.lastIndex { $0.zxid < start } ?? 0
        self.init(disk: disk, files: Array(all[first...]), from: start)
    }

    init(disk: D, files: [LogFileName], from start: Zxid = .zero) {
        self.disk = disk
        self.files = files
        self.start = start
    }

    /// The next record, nil at the end of the log.
    public mutating func next() throws(StorageError) -> LoggedTxn? {
        while true {
            if let txn = run?.next() { return txn }
            run = try nextRun()
            if run == nil { return nil }
        }
    }

    /// The next records that can be had from the disk in one go, nil at the end of the log. Not to be mixed with `next`.
    public mutating func nextRun() throws(StorageError) -> LogRun? {
        while true {
            if window == nil {
                guard try openNextFile() else { return nil }
            }
            guard var file = window.take() else { return nil }
            let begin = offset
            guard let end = try endOfRecord(in: &file) else { continue }
            let base = try file.load(begin, end - begin)
            let zxid = LogFormat.zxid(
                ofPayload: file.bytes.extracting(LogFormat.payload(ofRecordAt: base, in: file.bytes)))
            try close(openTear, before: zxid, in: file.file.name)
            openTear = nil
            lastZxid = max(lastZxid, zxid)
            let (rest, last) = LogStep.wholeRecords(in: file.bytes, from: base + end - begin)
            lastZxid = max(lastZxid, last)
            offset = begin + rest - base
            let found = LogRun(
                file: file.file.name, bytes: file.buffer, base: begin - base, records: base..<rest, start: start)
            window = file
            if lastZxid >= start { return found }
        }
    }

    /// Upstream leaves a torn record where it is and goes on in a new file. That lost nothing if the next record is the
    /// one that was torn, or one before it.
    private func close(_ tear: LogTear?, before zxid: Zxid, in file: String) throws(StorageError) {
        guard let tear, zxid.rawValue > max(lastZxid.rawValue, start.rawValue - 1) + 1 else { return }
        throw .corruptLog(
            file: tear.file, offset: tear.offset, reason: "\(tear.reason), and the log goes on with \(zxid) in \(file)")
    }

    /// Whether the first file holds at least one whole record, or anything that cannot be told from one.
    func holdsRecord() throws(StorageError) -> Bool {
        guard let name = files.first?.text, let size = try disk.size(of: name), size >= LogFormat.headerSize else {
            return false
        }
        var copy = self
        do {
            return try copy.next() != nil
        } catch {
            if case .disk = error { throw error }
            return true
        }
    }

    private mutating func openNextFile() throws(StorageError) -> Bool {
        guard nextFile < files.count else { return false }
        let name = files[nextFile].text
        nextFile += 1
        var opened = try LogWindow(try disk.open(name, .read))
        if opened.size == 0 {
            guard nextFile == files.count else {
                throw .corruptLog(file: name, offset: 0, reason: "empty, but not the last file")
            }
            emptyLastFile = name
            return false
        }
        guard opened.size >= LogFormat.headerSize else {
            throw .corruptLog(file: name, offset: opened.size, reason: "the header is cut short")
        }
        let base = try opened.load(0, LogFormat.headerSize)
        let magic = opened.bytes.bigEndian(at: base, as: Int32.self)
        guard magic == LogFormat.magic else {
            throw .corruptLog(
                file: name, offset: 0, reason: "the file begins with 0x\(String(UInt32(bitPattern: magic), radix: 16))")
        }
        let version = opened.bytes.bigEndian(at: base + 4, as: Int32.self)
        guard version == LogFormat.version else {
            throw .corruptLog(file: name, offset: 4, reason: "version \(version)")
        }
        window = opened
        offset = LogFormat.headerSize
        return true
    }

    /// Where the record at `offset` ends; nil at the end of the file, torn or not.
    private mutating func endOfRecord(in file: inout LogWindow<D.File>) throws(StorageError) -> Int? {
        let name = file.file.name
        switch try LogStep(in: &file, at: offset) {
        case .record(let payload): return payload.upperBound + 1
        case .end: return nil
        case .torn(let reason):
            let tear = LogTear(file: name, offset: offset, fileSize: file.size, reason: reason)
            tears.append(tear)
            openTear = openTear ?? tear
            return nil
        case .damaged(let reason):
            throw .corruptLog(file: name, offset: offset, reason: reason)
        }
    }
}
