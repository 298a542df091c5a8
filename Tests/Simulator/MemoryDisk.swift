// A disk in memory that forgets: what a real one may lose in a crash, this one loses, as a seeded generator decides.

public import Storage

/// How much order a crash leaves in what was not synced.
public enum CrashModel: Hashable, Sendable {
    /// Of each file's writes, and of each directory's changes, a beginning survives; the last write may be torn
    /// anywhere.
    case prefix
    /// Every 512-byte sector of an unsynced write, and every change of a directory, survives or not on its own.
    case anyOrder
}

/// The directories of one server. Calls from one thread at a time.
///
/// Crash points: `crash(afterOperations: n)` lets n more changing operations (create, write, truncate, sync, rename,
/// remove, directory sync) through and dies in the next one, which may then have happened partly. From then on every
/// call throws until `restart`, which decides what survived.
public final class MemoryDrive: @unchecked Sendable {
    private var random: UInt64
    private var directories: [String: MemoryDirectory] = [:]
    private var operationsLeft: Int?
    private var generation = 0
    /// Changing operations since the beginning.
    public private(set) var operationCount = 0
    public private(set) var isDown = false

    public init(seed: UInt64) { random = seed }

    public func disk(_ path: String) -> MemoryDisk {
        if directories[path] == nil { directories[path] = MemoryDirectory() }
        return MemoryDisk(drive: self, path: path)
    }

    public func crash(afterOperations count: Int) { operationsLeft = count }

    /// A power failure that was ordered and has not happened does not.
    public func cancelCrash() { operationsLeft = nil }

    /// The power fails now.
    public func crash() { isDown = true }

    /// Nothing of what was not synced is certain to be there.
    public func restart(_ model: CrashModel = .prefix) {
        for path in directories.keys.sorted() { directories[path]?.settle(model) { self.next() } }
        isDown = false
        operationsLeft = nil
        generation += 1
    }

    /// SplitMix64.
    private func next() -> UInt64 {
        random &+= 0x9e37_79b9_7f4a_7c15
        var value = random
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    // MARK: For disks and files

    fileprivate var currentGeneration: Int { generation }

    fileprivate func directory(_ path: String) -> MemoryDirectory {
        guard let directory = directories[path] else { preconditionFailure("no directory \(path)") }
        return directory
    }

    fileprivate func check(_ operation: String, _ file: String, generation: Int? = nil) throws(StorageError) {
        if isDown || generation != nil && generation != self.generation { throw Self.down(operation, file) }
    }

    /// A change: performed, then fatal if the time has come. A sync that dies has not happened.
    fileprivate func change(
        _ operation: String, _ file: String, generation: Int? = nil, isSync: Bool = false, _ body: () -> Void
    ) throws(StorageError) {
        try check(operation, file, generation: generation)
        operationCount += 1
        guard let left = operationsLeft else { return body() }
        if left == 0 {
            isDown = true
            if !isSync || next() & 1 == 0 { body() }
            throw Self.down(operation, file)
        }
        operationsLeft = left - 1
        body()
    }

    private static func down(_ operation: String, _ file: String) -> StorageError {
        .disk(operation: operation, file: file, errno: 5)
    }
}

/// One directory of a `MemoryDrive`.
public struct MemoryDisk: Disk {
    fileprivate let drive: MemoryDrive
    public let path: String

    private var directory: MemoryDirectory { drive.directory(path) }

    public func list() throws(StorageError) -> [String] {
        try drive.check("list", path)
        return directory.entries.keys.sorted()
    }

    public func size(of name: String) throws(StorageError) -> Int? {
        try drive.check("stat", name)
        return directory.entries[name]?.content.count
    }

    public func open(_ name: String, _ mode: OpenMode) throws(StorageError) -> MemoryFile {
        try drive.check("open", name)
        let directory = directory
        if mode == .create {
            try drive.change("create", name) {
                if let old = directory.entries[name] { old.truncate(0) } else { directory.link(name, MemoryInode()) }
            }
        }
        guard let inode = directory.entries[name] else { throw .disk(operation: "open", file: name, errno: 2) }
        return MemoryFile(drive: drive, name: name, inode: inode)
    }

    public func rename(_ name: String, to: String) throws(StorageError) {
        let directory = directory
        guard directory.entries[name] != nil else { throw .disk(operation: "rename", file: name, errno: 2) }
        try drive.change("rename", name) { directory.rename(name, to) }
    }

    public func remove(_ name: String) throws(StorageError) {
        let directory = directory
        guard directory.entries[name] != nil else { throw .disk(operation: "remove", file: name, errno: 2) }
        try drive.change("remove", name) { directory.unlink(name) }
    }

    public func syncDirectory() throws(StorageError) {
        let directory = directory
        try drive.change("sync", path, isSync: true) { directory.sync() }
    }

    /// Puts a durable file there, for tests.
    public func place(_ name: String, _ bytes: [UInt8]) {
        let inode = MemoryInode()
        inode.write(bytes, 0)
        inode.sync()
        directory.link(name, inode)
        directory.sync()
    }

    /// What a file holds now; nil when it does not exist.
    public func contents(_ name: String) -> [UInt8]? { directory.entries[name]?.content }
}

/// An open file of a `MemoryDisk`. It fails for good once its drive has crashed.
public final class MemoryFile: DiskFile {
    private let drive: MemoryDrive
    private let inode: MemoryInode
    private let generation: Int
    public let name: String

    fileprivate init(drive: MemoryDrive, name: String, inode: MemoryInode) {
        self.drive = drive
        self.name = name
        self.inode = inode
        generation = drive.currentGeneration
    }

