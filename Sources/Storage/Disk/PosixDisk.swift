// The real disk: thin over system calls, restarted when interrupted, continued when short.

import CKernel
import Glibc

/// A directory of the file system.
public struct PosixDisk: Disk {
    public let path: String

    /// The directory must exist.
    public init(path: String) throws(StorageError) {
        self.path = path
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { throw .directoryMissing(path) }
    }

    private func full(_ name: String) -> String { path + "/" + name }

    public func list() throws(StorageError) -> [String] {
        guard let directory = unsafe opendir(path) else { throw failure("opendir", path) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        errno = 0
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        if errno != 0 { throw failure("readdir", path) }
        return names
    }

    public func size(of name: String) throws(StorageError) -> Int? {
        var status = stat()
        if unsafe stat(full(name), &status) == 0 { return Int(status.st_size) }
        if errno == ENOENT { return nil }
        throw failure("stat", full(name))
    }

    public func open(_ name: String, _ mode: OpenMode) throws(StorageError) -> PosixFile {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .update: O_RDWR
            case .create: O_RDWR | O_CREAT | O_TRUNC
            }
        let path = full(name)
        let descriptor = restarting { unsafe Glibc.open(path, flags | O_CLOEXEC, 0o644) }
        if descriptor < 0 { throw failure("open", path) }
        return PosixFile(name: name, path: path, descriptor: descriptor)
    }

    public func rename(_ name: String, to: String) throws(StorageError) {
        if unsafe Glibc.rename(full(name), full(to)) != 0 { throw failure("rename", full(name)) }
    }

    public func remove(_ name: String) throws(StorageError) {
        if unsafe unlink(full(name)) != 0 { throw failure("unlink", full(name)) }
    }

    public func syncDirectory() throws(StorageError) {
        let descriptor = restarting { unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        if descriptor < 0 { throw failure("open", path) }
        defer { close(descriptor) }
        if restarting({ fsync(descriptor) }) != 0 { throw failure("fsync", path) }
    }
}

/// A file of a `PosixDisk`.
public final class PosixFile: DiskFile {
    public let name: String
    private let path: String
    private let descriptor: Int32

    init(name: String, path: String, descriptor: Int32) {
        self.name = name
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    public func size() throws(StorageError) -> Int {
        var status = stat()
        if unsafe fstat(descriptor, &status) != 0 { throw failure("fstat", path) }
        return Int(status.st_size)
    }

    public func read(at offset: Int, into buffer: inout [UInt8], from start: Int) throws(StorageError) -> Int {
        var done = 0
        while start + done < buffer.count {
            let got = unsafe buffer.withUnsafeMutableBytes { bytes in
                restarting {
                    unsafe pread(
                        descriptor, bytes.baseAddress! + start + done, bytes.count - start - done, off_t(offset + done))
                }
            }
            if got < 0 { throw failure("read", path) }
            if got == 0 { break }
            done += got
        }
        return done
    }

    /// Passes over holes, such as the preallocated part of a log, without reading them.
    public func nextData(from offset: Int) throws(StorageError) -> Int? {
        let found = restarting { ckernel_seek_data(descriptor, offset) }
        if found >= 0 { return Int(found) }
        // What else goes wrong is told by the reading that follows.
        return errno == ENXIO ? nil : offset
    }

    public func write(_ bytes: Span<UInt8>, at offset: Int) throws(StorageError) {
        var done = 0
        while done < bytes.count {
            let put = unsafe bytes.withUnsafeBytes { bytes in
                restarting {
                    unsafe pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
                }
            }
            if put <= 0 { throw failure("write", path) }
            done += put
        }
    }

    public func truncate(to size: Int) throws(StorageError) {
        if restarting({ ftruncate(descriptor, off_t(size)) }) != 0 { throw failure("truncate", path) }
    }

    public func sync() throws(StorageError) {
        if restarting({ fdatasync(descriptor) }) != 0 { throw failure("fdatasync", path) }
    }
}

private func failure(_ operation: String, _ path: String) -> StorageError {
    .disk(operation: operation, file: path, errno: errno)
}

/// Calls again while a signal cut the call short.
private func restarting<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}
