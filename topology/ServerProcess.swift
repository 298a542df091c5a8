// One operating-system process: started in a session of its own, recognised again by a later command, stopped politely.
import Foundation
import Glibc

/// A running server, found through its pid file.
struct ServerProcess {
    let pid: pid_t
    /// Clock ticks after boot at which it started: a process that got the same number later has another.
    private let startTime: String

    /// Seconds a server has to end after SIGTERM before SIGKILL follows.
    private static let patience = 10.0

    /// nil unless the recorded process lives, started when recorded, and was given this configuration file.
    init?(pidFile: String, configurationFile: String) {
        guard let text = try? String(contentsOfFile: pidFile, encoding: .utf8) else { return nil }
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count == 2, let pid = pid_t(words[0]), pid > 1, Self.startTime(of: pid) == words[1],
            let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"),
            line.split(separator: 0).contains(where: { String(decoding: $0, as: UTF8.self) == configurationFile })
        else { return nil }
        self.pid = pid
        startTime = words[1]
    }

    static func record(_ pid: pid_t, in pidFile: String) throws {
        guard let time = startTime(of: pid) else { throw Failure("process \(pid) ended at once") }
        try "\(pid) \(time)\n".write(toFile: pidFile, atomically: true, encoding: .utf8)
    }

    /// Field 22 of /proc/PID/stat; nil for a process that is gone or only waits to be reaped.
    private static func startTime(of pid: pid_t) -> String? {
        waitpid(pid, nil, WNOHANG)  // reaps it if it was our own child
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        // The name in parentheses may hold blanks; the fields after it are numbers.
        let fields = String(decoding: data, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 19, fields[0] != "Z" else { return nil }
        return String(fields[19])
    }

    private var lives: Bool { Self.startTime(of: pid) == startTime }

    /// Sends SIGTERM.
    func ask() {
        if lives { _ = Glibc.kill(pid, SIGTERM) }
    }

    /// Sends SIGKILL and waits until the process is gone.
    func kill() {
        if lives { _ = Glibc.kill(pid, SIGKILL) }
        while lives { Thread.sleep(forTimeInterval: 0.01) }
    }

    /// SIGTERM, and SIGKILL when that does not help in time.
    /// - Returns: whether it ended by itself.
    @discardableResult
    func stop() -> Bool {
        ask()
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        while lives, Date() < deadline { Thread.sleep(forTimeInterval: 0.02) }
        guard lives else { return true }
        kill()
        return false
    }

    /// Starts a command detached from this terminal, its output appended to a log, no descriptor inherited.
    static func spawn(_ command: [String], logFile: String) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe posix_spawnattr_setflags(&attributes, setsidFlag)
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, logFile, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        closeInheritedDescriptorsOnExec()
        var arguments = unsafe command.map { unsafe strdup($0) }
        defer { unsafe arguments.forEach { unsafe free($0) } }
        unsafe arguments.append(nil)
        var pid: pid_t = 0
        let code = unsafe posix_spawn(&pid, command[0], &actions, &attributes, arguments, environ)
        guard code == 0 else {
            throw Failure(unsafe "cannot start \(command[0]): \(String(cString: strerror(code)))")
        }
        return pid
    }

    /// POSIX_SPAWN_SETSID, which the C library shows only to programs that ask for GNU extensions: the server leads a
    /// session of its own, so that closing this terminal does not end it.
    private static let setsidFlag: Int16 = 0x80

    /// Whatever this process was given open must not stay open in servers that outlive it (locks, pipes).
    private static func closeInheritedDescriptorsOnExec() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        for descriptor in names.compactMap(Int32.init) where descriptor > 2 {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }
}
