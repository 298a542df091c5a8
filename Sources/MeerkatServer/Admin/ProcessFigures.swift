// What the kernel knows of this process and its files.

import Glibc

enum ProcessFigures {
    static var openDescriptors: Int { count(of: "/proc/self/fd") { _ in 1 } }

    static var maximumDescriptors: Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return Int(clamping: limit.rlim_cur)
    }

    /// The sizes of a directory's files together; sparse tails count, as upstream counts them.
    static func bytes(in directory: String) -> Int64 {
        Int64(
            count(of: directory) { name in
                var status = stat()
                return unsafe stat(directory + "/" + name, &status) == 0 ? Int(status.st_size) : 0
            })
    }

    private static func count(of directory: String, _ value: (String) -> Int) -> Int {
        guard let stream = unsafe opendir(directory) else { return 0 }
        defer { unsafe closedir(stream) }
        var total = 0
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { total += value(name) }
        }
        return total
    }
}
