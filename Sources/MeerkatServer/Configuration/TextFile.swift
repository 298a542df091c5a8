// Reading a small file whole, with the reason when it cannot be. Separate, so that the rest of the configuration code
// touches no file descriptor.
import Glibc

enum TextFile {
    /// Why a file could not be read, in the system's words.
    struct ReadError: Error, Equatable, CustomStringConvertible {
        var description: String
        /// The file does not exist, as opposed to being out of reach.
        var isMissing = false
    }

    /// Largest file read: a configuration longer than this is some other file named by mistake.
    static let maximumBytes = 1 << 20

    static func read(_ path: String) throws(ReadError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError() }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw systemError()
            }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            if bytes.count > maximumBytes { throw ReadError(description: "larger than \(maximumBytes) bytes") }
        }
    }

    private static func systemError() -> ReadError {
        let code = errno
        return unsafe ReadError(description: String(cString: strerror(code)), isMissing: code == ENOENT)
    }
}
