// The little that is needed of threads beside `NamedThread`.

import Glibc

enum Thread {
    /// Lets the calling thread rest.
    static func pause(ms: UInt32) { usleep(ms * 1000) }
}
