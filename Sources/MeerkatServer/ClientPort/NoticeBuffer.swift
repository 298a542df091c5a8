// Notifications on their way out. Separate because their bytes are shared: each event is encoded once and sent from
// here to every connection that is told of it.
import Jute
import Tree

/// The notifications a worker has queued and not sent to all concerned. What waits for a connection is one piece of
/// them; events told to the same connections stand side by side, so that they leave in one send.
public struct NoticeBuffer {
    /// Half the size of a range of `Int`: there is one for every connection.
    public typealias Piece = Range<UInt32>

    private var bytes: [UInt8] = []
    /// Memory kept for the next notifications.
    private static let ordinaryCapacity = 1 << 16

    var count: Int { bytes.count }

    mutating func append(_ event: WatchEvent, zxid: Zxid, path: UString) -> Piece {
        let start = UInt32(bytes.count)
        bytes += event.frame(zxid: zxid, path: path)
        return start..<UInt32(bytes.count)
    }

    func withUnsafeBytes<Result>(_ piece: Piece, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let range = Int(piece.lowerBound)..<Int(piece.upperBound)
        return unsafe bytes.withUnsafeBytes { unsafe body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// Nobody refers to anything here any more.
    mutating func reset() { bytes.removeAll(keepingCapacity: bytes.count <= Self.ordinaryCapacity) }
}

extension WatchEvent {
    /// The state that every notification reports: connected.
    private static let syncConnected: Int32 = 3

    func frame(zxid: Zxid, path: UString) -> [UInt8] {
        var encoder = JuteEncoder(capacity: 64 + path.bytes.count)
        encoder.write(0 as Int32)
        encoder.write(ReplyHeader(xid: .notification, zxid: zxid, err: .ok))
        encoder.write(WatcherEvent(type: rawValue, state: Self.syncConnected, path: path))
        encoder.patch(Int32(encoder.count - 4), at: 0)
        return encoder.bytes
    }
}

/// An event of one change, encoded when the first watcher turns up.
struct PendingNotice {
    let event: WatchEvent
    let zxid: Zxid
    let path: UString
    /// Nil where everybody may read.
    let acl: [ACL]?
    /// Empty before the first watcher.
    private var piece: NoticeBuffer.Piece = 0..<0

    init(_ event: WatchEvent, zxid: Zxid, path: UString, acl: [ACL]?) {
        self.event = event
        self.zxid = zxid
        self.path = path
        self.acl = acl
    }

    mutating func piece(in buffer: inout NoticeBuffer) -> NoticeBuffer.Piece {
        if piece.isEmpty { piece = buffer.append(event, zxid: zxid, path: path) }
        return piece
    }
}