    public func size() throws(StorageError) -> Int {
        try drive.check("stat", name, generation: generation)
        return inode.content.count
    }

    public func read(at offset: Int, into buffer: inout [UInt8], from start: Int) throws(StorageError) -> Int {
        try drive.check("read", name, generation: generation)
        let count = min(buffer.count - start, max(0, inode.content.count - offset))
        if count > 0 { overwrite(&buffer, at: start, with: inode.content[offset..<offset + count]) }
        return max(0, count)
    }

    public func write(_ bytes: Span<UInt8>, at offset: Int) throws(StorageError) {
        let copy = bytes.withUnsafeBufferPointer { Array($0) }
        try drive.change("write", name, generation: generation) { inode.write(copy, offset) }
    }

    public func truncate(to size: Int) throws(StorageError) {
        try drive.change("truncate", name, generation: generation) { inode.truncate(size) }
    }

    public func sync() throws(StorageError) {
        try drive.change("sync", name, generation: generation, isSync: true) { inode.sync() }
    }
}

/// A file's content now, the content that is safe, and the changes between the two.
private final class MemoryInode {
    private enum Change {
        case write([UInt8], Int)
        case truncate(Int)
    }

    private(set) var content: [UInt8] = []
    private var durable: [UInt8] = []
    private var changes: [Change] = []

    func write(_ bytes: [UInt8], _ offset: Int) {
        if bytes.isEmpty { return }
        changes.append(.write(bytes, offset))
        Self.put(bytes[...], offset, &content)
    }

    func truncate(_ size: Int) {
        changes.append(.truncate(size))
        Self.cut(size, &content)
    }

    func sync() {
        durable = content
        changes = []
    }

    func settle(_ model: CrashModel, _ next: () -> UInt64) {
        var survived = durable
        switch model {
        case .prefix:
            let kept = changes.isEmpty ? 0 : Int(next() % UInt64(changes.count + 1))
            for change in changes[..<kept] { Self.apply(change, &survived) }
            if kept < changes.count, case .write(let bytes, let offset) = changes[kept] {
                let torn = bytes[..<Int(next() % UInt64(bytes.count + 1))]
                if !torn.isEmpty { Self.put(torn, offset, &survived) }
            }
        case .anyOrder:
            for change in changes {
                guard case .write(let bytes, let offset) = change else {
                    if next() & 1 == 0 { Self.apply(change, &survived) }
                    continue
                }
                var position = 0
                while position < bytes.count {
                    let end = min(bytes.count, (offset + position) / 512 * 512 + 512 - offset)
                    if next() & 1 == 0 { Self.put(bytes[position..<end], offset + position, &survived) }
                    position = end
                }
            }
        }
        content = survived
        durable = survived
        changes = []
    }

    private static func apply(_ change: Change, _ content: inout [UInt8]) {
        switch change {
        case .write(let bytes, let offset): put(bytes[...], offset, &content)
        case .truncate(let size): cut(size, &content)
        }
    }

    private static func put(_ bytes: ArraySlice<UInt8>, _ offset: Int, _ content: inout [UInt8]) {
        cut(max(content.count, offset + bytes.count), &content)
        overwrite(&content, at: offset, with: bytes)
    }

    /// Shorter, or longer by zeros.
    private static func cut(_ size: Int, _ content: inout [UInt8]) {
        if size < content.count {
            content.removeLast(content.count - size)
        } else {
            content += [UInt8](repeating: 0, count: size - content.count)
        }
    }
}

/// Copies in one go: element by element would make unoptimised simulations slow.
private func overwrite(_ target: inout [UInt8], at offset: Int, with bytes: ArraySlice<UInt8>) {
    precondition(offset + bytes.count <= target.count, "\(bytes.count) bytes at \(offset) of \(target.count)")
    target.withUnsafeMutableBytes { target in
        bytes.withUnsafeBytes { source in
            guard let from = source.baseAddress, let to = target.baseAddress else { return }
            (to + offset).copyMemory(from: from, byteCount: source.count)
        }
    }
}

/// A directory's entries now, those that are safe, and the changes between the two.
private final class MemoryDirectory {
    private enum Change {
        case link(String, MemoryInode)
        case rename(String, String)
        case unlink(String)
    }

    private(set) var entries: [String: MemoryInode] = [:]
    private var durable: [String: MemoryInode] = [:]
    private var changes: [Change] = []

    func link(_ name: String, _ inode: MemoryInode) { change(.link(name, inode)) }
    func rename(_ name: String, _ to: String) { change(.rename(name, to)) }
    func unlink(_ name: String) { change(.unlink(name)) }

    func sync() {
        durable = entries
        changes = []
    }

    func settle(_ model: CrashModel, _ next: () -> UInt64) {
        var survived = durable
        switch model {
        case .prefix:
            let kept = changes.isEmpty ? 0 : Int(next() % UInt64(changes.count + 1))
            for change in changes[..<kept] { Self.apply(change, &survived) }
        case .anyOrder:
            for change in changes where next() & 1 == 0 { Self.apply(change, &survived) }
        }
        entries = survived
        durable = survived
        changes = []
        for name in entries.keys.sorted() { entries[name]?.settle(model, next) }
    }

    private func change(_ change: Change) {
        changes.append(change)
        Self.apply(change, &entries)
    }

    private static func apply(_ change: Change, _ entries: inout [String: MemoryInode]) {
        switch change {
        case .link(let name, let inode): entries[name] = inode
        case .rename(let name, let to): if let inode = entries.removeValue(forKey: name) { entries[to] = inode }
        case .unlink(let name): entries[name] = nil
        }
    }
}
