// State of one connection of a reference server: a plain allocation that libevent's callbacks point to.
import CLibevent
import Glibc

/// Lives from accept to close. Buffers exist only while bytes wait.
@unsafe struct RawConnection {
    unowned(unsafe) var server: RawServer
    var fd: Int32
    /// Set for one direction at a time.
    var event = unsafe CLibevent.event()
    var isGreeted = false
    var isClosing = false
    /// The beginning of an unfinished frame.
    var partial: UnsafeMutableRawPointer?
    var partialCount = 0
    /// Bytes the kernel would not take yet; reading rests meanwhile.
    var unsent: UnsafeMutableRawPointer?
    var unsentCount = 0
    var unsentOffset = 0
    /// Place among the server's watchers; -1 for none.
    var watcherIndex = -1

    init(server: RawServer, fd: Int32) {
        unsafe self.server = server
        unsafe self.fd = fd
    }
}

/// Big-endian fields of the client protocol at raw addresses.
enum Wire {
    @inline(__always) static func int32(_ at: UnsafeRawPointer) -> Int32 {
        Int32(bigEndian: unsafe at.loadUnaligned(as: Int32.self))
    }

    @inline(__always) static func put<Value: FixedWidthInteger & BitwiseCopyable>(
        _ value: Value, _ at: UnsafeMutableRawPointer
    ) {
        unsafe at.storeBytes(of: value.bigEndian, as: Value.self)
    }
}
