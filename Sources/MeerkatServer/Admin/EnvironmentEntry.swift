// The lines of `envi`, gathered from the system once at start.
import Glibc

/// One line of `envi`.
public struct EnvironmentEntry: Equatable, Sendable {
    public var key: String
    public var value: String

    public init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }

    /// The keys ZooKeeper prints, in its order. What only a Java runtime has is `<NA>`.
    public static func current() -> [EnvironmentEntry] {
        var system = utsname()
        _ = unsafe uname(&system)
        let page = Int64(sysconf(Int32(_SC_PAGESIZE)))
        let total = Int64(sysconf(Int32(_SC_PHYS_PAGES))) * page >> 20
        let free = Int64(sysconf(Int32(_SC_AVPHYS_PAGES))) * page >> 20
        let java = ["version", "vendor", "home", "class.path", "library.path", "io.tmpdir", "compiler"]
        return [
            EnvironmentEntry("zookeeper.version", ServerVersion.text),
            EnvironmentEntry("host.name", text(of: system.nodename)),
        ] + java.map { EnvironmentEntry("java.\($0)", "<NA>") } + [
            EnvironmentEntry("os.name", text(of: system.sysname)),
            EnvironmentEntry("os.arch", text(of: system.machine)),
            EnvironmentEntry("os.version", text(of: system.release)),
            EnvironmentEntry("user.name", unsafe user { unsafe $0.pw_name }),
            EnvironmentEntry("user.home", unsafe user { unsafe $0.pw_dir }),
            EnvironmentEntry("user.dir", workingDirectory()),
            EnvironmentEntry("os.memory.free", "\(free)MB"),
            EnvironmentEntry("os.memory.max", "\(total)MB"),
            EnvironmentEntry("os.memory.total", "\(total)MB"),
        ]
    }

    /// The characters up to the first zero of a fixed C array.
    private static func text<Bytes>(of field: Bytes) -> String {
        unsafe withUnsafeBytes(of: field) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private static func user(_ field: (passwd) -> UnsafeMutablePointer<CChar>?) -> String {
        guard let entry = unsafe getpwuid(getuid()), let name = unsafe field(entry.pointee) else {
            return "?"
        }
        return unsafe String(cString: name)
    }

    private static func workingDirectory() -> String {
        guard let path = unsafe getcwd(nil, 0) else { return "?" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }
}
